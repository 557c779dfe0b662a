"""How the tables came to be, one file per change in ``versions/``; here only where a database stands.

Reading this costs no import of Alembic, so that the health check may ask at every call.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

FOLDER = Path(__file__).parent
_REVISION = re.compile(r'^(revision|down_revision)\b[^=]*= "(\w+)"', re.MULTILINE)


@cache
def known() -> frozenset[str]:
    """Every revision that this version of FlowBuilder knows."""
    return frozenset(revision for kind, revision in _lines() if kind == "revision")


@cache
def head() -> str:
    """The revision that a database must have: the one that no other builds on."""
    (newest,) = known() - {revision for kind, revision in _lines() if kind == "down_revision"}
    return newest


def current(connection: Connection) -> str | None:
    """The revision that this database has; None when it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def _lines() -> list[tuple[str, str]]:
    return [pair for file in FOLDER.glob("versions/*.py") for pair in _REVISION.findall(file.read_text())]
