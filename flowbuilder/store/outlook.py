"""Queries about the recipients of a batch that has not been started: who heard from us lately, where they live, who tests for us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.ratecard import PREFIX_DIGITS
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.sending import Batch, Message

_S = DeliveryStatus
_MAY_HAVE_ARRIVED = (_S.SENDING, _S.UNKNOWN, _S.UNCONFIRMED, _S.ACCEPTED, _S.SENT, _S.DELIVERED, _S.READ)


def prefixes(batch_id: str, *, is_whole: bool) -> list[tuple[str, int]]:
    """How many waiting recipients have numbers that begin so. ``is_whole``: all wait, so that the index of numbers tells."""
    begins = func.substr(Message.phone, 2, PREFIX_DIGITS)
    wanted = select(begins, func.count()).where(Message.batch_id == batch_id, Message.phone.is_not(None)).group_by(begins)
    if not is_whole:
        wanted = wanted.where(Message.status == DeliveryStatus.QUEUED)
    return [(digits, count) for digits, count in db.session.execute(wanted)]


def count_recent(batch: Batch, since: datetime) -> int:
    """Recipients to whom an outbound message of this workspace went out since then."""
    wanted = select(func.count()).select_from(Message).where(_waits(batch), Message.phone.in_(recent(batch, since)))
    return db.session.scalar(wanted) or 0


def some_recent(batch: Batch, since: datetime, *, after: int, limit: int) -> Sequence[int]:
    """The ids of the next such recipients after the id ``after``."""
    wanted = select(Message.id).where(_waits(batch), Message.id > after, Message.phone.in_(recent(batch, since)))
    return db.session.scalars(wanted.order_by(Message.id).limit(limit)).all()


def recent(batch: Batch, since: datetime) -> Select[tuple[str | None]]:
    """The numbers to which an outbound message of the workspace went out since then; found once, by the index of moments."""
    got = aliased(Message)
    lines = select(Line.id).where(Line.workspace_id == batch.workspace_id)
    out = (got.kind == "template", got.direction == "out", got.phone.is_not(None), got.status.in_(_MAY_HAVE_ARRIVED))
    return select(got.phone).where(got.line_id.in_(lines), got.sending_at >= since, *out)


def is_much(workspace_id: str, since: datetime, limit: int) -> bool:
    """Whether more than ``limit`` messages went out since then."""
    lines = select(Line.id).where(Line.workspace_id == workspace_id)
    out = select(Message.id).where(Message.line_id.in_(lines), Message.sending_at >= since)
    return db.session.scalar(out.offset(limit).limit(1)) is not None


def _waits(batch: Batch) -> ColumnElement[bool]:
    return (Message.batch_id == batch.id) & (Message.status == DeliveryStatus.QUEUED)


def count_testers(batch: Batch) -> int:
    phones = select(TestPhone.phone).where(TestPhone.workspace_id == batch.workspace_id)
    wanted = select(func.count()).select_from(Message).where(Message.batch_id == batch.id, Message.phone.in_(phones))
    return db.session.scalar(wanted) or 0
