"""The database is busy or away for a while: no answer of Meta is lost, and nobody gets a message twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from flowbuilder.services.sending import pump, writing
from flowbuilder.store import db, outbox
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub


@pytest.fixture
def meta() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def here(redis_url: str, line: Line, meta: Stub) -> Line:
    line.base_url = meta.url
    line.messages_per_second = 0
    return worlds.seal(line)


def _counts(batch: Batch) -> Counter[str]:
    db.session.rollback()
    return Counter(status for (status,) in db.session.query(Message.status).filter_by(batch_id=batch.id))


def _locked(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """The first attempts to record anything find the database locked, after they have written."""
    record, tries = outbox.record, [0]

    def refuse(on: Any, fates: Any) -> None:
        record(on, fates)
        tries[0] += 1
        if tries[0] <= times:
            raise OperationalError("UPDATE message", {}, Exception("database is locked"))

    monkeypatch.setattr(outbox, "record", refuse)
    return tries


def test_what_could_not_be_recorded_is_recorded_by_the_next_try(here: Line, meta: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = worlds.batch(here, worlds.template(here), 40)
    tries = _locked(monkeypatch, 3)
    pump.run(batch.id, threads=8)
    assert tries[0] > 3
    assert _counts(batch) == {"accepted": 40}
    assert max(Counter(payload["to"] for payload in meta.seen).values()) == 1


def test_a_database_that_stays_away_stops_the_sending_and_still_gets_every_answer(
    here: Line, meta: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "WAITS", (0.01,))
    batch = worlds.batch(here, worlds.template(here), 400)
    _locked(monkeypatch, 7)
    pump.run(batch.id, threads=8)
    assert _counts(batch) == {"accepted": len(meta.seen), "queued": 400 - len(meta.seen)}
    assert 0 < len(meta.seen) < 400


def test_connections_that_the_server_cuts_are_made_anew(here: Line, meta: Stub, app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server")
    meta.delay = 0.02
    batch = worlds.batch(here, worlds.template(here), 400)

    def work() -> None:
        with app.app_context():
            pump.run(batch.id, threads=8)

    thread = threading.Thread(target=work)
    thread.start()
    while len(meta.seen) < 50:
        time.sleep(0.01)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with db.engine.connect() as connection:
        connection.exec_driver_sql(cut)
    thread.join(30)
    assert _counts(batch) == {"accepted": 400}
    assert len(meta.seen) == 400
