"""Acts: one verb, one transaction. Only here are transactions committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy.orm import Session, scoped_session

from flowbuilder.store import db

Tx = scoped_session[Session]
_companion: ContextVar[Callable[[Tx], None] | None] = ContextVar("companion", default=None)


@contextmanager
def transaction() -> Iterator[scoped_session[Session]]:
    """One writing transaction: committed at the end, rolled back by any exception.

    What was read before is let go first, since SQLite can't turn a reader into a writer that
    waits its turn. Not to be nested; no HTTP call belongs inside.
    """
    db.session.rollback()
    db.session.connection(execution_options={"writing": True})
    companion = _companion.get()
    try:
        if companion:
            companion(db.session)
        yield db.session
        db.session.commit()
        _companion.set(None)
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def alongside(act: Callable[[Tx], None]) -> Iterator[None]:
    """Have the first transaction that is committed in here begin with ``act``: both happen, or neither."""
    before = _companion.set(act)
    try:
        yield
    finally:
        _companion.reset(before)
