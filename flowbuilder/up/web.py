"""The web app behind granian: one process that answers, since two writing to one SQLite only wait for each other.

Two web apps of one home share their port, so that one can be replaced while the other answers. The one that leaves first asks its
callers to connect anew, and ends when they had time to.
"""

from __future__ import annotations

import logging
import mmap
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder

from flowbuilder import garbage
from flowbuilder.config import Config
from flowbuilder.up import process
from flowbuilder.up.listening import BACKLOG, Listening, listen

THREADS = 128
"""Fewer slow requests than this at once leave webhooks unhindered, and fast ones are no slower than with four."""
_LEAVING_SECONDS = 2.0
_FINISHING_SECONDS = 25

log = logging.getLogger(__name__)


def serve(app: Flask, config: Config) -> None:
    """Answer until asked to end; what is being answered is finished first."""
    listening = listen(config)
    garbage.keep_what_is_there()
    multiprocessing.set_start_method("fork", force=True)
    leaving = mmap.mmap(-1, 1)
    server = _Server(listening, config)

    def load() -> Callable[..., Iterable[bytes]]:
        process.die_with_parent()
        listening.hand_in()
        log.info("The web app answers on port %s.", config.port, extra={"pid": os.getppid()})
        return _parting(app, leaving)

    def leave(*_: Any) -> None:
        if leaving[0] or not listening.is_shared:
            server.signal_handler_interrupt()
            return
        leaving[0] = 1
        threading.Timer(_LEAVING_SECONDS, server.signal_handler_interrupt).start()

    @server.on_startup
    def open_up() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
        listening.offer()

    server.serve(target_loader=load, wrap_loader=False)


class _Server(Granian):  # type: ignore[misc]
    """Granian on a socket that is open already."""

    def __init__(self, listening: Listening, config: Config) -> None:
        super().__init__(
            "flowbuilder",
            address=config.host,
            port=config.port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=THREADS,
            backlog=BACKLOG,
            backpressure=256,
            respawn_failed_workers=True,
            workers_kill_timeout=_FINISHING_SECONDS,
            http1_settings=HTTP1Settings(header_read_timeout=15_000),
            websockets=False,
            log_enabled=False,
        )
        self._listening = listening

    def _init_shared_socket(self) -> None:
        self._shd = SocketHolder(self._listening.socket.fileno(), False, BACKLOG)
        self._sso = None


def _parting(app: Flask, leaving: mmap.mmap) -> Callable[..., Iterable[bytes]]:
    """The app; while we leave, each answer is the last on its connection: an idle one that is closed could meet a request midway."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *more)

        return app(environ, start if leaving[0] else start_response)

    return answer
