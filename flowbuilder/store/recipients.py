"""The recipients of a batch by page: whatever is filtered, a page costs a short range of an index, also among a million."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, union_all

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.store import db
from flowbuilder.store.batches import GROUPS, OUT
from flowbuilder.store.outbox import is_
from flowbuilder.store.sending import Message

_M = Message.__table__.c
NO_CODE = -1
"""Failed without a code of Meta's."""


@dataclass(frozen=True, slots=True)
class Filter:
    """``group`` is one of ``batches.GROUPS`` or answered; ``code`` is why a failed one failed; ``phone`` a part of the number, the
    beginning if it has a plus."""

    group: str = ""
    code: int | None = None
    phone: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.group or self.phone)


def every(batch_id: str, wanted: Filter, *, size: int = 2000) -> Iterator[Sequence[Message]]:
    """All rows that ``wanted`` lets through, in slices: for an export that never holds them all."""
    after = ""
    while rows := page(batch_id, wanted, after=after, limit=size):
        after = mark(rows[-1], wanted)
        yield rows
        db.session.rollback()


def page(batch_id: str, wanted: Filter, *, after: str = "", limit: int = 50) -> Sequence[Message]:
    """The next rows after the mark ``after``: by row of the file, or by number where a number is looked for."""
    if wanted.phone:
        return _by_phone(batch_id, wanted, after, limit)
    last = int(after) if after.isdecimal() and len(after) < 18 else 0
    if wanted.group == "answered":
        answered = select(Message).where(_M.batch_id == batch_id, _M.answered_at.is_not(None), _M.id > last)
        return db.session.scalars(answered.order_by(_M.id).limit(limit)).all()
    if wanted.code is not None:
        failed = select(Message).where(_M.batch_id == batch_id, is_(DeliveryStatus.FAILED), _same(wanted.code), _M.id > last)
        return db.session.scalars(failed.order_by(_M.id).limit(limit)).all()
    parts = [
        select(select(_M.id).where(_M.batch_id == batch_id, _M.status == status, _M.id > last).order_by(_M.id).limit(limit).subquery())
        for status in GROUPS.get(wanted.group, OUT)
    ]
    ids = sorted(db.session.scalars(union_all(*parts)))[:limit]
    return db.session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id)).all()


def mark(last: Message, wanted: Filter) -> str:
    """Where the next page goes on after ``last``."""
    return (last.phone or "") if wanted.phone else str(last.id)


def _by_phone(batch_id: str, wanted: Filter, after: str, limit: int) -> Sequence[Message]:
    found = select(_M.id).where(_M.batch_id == batch_id, *_alike(wanted.phone))
    if after.startswith("+"):
        found = found.where(_M.phone > after)
    if wanted.group == "answered":
        found = found.where(_M.answered_at.is_not(None))
    elif wanted.group:
        found = found.where(_M.status.in_(GROUPS[wanted.group]))
    if wanted.code is not None:
        found = found.where(_same(wanted.code))
    ids = db.session.scalars(found.order_by(_M.phone).limit(limit)).all()
    return db.session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.phone)).all()


def _alike(phone: str) -> list[ColumnElement[bool]]:
    """A beginning is a range of the index of numbers; a part is looked for in the index alone."""
    digits = phone.strip("+")
    if not phone.startswith("+"):
        position = func.instr if db.engine.dialect.name == "sqlite" else func.strpos
        return [position(_M.phone, digits.lstrip("0") or "0") > 0]
    after = str(int(digits) + 1)
    return [_M.phone >= f"+{digits}", *([_M.phone < f"+{after}"] if len(after) == len(digits) else [])]


def _same(code: int) -> ColumnElement[bool]:
    return _M.error_code.is_(None) if code == NO_CODE else _M.error_code == code


def fail_reasons(batch_id: str) -> list[tuple[int | None, int]]:
    """How many failed for which reason, most frequent first."""
    count = func.count()
    wanted = select(_M.error_code, count).where(_M.batch_id == batch_id, is_(DeliveryStatus.FAILED)).group_by(_M.error_code)
    return [(code, number) for code, number in db.session.execute(wanted.order_by(count.desc(), _M.error_code))]
