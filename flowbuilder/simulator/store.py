"""The simulator's memory: one SQLite file, so that a restart or a kill goes on where it was. No rules here."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS knob (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS subscription (node TEXT PRIMARY KEY, url TEXT NOT NULL, token TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS template (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, category TEXT NOT NULL, status TEXT NOT NULL,
    parameter_format TEXT NOT NULL, components TEXT NOT NULL, fingerprint TEXT NOT NULL, ttl INTEGER,
    reason TEXT NOT NULL DEFAULT 'NONE', rejection TEXT, quality TEXT NOT NULL DEFAULT 'UNKNOWN',
    previous_category TEXT, created_at REAL NOT NULL, changed_at REAL NOT NULL, review_at REAL, decided_at REAL,
    deleted_at REAL, edits TEXT NOT NULL DEFAULT '[]', pauses INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS template_name ON template (name, language);
CREATE INDEX IF NOT EXISTS template_review ON template (review_at) WHERE review_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS template_fingerprint ON template (fingerprint);
CREATE TABLE IF NOT EXISTS phone (
    wa_id TEXT PRIMARY KEY, dialled TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL, username TEXT NOT NULL DEFAULT '',
    online INTEGER NOT NULL DEFAULT 1, blocked INTEGER NOT NULL DEFAULT 0, stopped INTEGER NOT NULL DEFAULT 0,
    wrote_at REAL NOT NULL DEFAULT 0, reached_at REAL NOT NULL DEFAULT 0, pair_tat REAL NOT NULL DEFAULT 0,
    shown_at REAL NOT NULL, watched_until REAL NOT NULL DEFAULT 0,
    last_text TEXT NOT NULL DEFAULT '', last_status TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS phone_shown ON phone (shown_at);
CREATE INDEX IF NOT EXISTS phone_reached ON phone (reached_at);
CREATE INDEX IF NOT EXISTS phone_user ON phone (user_id);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, wamid TEXT NOT NULL UNIQUE, wa_id TEXT NOT NULL, inbound INTEGER NOT NULL, kind TEXT NOT NULL,
    content TEXT NOT NULL, dialled TEXT NOT NULL DEFAULT '', callback TEXT, context TEXT, category TEXT NOT NULL DEFAULT 'service',
    free INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL, fail_code INTEGER, tapped TEXT,
    created_at REAL NOT NULL, sent_at REAL, delivered_at REAL, read_at REAL
);
CREATE INDEX IF NOT EXISTS message_chat ON message (wa_id, id);
CREATE INDEX IF NOT EXISTS message_callback ON message (callback) WHERE callback IS NOT NULL;
CREATE TABLE IF NOT EXISTS due (message_id INTEGER PRIMARY KEY, at REAL NOT NULL, step TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS due_at ON due (at);
CREATE TABLE IF NOT EXISTS webhook (
    id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL, at REAL NOT NULL, created_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS webhook_at ON webhook (at, id);
CREATE TABLE IF NOT EXISTS posted (
    id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL, attempts INTEGER NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY, rule TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, written_by TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS validation (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, callback TEXT NOT NULL, expires_at REAL NOT NULL,
    shown INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'waiting', reason TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL, decided_at REAL, due_at REAL, attempts INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS validation_due ON validation (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY, mime TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL
);
"""


class Store:
    """One writer and one reader connection, each behind its lock: threads take turns, readers never wait for a commit."""

    def __init__(self, path: Path) -> None:
        self._writer, self._reader = _connect(path), _connect(path)
        self._write_lock, self._read_lock = threading.RLock(), threading.Lock()
        self._writer.executescript(SCHEMA)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; everything in it is kept, or nothing."""
        with self._write_lock:
            if self._writer.in_transaction:
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        with self._read_lock:
            return self._reader.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Row | None:
        with self._read_lock:
            return self._reader.execute(sql, values).fetchone()

    def value(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        row = self.row(sql, values)
        return None if row is None else row[0]

    def close(self) -> None:
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()


def tally(conn: sqlite3.Connection, name: str, by: int = 1) -> None:
    """Count something that happened, for the ledger."""
    conn.execute(
        "INSERT INTO tally (name, count) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET count = count + excluded.count", (name, by)
    )


def _connect(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=256)
    conn.row_factory = sqlite3.Row
    # NORMAL survives a killed process; only a power cut could lose the last moments of a simulation.
    conn.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;")
    return conn
