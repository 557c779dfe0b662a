"""One statement for many rows, without what SQLAlchemy does anew for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.sql.expression import Update


def execute_many(on: Connection | Session | scoped_session[Session], statement: Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """``statement`` once for each of ``rows``, which bring all its parameters but those that are constants."""
    connection = on if isinstance(on, Connection) else on.connection()
    compiled = _compiled(statement, connection.dialect)
    if missing := compiled.params.keys() - rows[0].keys():
        constants = {name: _bare(compiled.params[name]) for name in missing}
        rows = [{**constants, **row} for row in rows]
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(str(compiled), list(rows))
        return
    names = compiled.positiontup  # type: ignore[attr-defined]
    connection.exec_driver_sql(str(compiled), [tuple([plain(row[name]) for name in names]) for row in rows])


def make_room(on: Connection | Session | scoped_session[Session]) -> None:
    """Before rows all over a large table are written: what does not fit into the cache is written twice. 64 MB on this connection."""
    connection = on if isinstance(on, Connection) else on.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-65536")


@lru_cache(100)
def _compiled(statement: Update, dialect: Any) -> Compiled:
    return statement.compile(dialect=dialect)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def plain(value: Any) -> Any:
    """As SQLAlchemy stores it in SQLite."""
    return _moment(value) if isinstance(value, datetime) else value


@lru_cache(1000)
def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f")
