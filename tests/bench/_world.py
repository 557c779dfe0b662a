"""What the figures of sending and inbound need: an installation in a temporary home, a queue server, a stand-in for Meta."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from flask import Flask

from flowbuilder import clock, create_app, garbage
from flowbuilder.config import Config
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from tests import worlds
from tests.fixtures.servers import _queue_binary, free_port, stop, until


@dataclass(frozen=True, slots=True)
class World:
    app: Flask
    line_id: str
    home: Path
    redis_url: str
    meta: str
    port: int
    database_url: str

    @property
    def line(self) -> Line:
        return db.session.get_one(Line, self.line_id)

    @property
    def env(self) -> dict[str, str]:
        mine = {"FLOWBUILDER_HOME": str(self.home), "REDIS_URL": self.redis_url, "PORT": str(self.port), "DATABASE_URL": self.database_url}
        return {**os.environ, **mine}


@contextmanager
def world(*, per_second: int = 0, delay_ms: float = 80, database_url: str = "") -> Iterator[World]:
    """The app context is pushed; SQLite with its usual durability, unless an empty database is named."""
    with tempfile.TemporaryDirectory(prefix="fbb") as folder:
        queue = subprocess.Popen(
            [_queue_binary(), "--port", "0", "--unixsocket", f"{folder}/q.sock", "--dir", folder, "--save", ""], stdout=subprocess.DEVNULL
        )
        stub = subprocess.Popen([sys.executable, "-m", "tests.stub", "0", str(delay_ms)], stdout=subprocess.PIPE, text=True)
        try:
            until(Path(folder, "q.sock").exists)
            meta = f"http://127.0.0.1:{int(stub.stdout.readline())}"
            home, redis_url, port = Path(folder), f"unix://{folder}/q.sock", free_port()
            url = database_url or f"sqlite:///{folder}/flowbuilder.db"
            app = create_app(Config(home=home, port=port, database_url=url, redis_url=redis_url))
            with app.app_context():
                db.create_all()
                garbage.keep_what_is_there()
                yield World(app, _line(meta, per_second), home, redis_url, meta, port, url)
                db.session.remove()
                db.engine.dispose()
        finally:
            stop(stub)
            stop(queue)


@contextmanager
def process(here: World, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """``flowbuilder web`` or ``flowbuilder worker`` on this installation."""
    command = [sys.executable, "-c", "from flowbuilder.cli import main; main()", name]
    started = subprocess.Popen(command, env=here.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if name == "web":
            until(lambda: _answers(f"http://127.0.0.1:{here.port}/healthz"), within=30)
        yield started
    finally:
        stop(started, within=35)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.RequestException:
        return False


def _line(meta: str, per_second: int) -> str:
    workspace = Workspace(id=new_id("wsp"), name="Bench", created_at=clock.now())
    db.session.add(workspace)
    db.session.flush()
    row = Line(
        id=new_id("lin"), workspace_id=workspace.id, name="Bench", display_number="+1 555-010-0001", phone_number_id="3000000000000001",
        waba_id="2000000000000001", app_id="1000000000000001", base_url=meta, app_secret=b"", access_token=b"", verify_token=b"",
        is_simulator=True, messages_per_second=per_second, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    worlds.seal(row)
    return row.id


def load() -> str:
    """How busy the machine is, to be read beside the figure."""
    return f"load average {os.getloadavg()[0]:.1f} at {time.strftime('%H:%M')}"
