"""Who holds a row while sending it, so that what a dead process held is found at once."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from functools import lru_cache

LEASE_SECONDS = 15.0
RENEW_SECONDS = 5.0
ONE_SHOT_SECONDS = 60.0
"""For a single send, which is not renewed: longer than the longest wait for an answer."""

_HOST = socket.gethostname()[:60]


def owner() -> str:
    """This process: host, pid and when it started, since pids come again."""
    return _owner(os.getpid())


def until(now: datetime, seconds: float = LEASE_SECONDS) -> datetime:
    return now + timedelta(seconds=seconds)


def is_dead(owner: str) -> bool:
    """Whether the holder was a process of this very host that is no more. Of other hosts only time tells."""
    host, _, rest = owner.rpartition("@")
    pid, _, start = rest.partition(":")
    if host != _HOST or not pid.isdecimal():
        return False
    return _start_of(int(pid)) != start


@lru_cache(maxsize=4)
def _owner(pid: int) -> str:
    return f"{_HOST}@{pid}:{_start_of(pid)}"


def _start_of(pid: int) -> str | None:
    """The kernel's start time of a process; None when there is no such process. Zombies are dead."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            fields = stat.read().rpartition(b")")[2].split()
    except FileNotFoundError:
        return None if os.path.isdir("/proc/self") else _start_elsewhere(pid)
    return None if fields[0] == b"Z" else fields[19].decode()


def _start_elsewhere(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return ""
    return ""
