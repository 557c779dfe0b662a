"""Whether a port is free, told before anything is started."""

from __future__ import annotations

import errno
import socket
import time

from flowbuilder.errors import Conflict, Unavailable


def claim(host: str, port: int, variable: str, *, patience: float = 0.0) -> None:
    """Pass if ``port`` can be had, else say which it is and what changes it. ``patience`` lets a predecessor finish."""
    deadline = time.monotonic() + patience
    while (problem := _problem(host, port)) is not None:
        if problem != errno.EADDRINUSE:
            raise Unavailable(f"Port {port} cannot be opened on {host} ({_reason(problem)}). Set {variable} to another port.")
        if time.monotonic() >= deadline:
            raise Conflict(f"Port {port} is taken by another program. Stop it, or set {variable} to a free port: {variable}=… make run")
        time.sleep(0.05)


def this_or_free(host: str, port: int) -> int:
    """``port`` if it can be had, else one that can."""
    if _problem(host, port) is None:
        return port
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def _problem(host: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno or -1
    return None


def _reason(problem: int) -> str:
    return "only the system may open it" if problem == errno.EACCES else errno.errorcode.get(problem, "unknown reason")
