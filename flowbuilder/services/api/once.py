"""A wish that a program repeats is fulfilled once: the key that it names is written in the transaction of the effect.

The same wish again gets the same answer for 24 hours; while it is being fulfilled, Conflict; another wish under the same
key, Invalid. A wish that failed is forgotten, so that it may be tried again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import Tx, alongside, transaction
from flowbuilder.services.accounts import secrets
from flowbuilder.store import db
from flowbuilder.store.api import IdempotencyKey

KEPT_FOR = timedelta(hours=24)
_ABANDONED_AFTER = timedelta(minutes=2)
"""Longer than a call may take: whoever was at it is no more."""
_FORGOTTEN_AT_ONCE = 1000

Answer = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """``subject`` is the id of what shall be made or moved; ``digest`` stands for all that was sent."""

    token_id: str
    key: str
    digest: str
    subject: str


class _Taken(Exception):
    """Another call with the same key was faster."""


def fulfil(wish: Wish, act: Callable[[], Any], show: Callable[[str], Any], status: int) -> Answer:
    """Do ``act`` unless it has been done under this key; the answer is what ``show`` says of the subject right after it."""
    if known := _known(wish, show, status):
        return known
    claim = _Claim(wish)
    try:
        with alongside(claim.write):
            act()
    except _Taken:
        if known := _known(wish, show, status):
            return known
        raise Conflict(_RUNNING, retry_after=1) from None
    except Exception:
        claim.forget()
        raise
    body = show(wish.subject)
    _keep(wish, status, body)
    return status, body


def forget_old() -> None:
    """Delete what has been kept long enough, some at a time."""
    limit = clock.now() - KEPT_FOR
    old = db.session.query(IdempotencyKey.token_id, IdempotencyKey.key).filter(IdempotencyKey.created_at < limit)
    rows = old.limit(_FORGOTTEN_AT_ONCE).all()
    if rows:
        with transaction() as session:
            for token_id, key in rows:
                session.execute(delete(IdempotencyKey).where(IdempotencyKey.token_id == token_id, IdempotencyKey.key == key))


_RUNNING = "The same call is being fulfilled just now. Ask again in a moment."


class _Claim:
    """The row of the key, written by the first transaction of the effect."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._was_written = False

    def write(self, session: Tx) -> None:
        try:
            session.execute(insert(IdempotencyKey).values(_row(self._wish)))
        except IntegrityError:
            raise _Taken from None
        self._was_written = True

    def forget(self) -> None:
        if self._was_written:
            _delete(self._wish)


def _known(wish: Wish, show: Callable[[str], Any], status: int) -> Answer | None:
    row = db.session.get(IdempotencyKey, (wish.token_id, wish.key), populate_existing=True)
    if row is None:
        return None
    if row.created_at < clock.now() - KEPT_FOR:
        _delete(wish)
        return None
    if row.digest != wish.digest:
        text = "This key was used for another call within the last 24 hours. Make a new key for each thing that you want done."
        raise Invalid(text, [Finding("key_reused", text, field="Idempotency-Key")])
    if row.status is not None and row.answer is not None:
        return row.status, json.loads(secrets.unseal(row.answer, row.token_id, row.key))
    if row.created_at > clock.now() - _ABANDONED_AFTER:
        raise Conflict(_RUNNING, retry_after=1)
    return _of_abandoned(wish, row.subject, show, status)


def _of_abandoned(wish: Wish, subject: str, show: Callable[[str], Any], status: int) -> Answer | None:
    """Whoever fulfilled it died before the answer was kept: what was done tells."""
    try:
        body = show(subject)
    except NotFound:
        _delete(wish)
        return None
    _keep(wish, status, body)
    return status, body


def _keep(wish: Wish, status: int, body: Any) -> None:
    sealed = secrets.seal(json.dumps(body, ensure_ascii=False), wish.token_id, wish.key)
    ours = (IdempotencyKey.token_id == wish.token_id, IdempotencyKey.key == wish.key)
    with transaction() as session:
        if session.execute(update(IdempotencyKey).where(*ours).values(status=status, answer=sealed)).rowcount == 0:
            session.execute(insert(IdempotencyKey).values(**_row(wish), status=status, answer=sealed))


def _delete(wish: Wish) -> None:
    with transaction() as session:
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.token_id == wish.token_id, IdempotencyKey.key == wish.key))


def _row(wish: Wish) -> dict[str, Any]:
    return {"token_id": wish.token_id, "key": wish.key, "digest": wish.digest, "subject": wish.subject, "created_at": clock.now()}
