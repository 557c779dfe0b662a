"""The database is full, busy, or goes away in the middle of things: nothing is broken, nothing doubled, all goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import pump
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from tests import worlds
from tests.faults.counts import IS_FULL, times
from tests.faults.judge import counts, is_whole
from tests.stub import Stub


@contextmanager
def full(pages: int) -> Iterator[None]:
    """No connection may let the file grow by more than some pages: what a full disk looks like to SQLite."""
    now = db.session.execute(sa.text("PRAGMA page_count")).scalar()
    db.session.rollback()

    def limit(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={now + pages}")

    db.session.remove()
    db.engine.dispose()
    sa.event.listen(db.engine, "connect", limit)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "connect", limit)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("pages", range(0, times(8, 50)))
def test_a_full_disk_in_the_middle_of_a_batch_breaks_and_doubles_nothing(
    here: Line, meta: Stub, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the limit is SQLite's own")
    monkeypatch.setattr("flowbuilder.services.sending.writing.WAITS", (0.0,))
    monkeypatch.setattr("flowbuilder.services.sending.pump._DRAIN_SECONDS", 0.3)
    meta.answer = lambda payload: (200, {"messages": [{"id": "wamid." + payload["biz_opaque_callback_data"].rjust(200, "x")}]})
    batch = worlds.batch(here, worlds.template(here), 200)
    batch_id = batch.id
    with full(pages):
        try:
            pump.run(batch_id, threads=8)
        except OperationalError as error:
            assert "full" in str(error)
    assert is_whole()
    goes_on(batch_id, meta, 200)


def goes_on(batch_id: str, meta: Stub, rows: int) -> None:
    """There is room again: the batch goes to its end, nobody is written to twice, and nothing is broken."""
    restart(batch_id)
    pump.run(batch_id, threads=8)
    seen = [payload["biz_opaque_callback_data"] for payload in meta.seen]
    assert len(seen) == len(set(seen))
    assert set(counts(batch_id)) <= {"accepted", "unknown"}
    assert counts(batch_id).total() == rows
    assert is_whole()


def restart(batch_id: str) -> None:
    """What a new process finds: the leases of the old one have ended."""
    from datetime import timedelta

    from flowbuilder import clock
    from flowbuilder.services import transaction
    from flowbuilder.store import leases

    with transaction() as session:
        leases.reap(session, [], clock.now() + timedelta(seconds=60))


def test_a_full_disk_answers_plainly_keeps_reading_and_recovers(
    here: Line, app: Flask, sign_in: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the limit is SQLite's own")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    admin = sign_in("admin")
    row, line_id = worlds.batch(here, worlds.template(here), 1).id, here.id
    body = worlds.status("wamid.1", "sent", callback=1, note="x" * 40_000)
    with full(0):
        page = admin.get("/outbound")
        written = [admin.post("/test-phones", data={"phone": f"+49151234{n:05}", "name": "x" * 100}) for n in range(200)]
        told = admin.post(f"/webhooks/{line_id}", data=body, headers={"X-Hub-Signature-256": worlds.signed(body)})
    assert page.status_code == 200
    assert {answer.status_code for answer in written} <= {303, 507}
    assert written[-1].status_code == 507
    assert "disk" in written[-1].text
    assert told.status_code == 503
    assert is_whole()
    assert admin.post("/test-phones", data={"phone": "+4915199999999", "name": "Ann"}).status_code == 303
    intake.receive(line_id, body, worlds.signed(body))
    apply.run()
    assert counts(row).total() == 1


_WRITER = """
import json, sys, time
from pathlib import Path
from flowbuilder import clock, create_app
from flowbuilder.config import Config
from flowbuilder.services import transaction
from flowbuilder.store.accounts import TestPhone
spec = json.loads(sys.argv[1])
app = create_app(Config(home=Path(spec["home"]), database_url=spec["url"], redis_url="unix:///nowhere.sock"))
took, until = [], time.monotonic() + spec["seconds"]
with app.app_context():
    while time.monotonic() < until:
        began = time.monotonic()
        with transaction() as session:
            session.add(TestPhone(workspace_id=spec["workspace"], phone=f"{spec['who']}-{len(took)}", name="x"))
        took.append(time.monotonic() - began)
print(json.dumps([round(each, 4) for each in took]))
"""


def test_eight_processes_that_write_at_once_never_find_the_database_locked(here: Line, tmp_path: Path, database_url: str) -> None:
    from flowbuilder.store.accounts import TestPhone

    spec = {"home": str(tmp_path), "url": database_url, "workspace": here.workspace_id, "seconds": times(4, 300)}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, json.dumps(spec | {"who": who})], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for who in range(8)
    ]
    told = [(writer.communicate(timeout=spec["seconds"] + 300), writer.returncode) for writer in writers]
    assert [code for _, code in told] == [0] * 8, told
    took = [json.loads(out) for (out, _), _ in told]
    every = sorted(chain.from_iterable(took))
    p50, p99 = (every[len(every) * share // 100] for share in (50, 99))
    print(f"{len(every):,} writes, p50 {p50:g} s, p99 {p99:g} s, slowest {every[-1]:g} s")
    assert all(took)
    assert p99 <= 1 or not IS_FULL
    db.session.rollback()
    assert db.session.query(TestPhone).count() == len(every)
