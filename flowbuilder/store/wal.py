"""SQLite's log of writes (WAL). It begins anew only in a moment in which nobody reads what is still in it, and where somebody always
reads no such moment comes by itself: the log would grow for ever. So that moment is made."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

_WAIT_MS = 250
"""Writers wait while readers are waited for, so not for long; whoever reads for longer is met again by the next try."""


def size(engine: Engine) -> int:
    """Its bytes; 0 where there is none."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return 0
    try:
        return Path(f"{engine.url.database}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def empty(engine: Engine) -> bool:
    """Bring what it holds into the database, first beside all others, then alone with it. False while somebody reads the old."""
    with engine.connect() as held:
        raw = held.connection.driver_connection
        before = raw.execute("PRAGMA busy_timeout").fetchone()[0]
        raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        raw.execute(f"PRAGMA busy_timeout={_WAIT_MS}")
        try:
            is_busy, _pages, _brought = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            raw.execute(f"PRAGMA busy_timeout={before}")
    return not is_busy
