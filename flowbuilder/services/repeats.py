"""A form that is sent twice has one effect: its key is written in the transaction of the effect, and once only."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock
from flowbuilder.errors import Conflict
from flowbuilder.services import Tx, alongside, transaction
from flowbuilder.store import db
from flowbuilder.store.repeats import SentForm

_KEPT_FOR = timedelta(days=1)
_NOWHERE = "#"
_PATIENCE, _PAUSE = 5.0, 0.05


class Repeated(Conflict):
    """The same form with the same words was sent before."""

    code = "repeated"
    text = "This was done already, a moment ago; it was not done a second time."

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class Sending:
    """One sending of a form under way; ``is_done`` once its effect and its key are written."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.is_done = False

    def once(self) -> AbstractContextManager[None]:
        """The first transaction in here takes the key; Repeated if somebody has it already."""
        return alongside(self._take)

    def _take(self, session: Tx) -> None:
        try:
            session.execute(insert(SentForm).values(key=self.key, location="", created_at=clock.now()))
        except IntegrityError:
            raise Repeated(self.key) from None
        self.is_done = True


def led_to(key: str, location: str) -> None:
    """Where the first sending ended; a page of its own, which is shown once only, has no address."""
    with transaction() as session:
        session.execute(update(SentForm).where(SentForm.key == key).values(location=location[:500] or _NOWHERE))


def forget(key: str) -> None:
    """It came to nothing, so it may be tried again."""
    with transaction() as session:
        session.execute(delete(SentForm).where(SentForm.key == key))


def location_of(key: str) -> str:
    """Where the first sending ended, waiting a little for it to end; empty when it led nowhere."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        db.session.rollback()
        location = db.session.scalar(select(SentForm.location).where(SentForm.key == key))
        if location or location is None or time.monotonic() > deadline:
            return "" if location in (None, _NOWHERE) else location
        time.sleep(_PAUSE)


def forget_old() -> None:
    old = clock.now() - _KEPT_FOR
    if db.session.scalar(select(SentForm.key).where(SentForm.created_at < old).limit(1)):
        with transaction() as session:
            session.execute(delete(SentForm).where(SentForm.created_at < old))
