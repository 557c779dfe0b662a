"""Everything lies on a disk of 64 MB, and that fills up: nothing is broken, nothing is sent twice, and all goes on when there is room.

Where no disk may be mounted, the database alone is kept from growing (``test_databases`` does so at many points), and the
file of an upload meets ``/dev/full``.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import batches, pump
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch
from tests import worlds
from tests.faults.judge import is_whole
from tests.faults.test_databases import full, goes_on
from tests.stub import Stub


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, where one may be mounted."""
    mount = [shutil.which("mount") or "", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(tmp_path)]
    is_mounted = bool(mount[0]) and os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield tmp_path
    if is_mounted:
        subprocess.run([shutil.which("umount"), "--lazy", str(tmp_path)], check=True)


@contextmanager
def _filled(folder: Path, leaving: int = 0) -> Iterator[None]:
    """No more than so many bytes can be written here."""
    if not os.path.ismount(folder):
        with full(leaving // 4096):
            yield
        return
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        _fill(file)
        file.truncate(max(0, file.tell() - leaving))
    yield
    filler.unlink()


def _fill(file: Any) -> None:
    try:
        while True:
            file.write(b"\0" * 4096)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@pytest.mark.parametrize("leaving", [0, 40_000, 200_000, 1_000_000])
def test_a_disk_that_fills_up_in_the_middle_of_a_batch_breaks_and_doubles_nothing(
    tmp_path: Path, here: Line, meta: Stub, monkeypatch: pytest.MonkeyPatch, leaving: int
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the database lies elsewhere")
    monkeypatch.setattr("flowbuilder.services.sending.writing.WAITS", (0.0,))
    monkeypatch.setattr("flowbuilder.services.sending.pump._DRAIN_SECONDS", 0.3)
    batch_id = worlds.batch(here, worlds.template(here), 300).id
    with _filled(tmp_path, leaving):
        try:
            pump.run(batch_id, threads=8)
        except OperationalError as error:
            assert "full" in str(error) or "disk I/O error" in str(error)
        db.session.remove()
    assert is_whole()
    goes_on(batch_id, meta, 300)


def test_pages_are_read_and_what_is_told_or_uploaded_is_taken_again_once_there_is_room(
    tmp_path: Path, here: Line, app: Flask, sign_in: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the database lies elsewhere")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    template = worlds.template(here)
    template.content = {**template.content, "conversation": "NOTIFICATION"}
    db.session.commit()
    admin, template_id, line_id = sign_in("admin"), template.id, here.id
    told = worlds.status("wamid.1", "sent", callback=1, note="x" * 40_000)
    with _filled(tmp_path), nullcontext() if os.path.ismount(tmp_path) else _files_on_a_full_disk(monkeypatch):
        page = admin.get("/outbound")
        refused = _upload(admin, template_id)
        answer = app.test_client().post(f"/webhooks/{line_id}", data=told, headers={"X-Hub-Signature-256": worlds.signed(told)})
    assert (page.status_code, refused.status_code, answer.status_code) == (200, 507, 503)
    assert "The disk of this installation is full" in refused.text
    assert not list(batches.path_of("any").parent.glob("*"))
    assert is_whole()
    assert _upload(admin, template_id).status_code == 303
    assert db.session.query(Batch).count() == 1
    intake.receive(line_id, told, worlds.signed(told))
    apply.run()


def _upload(client: FlaskClient, template_id: str) -> Any:
    rows = "".join(f"+49151{number:08},Ann\n" for number in range(60_000))
    file = (io.BytesIO(f"Phone number,first_name\n{rows}".encode()), "people.csv")
    return client.post(f"/outbound/{template_id}/batches", data={"file": file}, content_type="multipart/form-data")


@contextmanager
def _files_on_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is written to an upload finds no room, by the kernel's own word."""
    create = os.open

    def opened(path: Any, flags: int, *more: int, **named: Any) -> int:
        if Path(path).parent.name != "uploads":
            return create(path, flags, *more, **named)
        os.close(create(path, flags, *more, **named))
        return create("/dev/full", os.O_WRONLY)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", opened)
        yield
