"""What must hold after every run with faults, whoever died: the ledger of the simulator is the witness."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from flowbuilder.store import db
from flowbuilder.store.sending import Batch, Message
from tests.faults.machine import accepted, doubled

ENDED = {"accepted", "sent", "delivered", "read", "failed", "unconfirmed", "skipped", "cancelled"}
_TAKEN = ("accepted", "sent", "delivered", "read")


def counts(batch_id: str) -> Counter[str]:
    db.session.rollback()
    found = db.select(Message.status, db.func.count()).where(Message.batch_id == batch_id).group_by(Message.status)
    stands = Counter({status: count for status, count in db.session.execute(found)})
    db.session.rollback()
    return stands


def is_through(batch_id: str, *, but: set[str] = frozenset()) -> bool:  # type: ignore[assignment]
    return set(counts(batch_id)) <= ENDED | but


def judge(batch: Batch, simulator: Any, count: int) -> None:
    """Everybody is in exactly one place; nobody was accepted twice; whom we call accepted the ledger knows; the database is whole."""
    assert doubled(simulator) == {}
    assert counts(batch.id).total() == count == batch.rows
    known = set(accepted(simulator))
    taken = db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id, Message.status.in_(_TAKEN)))
    assert {str(id) for id in taken} <= known
    failed = db.session.scalars(
        db.select(Message.id).where(Message.batch_id == batch.id, Message.status == "failed", Message.wamid.is_(None))
    )
    assert not {str(id) for id in failed} & known
    assert is_whole()


def is_whole() -> bool:
    """SQLite's own verdict on its file; PostgreSQL has none to ask for."""
    if db.engine.dialect.name != "sqlite":
        return True
    with db.engine.connect() as connection:
        whole = connection.execute(sa.text("PRAGMA integrity_check")).scalar()
        return whole == "ok" and not connection.execute(sa.text("PRAGMA foreign_key_check")).all()
