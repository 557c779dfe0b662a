"""A port that is taken is told in one sentence, with the setting that changes it."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
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


def test_a_taken_port_for_mail_gives_way_unless_it_was_chosen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        config = Config(home=tmp_path, port=free_port(), simulator_port=free_port(), simulator_smtp_port=taken)
        assert prepare.claim_ports(config, patience=0).simulator_smtp_port != taken
        with pytest.raises(Conflict, match=f"Port {taken} is taken by another program.* set SIMULATOR_SMTP_PORT"):
            prepare.claim_ports(replace(config, is_smtp_port_chosen=True), patience=0)
