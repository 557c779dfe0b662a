"""Queries about the recipients of a batch that has not been started: who heard from us lately, where they live, who tests for us."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import aliased

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.ratecard import PREFIX_DIGITS
from flowbuilder.store import db
from flowbuilder.store.accounts import TestPhone
from flowbuilder.store.sending import Batch, Message

_BATCHES_AT_MOST = 100


def prefixes(batch_id: str, *, is_whole: bool) -> list[tuple[str, int]]:
    """How many waiting recipients have numbers that begin so. ``is_whole``: all wait, so that the index of numbers tells."""
    begins = func.substr(Message.phone, 2, PREFIX_DIGITS)
    wanted = select(begins, func.count()).where(Message.batch_id == batch_id, Message.phone.is_not(None)).group_by(begins)
    if not is_whole:
        wanted = wanted.where(Message.status == DeliveryStatus.QUEUED)
    return [(digits, count) for digits, count in db.session.execute(wanted)]


def count_recent(batch: Batch, since: datetime) -> int:
    """Recipients to whom an outbound message of this workspace went out since then."""
    wanted = (
        select(func.count())
        .select_from(Message)
        .where(Message.batch_id == batch.id, Message.status == DeliveryStatus.QUEUED, is_recent(batch, since))
    )
    return db.session.scalar(wanted) or 0


def is_recent(batch: Batch, since: datetime) -> ColumnElement[bool]:
    """Batch by batch, so that each look goes by the index of a batch's numbers; then single messages."""
    earlier = aliased(Message)
    same = (earlier.workspace_id == batch.workspace_id, earlier.phone == Message.phone, earlier.sending_at >= since)

    def got(where: Any) -> ColumnElement[bool]:
        out = (earlier.direction == "out", earlier.kind == "template", earlier.status != DeliveryStatus.FAILED)
        return select(earlier.id).where(where, *same, *out).correlate(Message).exists()

    others = select(Batch.id).where(
        Batch.workspace_id == batch.workspace_id, Batch.id != batch.id, Batch.started_at.is_not(None),
        or_(Batch.ended_at.is_(None), Batch.ended_at >= since),
    )  # fmt: skip
    ids = db.session.scalars(others.order_by(Batch.started_at.desc()).limit(_BATCHES_AT_MOST)).all()
    return or_(got(earlier.batch_id.is_(None)), got(earlier.batch_id.in_(ids)) if ids else ~true())


def count_testers(batch: Batch) -> int:
    phones = select(TestPhone.phone).where(TestPhone.workspace_id == batch.workspace_id)
    wanted = select(func.count()).select_from(Message).where(Message.batch_id == batch.id, Message.phone.in_(phones))
    return db.session.scalar(wanted) or 0
