"""The message that a person may be answering without quoting it: typed words come without a context."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, scoped_session

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.store.sending import Batch, Message

WITHIN = timedelta(hours=24)
_OUT = (DeliveryStatus.ACCEPTED, DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)


def last_to(session: Session | scoped_session[Session], line_id: str, numbers: tuple[str, ...], now: datetime) -> Message | None:
    """The latest template message of the line to one of these numbers within the last day, if nothing answered it yet.

    Singles and rows of batches are asked for apart, so that both are found by the index of (batch, phone).
    """
    since = now - WITHIN
    batches = select(Batch.id).where(Batch.line_id == line_id, Batch.started_at >= since)
    asked: list[Select[tuple[Message]]] = [
        select(Message).where(place, Message.phone.in_(numbers), Message.line_id == line_id, Message.kind == "template")
        for place in (Message.batch_id.is_(None), Message.batch_id.in_(batches))
    ]
    found = [
        row
        for one in asked
        if (row := session.scalar(one.where(Message.status.in_(_OUT), Message.accepted_at >= since).order_by(Message.id.desc()).limit(1)))
    ]
    latest = max(found, key=lambda row: row.id, default=None)
    return latest if latest is not None and latest.answered_at is None else None
