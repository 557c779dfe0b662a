"""The supervisor with children that do nothing: it starts again whichever ends, and leaves nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fixtures.servers import until

PROGRAM = """
import os, signal, subprocess, sys, time
from pathlib import Path
from flowbuilder.up.supervisor import Child, Supervisor

folder = Path(sys.argv[1])

def sleeper():
    print("born", flush=True)
    (folder / "pids").open("a").write(f"{os.getpid()}\\n")
    time.sleep(600)

def broken():
    (folder / "births").open("a").write("x")
    raise SystemExit(3)

def deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleeper()

def parent():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    sleeper()

with Supervisor(lambda line: print(line, flush=True)) as supervisor:
    for name in sys.argv[2:]:
        supervisor.start(Child(name, globals()[name], folder / f"{name}.log"))
    print("started", flush=True)
    supervisor.watch()
    supervisor.stop(within=float(os.environ.get("WITHIN", 0.5)))
print("stopped", flush=True)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor with the named children."""
    started: list[subprocess.Popen[str]] = []

    def go(*children: str) -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), *children], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None and process.stdout.readline() == "started\n"
        return process

    yield go
    for process in started:
        process.kill()
        process.wait()


def _pids(folder: Path, count: int) -> list[int]:
    file = folder / "pids"
    until(lambda: file.exists() and len(file.read_text().splitlines()) >= count)
    return [int(line) for line in file.read_text().splitlines()]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_that_is_killed_is_started_again(start: Start, tmp_path: Path) -> None:
    supervisor = start("sleeper")
    (first,) = _pids(tmp_path, 1)
    os.kill(first, signal.SIGKILL)
    _, second = _pids(tmp_path, 2)
    assert _is_alive(second) and not _is_alive(first)
    assert supervisor.stdout is not None
    assert supervisor.stdout.readline().startswith("sleeper ended unexpectedly (signal SIGKILL); started again.")


def test_a_child_that_ends_at_once_is_started_ever_more_seldom(start: Start, tmp_path: Path) -> None:
    supervisor = start("broken")
    assert supervisor.stdout is not None
    lines = [supervisor.stdout.readline() for _ in range(3)]
    said = [line.split("; ")[1].split(". ")[0] for line in lines]
    assert said == ["started again", "again in 0.5 s", "again in 1 s"]
    assert (tmp_path / "births").read_text() == "xxx"


def test_ctrl_c_ends_all_children_and_then_itself(start: Start, tmp_path: Path) -> None:
    supervisor = start("sleeper")
    (child,) = _pids(tmp_path, 1)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(5) == 0
    assert not _is_alive(child)


def test_a_child_that_will_not_listen_is_made_to_end(start: Start, tmp_path: Path) -> None:
    supervisor = start("deaf")
    (child,) = _pids(tmp_path, 1)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(5) == 0
    assert not _is_alive(child)


def test_a_second_ctrl_c_waits_for_nobody(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WITHIN", "600")
    supervisor = start("deaf")
    (child,) = _pids(tmp_path, 1)
    supervisor.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        supervisor.wait(0.5)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(5) == 0
    assert not _is_alive(child)


def test_children_end_when_the_supervisor_is_killed(start: Start, tmp_path: Path) -> None:
    supervisor = start("sleeper")
    (child,) = _pids(tmp_path, 1)
    supervisor.kill()
    supervisor.wait()
    until(lambda: not _is_alive(child))


def test_what_a_killed_child_had_started_ends_too(start: Start, tmp_path: Path) -> None:
    start("parent")
    (child,) = _pids(tmp_path, 1)
    (grandchild,) = map(int, Path(f"/proc/{child}/task/{child}/children").read_text().split())
    os.kill(child, signal.SIGKILL)
    until(lambda: not _is_alive(grandchild))


def test_what_a_child_prints_goes_to_its_log(start: Start, tmp_path: Path) -> None:
    start("sleeper")
    _pids(tmp_path, 1)
    assert (tmp_path / "sleeper.log").read_text() == "born\n"
