"""The web app behind granian: one process that answers, since two writing to one SQLite only wait for each other."""

from __future__ import annotations

import multiprocessing
from typing import Any

from flask import Flask

from flowbuilder import garbage
from flowbuilder.config import Config
from flowbuilder.up import process

THREADS = 128
"""Fewer slow requests than this at once leave webhooks unhindered, and fast ones are no slower than with four."""


def serve(app: Flask, config: Config) -> None:
    """Answer until asked to end; what is being answered is finished first."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings

    garbage.keep_what_is_there()
    multiprocessing.set_start_method("fork", force=True)
    server: Any = Granian(
        "flowbuilder",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backlog=2048,
        backpressure=256,
        respawn_failed_workers=True,
        workers_kill_timeout=8,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        websockets=False,
        log_enabled=False,
    )

    def load() -> Flask:
        process.die_with_parent()
        return app

    server.serve(target_loader=load, wrap_loader=False)
