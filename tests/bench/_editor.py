"""The editor behind the server of the product, on a database with one flow, and somebody signed in to it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page, Playwright

from flowbuilder import clock, create_app
from flowbuilder.config import Config
from flowbuilder.core.flow import Flow
from flowbuilder.services import database
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Membership, User, UserSession, Workspace
from flowbuilder.store.flows import FlowDraft
from tests.fixtures.servers import answers, stop, until

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"]
PATH = "/flows/flw_bench"


@dataclass(frozen=True, slots=True)
class Served:
    """Where the editor is, the cookies of those who are signed in to it, and where its database lies."""

    url: str
    cookies: tuple[str, ...]
    database: Path

    @property
    def cookie(self) -> str:
        return self.cookies[0]


@contextmanager
def served(flow: Flow, people: int = 1) -> Iterator[Served]:
    """A flow, and so many designers."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        app = create_app(Config(home=Path(home), database_url=f"sqlite:///{home}/flowbuilder.db", public_url=f"http://127.0.0.1:{port}"))
        with app.app_context():
            database.upgrade()
            sessions = _fill(flow, people)
        settings = {**os.environ, "FLOWBUILDER_HOME": home, "PORT": str(port), "DATABASE_URL": "", "PUBLIC_URL": ""}
        server = subprocess.Popen([sys.executable, "-m", "flowbuilder", "web"], env=settings, stdout=subprocess.DEVNULL)
        try:
            until(lambda: answers(port), within=20)
            cookies = tuple(_cookie(app, session_id) for session_id in sessions)
            yield Served(f"http://127.0.0.1:{port}", cookies, Path(home) / "flowbuilder.db")
        finally:
            stop(server)


def chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)


def page(chromium: Browser, url: str, cookie: str) -> Page:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "flowbuilder", "value": cookie, "url": url}])
    return context.new_page()


def _fill(flow: Flow, people: int) -> list[str]:
    now, workspace = clock.now(), new_id("wsp")
    rows: list[Any] = [
        Workspace(id=workspace, name="Bench", created_at=now),
        FlowDraft(id="flw_bench", workspace_id=workspace, name="Bench", document=flow.to_json(), created_at=now, updated_at=now),
    ]
    sessions = [new_id("ses") for _ in range(people)]
    for at, session_id in enumerate(sessions):
        user = new_id("usr")
        days = {"created_at": now, "last_seen_at": now, "expires_at": now + timedelta(days=1)}
        rows += [
            User(id=user, email=f"bench{at}@acme.example", name="Bench", password_hash="none", created_at=now),
            Membership(workspace_id=workspace, user_id=user, role="designer"),
            UserSession(id=session_id, user_id=user, workspace_id=workspace, **days),
        ]
    for row in rows:
        db.session.add(row)
        db.session.flush()
    db.session.commit()
    return sessions


def _cookie(app: Flask, session_id: str) -> str:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(_user_id=session_id, _fresh=True)
    found = client.get_cookie("flowbuilder")
    assert found
    return found.value
