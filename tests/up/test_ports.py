"""A port that is taken is told in one sentence, with the setting that changes it."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from flowbuilder.config import Config
from flowbuilder.errors import Conflict
from flowbuilder.up import ports, prepare
from tests.fixtures.servers import free_port


def test_a_taken_port_names_itself_and_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} is taken by another program.* set PORT to a free port"):
            ports.claim("127.0.0.1", port, "PORT")


def test_a_port_that_becomes_free_in_time_is_had() -> None:
    other = socket.create_server(("127.0.0.1", 0))
    timer = threading.Timer(0.2, other.close)
    timer.start()
    ports.claim("127.0.0.1", other.getsockname()[1], "PORT", patience=5)
    timer.join()


def test_one_port_for_both_servers_is_refused(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(Conflict, match=f"PORT and SIMULATOR_PORT are both {port}"):
        prepare.claim_ports(Config(home=tmp_path, port=port, simulator_port=port), patience=0)
