"""SQLite's log of writes stays small, also where somebody always reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
import sqlalchemy as sa
from flask import Flask

from flowbuilder import store
from flowbuilder.services.sending import sweep
from flowbuilder.store import wal


@pytest.fixture
def engine(app: Flask) -> sa.Engine:
    if store.db.engine.dialect.name != "sqlite":
        pytest.skip("the log is SQLite's own")
    return store.db.engine


@pytest.fixture
def readers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _reader(engine: sa.Engine, stack: ExitStack) -> sqlite3.Connection:
    connection = stack.enter_context(closing(sqlite3.connect(engine.url.database, isolation_level=None)))
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM probe").fetchone()
    return connection


def _write(engine: sa.Engine, count: int = 40) -> None:
    """A megabyte, over and over in the same place."""
    with engine.connect().execution_options(writing=True) as connection:
        for _ in range(count):
            with connection.begin():
                connection.execute(sa.text("INSERT OR REPLACE INTO scratch VALUES (1, zeroblob(1000000))"))


@pytest.fixture
def busy(engine: sa.Engine, readers: ExitStack) -> sqlite3.Connection:
    """Readers take turns, so that there always is one: the log has grown beyond what it should be. The one that reads last."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE scratch (id INTEGER PRIMARY KEY, bytes BLOB)"))
    reading = _reader(engine, readers)
    for _ in range(3):
        _write(engine)
        reading, old = _reader(engine, readers), reading
        old.close()
    assert wal.size(engine) > 64 << 20
    return reading


def test_a_log_that_readers_keep_from_beginning_anew_is_emptied_by_the_sweep(engine: sa.Engine, busy: sqlite3.Connection) -> None:
    sweep.keep_log_small()
    busy.execute("SELECT count(*) FROM probe").fetchone()
    assert wal.size(engine) > 64 << 20, "nobody's view may change while he reads"
    busy.execute("COMMIT")
    sweep.keep_log_small()
    assert wal.size(engine) == 0


def test_whoever_reads_on_keeps_nobody_from_writing(engine: sa.Engine, busy: sqlite3.Connection) -> None:
    assert not wal.empty(engine)
    _write(engine, 1)
    with engine.connect() as connection:
        assert connection.execute(sa.text("PRAGMA busy_timeout")).scalar() == 10_000


def test_a_small_log_is_left_alone(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "empty", lambda _engine: pytest.fail("it was small"))
    sweep.keep_log_small()
