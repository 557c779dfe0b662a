"""Who was reached lately by template messages outside of a customer service window: what Meta's messaging limit counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact
from flowbuilder.store.outbox import Executor, among
from flowbuilder.store.sending import Batch, Message

_M = Message.__table__.c
_C = Contact.__table__.c
_L = Line.__table__.c
_S = DeliveryStatus
_REACHED = (_S.SENDING, _S.UNKNOWN, _S.UNCONFIRMED, _S.ACCEPTED, _S.SENT, _S.DELIVERED, _S.READ)
"""What Meta took, and what it may have taken."""


def siblings(on: Executor, line_id: str) -> Sequence[Any]:
    """The lines (id, facts, checked_at) that share the messaging limit of this one: all of the same WhatsApp account."""
    own = select(_L.workspace_id, _L.waba_id).where(_L.id == line_id).subquery()
    same = (_L.workspace_id == own.c.workspace_id) & (_L.waba_id == own.c.waba_id)
    return on.execute(select(_L.id, _L.facts, _L.checked_at).join(own, same).order_by(_L.id)).all()


def count(on: Executor, line_ids: Sequence[str], since: datetime) -> int:
    return on.execute(select(func.count()).select_from(_people(line_ids, since).subquery())).scalar_one()


def last_reached(on: Executor, line_ids: Sequence[str], since: datetime, place: int) -> datetime | None:
    """When the person who was longest not written to was reached last; ``place`` others are passed over."""
    people = _people(line_ids, since).order_by("last").offset(place).limit(1)
    return on.execute(people).scalar()


def running_batches(on: Executor, line_ids: Sequence[str]) -> int:
    running = (Batch.line_id.in_(line_ids)) & (Batch.status == "running")
    return on.execute(select(func.count()).select_from(Batch).where(running)).scalar_one()


def _people(line_ids: Sequence[str], since: datetime) -> Any:
    """One row per person, with the moment of the last message.

    Whose own message came before it, and after ``since``, was written to within their window, which costs nothing.
    """
    in_window = (
        select(_C.id)
        .where(_C.workspace_id == _M.workspace_id, _C.phone == _M.phone, _C.last_heard_at > since, _C.last_heard_at <= _M.sending_at)
        .exists()
    )
    reached = (_M.line_id.in_(line_ids)) & (_M.sending_at > since) & (_M.kind == "template") & among(_M.status, _REACHED)
    return select(func.max(_M.sending_at).label("last")).where(reached, ~in_window).group_by(_M.phone)
