"""Who wants to write to SQLite while another does: waits for its turn, and gives up in the end."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from flowbuilder import store
from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.installation import Installation


@pytest.fixture
def sqlite(app: Flask) -> Flask:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("Other databases let several write at once")
    return app


def test_a_writer_waits_until_another_has_ended(sqlite: Flask) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def other() -> None:
        with sqlite.app_context(), transaction() as session:
            session.add(Installation(id=1, pulse=1))
            session.flush()
            begun.set()
            may_end.wait(10)

    first = threading.Thread(target=other)
    first.start()
    assert begun.wait(10)
    threading.Timer(0.1, may_end.set).start()
    with transaction() as session:
        session.get_one(Installation, 1).pulse += 1
    first.join()
    assert db.session.get_one(Installation, 1, populate_existing=True).pulse == 2


def test_a_writer_gives_up_when_its_time_is_over_and_reads_on(sqlite: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_BUSY_MS", 20)
    with db.engine.connect().execution_options(writing=True) as holder, holder.begin():
        with pytest.raises(OperationalError, match="locked"), transaction():
            pass
        assert db.session.get(Installation, 1) is None
    with transaction() as session:
        session.add(Installation(id=1, pulse=1))
