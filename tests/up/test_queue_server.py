"""The queue server that comes along keeps what it was told, whoever is killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from flowbuilder.config import Config
from flowbuilder.errors import Unavailable
from flowbuilder.up import queue_server
from tests.fixtures.servers import stop, until

BECOME = (
    "import sys; from pathlib import Path; from flowbuilder.up import queue_server as q; q.become(Path(sys.argv[1]), Path(sys.argv[2]))"
)


@pytest.fixture
def socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fbq") as folder:
        yield Path(folder, "queue.sock")


@pytest.fixture
def start(socket: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def go() -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen([sys.executable, "-c", BECOME, str(socket), str(socket.parent / "queue")], stdout=subprocess.DEVNULL)
        )
        until(lambda: queue_server.answers(socket))
        return started[-1]

    yield go
    for process in started:
        stop(process)


def test_what_was_queued_is_there_after_an_orderly_restart(start: Callable[[], subprocess.Popen[bytes]], socket: Path) -> None:
    first = start()
    redis.Redis(unix_socket_path=str(socket)).rpush("list", *range(1000))
    stop(first)
    start()
    assert redis.Redis(unix_socket_path=str(socket)).llen("list") == 1000


def test_a_server_that_was_left_behind_is_ended_and_loses_nothing(start: Callable[[], subprocess.Popen[bytes]], socket: Path) -> None:
    left_behind = start()
    redis.Redis(unix_socket_path=str(socket)).rpush("list", *range(1000))
    queue_server.prepare(socket)
    assert left_behind.wait(5) == 0
    start()
    assert redis.Redis(unix_socket_path=str(socket)).llen("list") == 1000


def test_a_socket_of_a_dead_server_is_cleared_away(socket: Path) -> None:
    socket.touch()
    queue_server.prepare(socket)
    assert not socket.exists()


def test_a_home_with_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    config = Config.from_env({"FLOWBUILDER_HOME": str(home)})
    assert config.queue_socket is not None
    assert len(str(config.queue_socket)) < 100
    assert config.queue_socket != Config.from_env({"FLOWBUILDER_HOME": str(home) + "x"}).queue_socket


def test_a_short_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "flowbuilder-0-abc"
    folder.mkdir(mode=0o755)
    with pytest.raises(Unavailable, match="belongs to somebody else"):
        queue_server.prepare(folder / "queue.sock")


def test_another_queue_server_by_setting_needs_none_of_ours() -> None:
    assert Config.from_env({"REDIS_URL": "redis://elsewhere:6379"}).queue_socket is None
