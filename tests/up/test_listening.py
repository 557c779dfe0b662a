"""The web app's port is shared with another web app of the same home, and with nobody else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowbuilder.config import Config
from flowbuilder.errors import Conflict
from flowbuilder.up import listening
from flowbuilder.up.listening import Listening, listen
from tests.fixtures.servers import free_port


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(home=tmp_path, port=free_port())


@pytest.fixture
def first(config: Config) -> Iterator[Listening]:
    opened = listen(config)
    opened.offer()
    yield opened
    _close(opened)


def _close(opened: Listening) -> None:
    opened.socket.close()
    opened.door.close()


def _connect(config: Config) -> socket.socket:
    return socket.create_connection((config.host, config.port), timeout=5)


def test_who_connected_to_one_that_ends_is_answered_by_the_other(config: Config, first: Listening) -> None:
    second = listen(config)
    assert second.is_shared
    with _connect(config):
        first.socket.close()
        caller, _ = second.socket.accept()
        caller.close()
    with _connect(config):
        pass
    _close(second)


def test_no_part_of_an_answer_waits_until_the_one_before_is_acknowledged(config: Config, first: Listening) -> None:
    with _connect(config):
        caller, _ = first.socket.accept()
        with caller:
            assert caller.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_another_home_does_not_get_in(config: Config, first: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_PATIENCE", 0.0)
    with pytest.raises(Conflict, match=f"Port {config.port} is taken by another program"):
        listen(Config(home=tmp_path / "other", port=config.port))
    assert not first.is_shared


def test_another_person_of_the_machine_does_not_get_in(config: Config, first: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_PATIENCE", 0.1)
    monkeypatch.setattr(listening, "_is_ours", lambda _other: False)
    with pytest.raises(Conflict):
        listen(config)
    assert not first.is_shared
