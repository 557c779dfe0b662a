"""The examples of the guide do what they say: each is taken from the page and run against the app."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import queue
from flowbuilder.core.happening import sign
from flowbuilder.core.medium import Kind
from flowbuilder.services import media
from flowbuilder.services.sending import reading
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.media import MediaFile
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.fixtures import missing
from tests.media import picture
from tests.web.api.conftest import Program

Run = Callable[[str, str], str]


@pytest.fixture
def examples(sign_in: Callable[..., FlaskClient], served: str) -> dict[tuple[str, str], str]:
    """By language and name, as a reader of the page at ``served`` would copy them."""
    page = BeautifulSoup(sign_in("viewer").get("/api/guide").text.replace("http://localhost", served), "html.parser")
    return {(part["data-language"], part["data-example"]): part.get_text() for part in page.select("pre[data-example]")}


@pytest.fixture
def run(examples: dict[tuple[str, str], str], line: Line, call: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: Any) -> Run:
    """Run one example; files are read at once, since no worker is there."""
    template = worlds.template(line)
    template.conversation, template.content = "NOTIFICATION", {**template.content, "conversation": "NOTIFICATION"}
    db.session.commit()
    monkeypatch.setattr(queue, "ring", lambda lane, job, *args: job != "read_batch" or reading.run(*args))
    (tmp_path / "recipients.csv").write_text("Phone number,first_name\n+4915123456783,Ann\n")
    known = {"FLOWBUILDER_TOKEN": call.token, "OUTBOUND_ID": template.id, "no_proxy": "127.0.0.1"}

    def of(language: str, name: str) -> str:
        env = os.environ | known
        shell = ["sh", "-ec"] if language == "curl" else [sys.executable, "-c"]
        done = subprocess.run(
            [*shell, examples[language, name]], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        db.session.rollback()
        assert done.returncode == 0, done.stderr
        return done.stdout

    return of


def test_every_example_is_run_here(examples: dict[tuple[str, str], str]) -> None:
    assert set(examples) == {
        ("curl", "lines"), ("curl", "send"), ("curl", "upload"), ("curl", "file"), ("curl", "files"),
        ("python", "send"), ("python", "batch"), ("python", "verify"),
    }  # fmt: skip


@pytest.fixture
def curl() -> None:
    if shutil.which("curl") is None:
        missing("curl")


def test_the_lines_are_listed_with_curl(curl: None, run: Run, line: Line) -> None:
    assert line.id in run("curl", "lines")


def test_a_message_is_sent_with_curl_and_only_once(curl: None, run: Run) -> None:
    assert run("curl", "send") == run("curl", "send")

    assert db.session.query(Message).one().phone == "+4915123456789"


def test_a_file_is_handed_in_with_curl(curl: None, run: Run) -> None:
    run("curl", "upload")

    assert db.session.query(Batch).one().file_name == "recipients.csv"
    assert db.session.query(Message).one().phone == "+4915123456783"


def test_a_picture_is_uploaded_with_curl(curl: None, run: Run, tmp_path: Path) -> None:
    (tmp_path / "menu.png").write_bytes(picture())

    assert json.loads(run("curl", "file"))["id"] == db.session.query(MediaFile).one().id


def test_files_are_listed_and_deleted_with_curl(curl: None, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Line) -> None:
    kept = media.keep(line.workspace_id, Kind.IMAGE, io.BytesIO(picture()), "menu.png", field="", user_id=None).id
    monkeypatch.setenv("FILE_ID", kept)

    assert kept in run("curl", "files")
    assert db.session.query(MediaFile).count() == 0


def test_a_message_is_sent_and_followed_in_python(run: Run) -> None:
    assert run("python", "send") == "queued\n"

    assert db.session.query(Message).one().phone == "+4915123456780"


def test_a_batch_is_read_its_faults_are_told_and_it_is_started_in_python(run: Run) -> None:
    said = run("python", "batch").splitlines()

    assert said[0].startswith("row 4 Phone number")
    assert said[-1] == "running 2"
    assert db.session.query(Batch).one().status == "running"


def test_a_signature_is_verified_in_python(examples: dict[tuple[str, str], str]) -> None:
    place: dict[str, Any] = {}
    exec(examples["python", "verify"], place)
    secret, stamp, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", int(time.time()), b'{"type": "message.read"}'
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign("evt_1", stamp, body, [secret, "whsec_AAAA"]),
    }

    assert place["is_from_flowbuilder"](secret, headers, body)
    assert not place["is_from_flowbuilder"](secret, headers, body + b" ")
    assert not place["is_from_flowbuilder"](secret, {**headers, "webhook-timestamp": str(stamp - 900)}, body)
