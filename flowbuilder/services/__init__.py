"""Acts: one verb, one transaction. Only here are transactions committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, scoped_session

from flowbuilder.store import db


@contextmanager
def transaction() -> Iterator[scoped_session[Session]]:
    """One writing transaction: committed at the end, rolled back by any exception.

    What was read before is let go first, since SQLite can't turn a reader into a writer that
    waits its turn. Not to be nested; no HTTP call belongs inside.
    """
    db.session.rollback()
    db.session.connection(execution_options={"writing": True})
    try:
        yield db.session
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
