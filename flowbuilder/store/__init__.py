"""Remembers: tables and queries, one module per area. Nothing here commits; services do."""

from __future__ import annotations

import secrets
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, MetaData, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC, whatever the database keeps of time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=_CONVENTION),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON},
    )


_BUSY_MS = 10_000
_LOOK_SECONDS = 0.001

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


IS_UNTOLD = text("told <> status")
"""Of rows that remember which status other programs were told last: the same words in each index and in whoever asks."""


def new_id(prefix: str) -> str:
    """An id for people and URLs, such as ``flw_4h2k…``: 100 random bits."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Durable after a power cut (FULL), readers beside one writer (WAL), and we begin transactions ourselves.

    16 MB of pages per connection and up to 32 MB of WAL: a batch touches indexes of a million rows all over.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_MS}",
        "foreign_keys=ON",
        "cache_size=-16384",
        "wal_autocheckpoint=8000",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Writers take their lock at the start: a read that turns into a write could not wait for it."""
    if connection.dialect.name != "sqlite":
        return
    if not connection.get_execution_options().get("writing", False):
        connection.exec_driver_sql("BEGIN")
    elif not _is_begun(connection.connection.driver_connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_begun(raw: Any) -> bool:
    """Wait for the lock by looking every millisecond. SQLite itself looks ever more seldom, up to every 100 ms, so that of
    several busy writers one stands still while the lock is free. False when time is up."""
    until = time.monotonic() + _BUSY_MS / 1000
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    return False
            time.sleep(_LOOK_SECONDS)
        return False
    finally:
        raw.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
