"""What becomes of messages whose fate stays unknown: unconfirmed after a while, and sent again only where a rule allows it.

Only a line whose webhooks demonstrably come in lets a doubt grow old: twenty later messages of it must have been told of.
Otherwise it waits, seven days at most, as long as Meta repeats webhooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, or_, select, true, update

from flowbuilder import clock, queue
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outbox import is_
from flowbuilder.store.sending import IS_TOLD, Batch, Message
from flowbuilder.whatsapp import codes
from flowbuilder.whatsapp.errors import Verdict

_S = DeliveryStatus
_WITNESSES = 20
_LONGEST = timedelta(days=7)
_AT_ONCE = 200
_STRICTEST = "MARKETING"
"""Whose rule serves for categories that we don't know."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a doubt lasts, and whether one flagged repetition may follow by itself."""

    window: timedelta
    sends_again: bool
    needs_witnesses: bool = True


POLICIES = {
    "MARKETING": Policy(timedelta(minutes=15), sends_again=False),
    "UTILITY": Policy(timedelta(minutes=15), sends_again=True),
    "AUTHENTICATION": Policy(timedelta(minutes=10), sends_again=False),
    None: Policy(timedelta(minutes=2), sends_again=True, needs_witnesses=False),
}
"""By category of the template; None is what a flow says, where a lost question would leave the person waiting."""


def resolve() -> None:
    """Let old doubts become unconfirmed, and queue again those that may be."""
    lines = db.session.scalars(select(Message.line_id).where(is_(_S.UNKNOWN)).distinct()).all()
    if not lines:
        return
    old = (
        select(Message.id, Message.line_id, Message.sending_at, Message.batch_id, Message.error_code, Message.is_possible_duplicate)
        .add_columns(Message.conversation_id, TemplateMessage.category, Batch.status.label("batch_status"))
        .outerjoin(Batch, Batch.id == Message.batch_id)
        .outerjoin(TemplateMessage, TemplateMessage.id == Message.template_id)
        .where(is_(_S.UNKNOWN), _is_over(clock.now(), _witnessed_until(lines)))
        .order_by(Message.id)
    )
    rows = db.session.execute(old.limit(_AT_ONCE)).all()
    if not rows:
        return
    with transaction() as session:
        for row in rows:
            again = _may_go_again(row)
            values: dict[str, Any] = {"status": _S.UNCONFIRMED}
            if again:
                values = {"status": _S.QUEUED, "is_possible_duplicate": True, "due_at": None, "attempt": 0}
            session.execute(update(Message).where(Message.id == row.id, Message.status == _S.UNKNOWN).values(**values))
    if any(_may_go_again(row) and row.batch_id is None for row in rows):
        queue.ring(queue.REPLIES, "converse")


def _is_over(now: datetime, witnessed: Mapping[str, datetime]) -> ColumnElement[bool]:
    """Whether a doubt is old enough by the rule of its category; in SQL, so that young ones don't stand before old ones."""
    left, category = Message.sending_at, TemplateMessage.category
    told = or_(*(and_(Message.line_id == line_id, left < until) for line_id, until in witnessed.items()), false())
    known = [name for name in POLICIES if name is not None and name != _STRICTEST]
    ends = [left.is_(None), left < now - _LONGEST]
    for name, policy in POLICIES.items():
        same = category.is_(None) if name is None else category == name
        if name == _STRICTEST:
            same = category.not_in(known)
        ends.append(and_(same, left <= now - policy.window, told if policy.needs_witnesses else true()))
    return or_(*ends)


def _may_go_again(row: Row[Any]) -> bool:
    """Once. Where Meta itself said that it failed, in every category: it is as good as certain that nothing went out."""
    if row.batch_status not in (None, "running", "paused", "stopped"):
        return False
    policy = POLICIES.get(row.category, POLICIES["MARKETING"])
    is_metas_fault = row.error_code is not None and codes.meaning(row.error_code).verdict is Verdict.UNKNOWN
    return not row.is_possible_duplicate and (policy.sends_again or is_metas_fault)


def _witnessed_until(lines: Iterable[str]) -> dict[str, datetime]:
    """For each line the moment after which enough messages left of which a webhook told; none where too few did."""
    found = {}
    for line_id in lines:
        told = select(Message.sending_at).where(Message.line_id == line_id, IS_TOLD, Message.sending_at.is_not(None))
        moment = db.session.scalar(told.order_by(Message.sending_at.desc()).offset(_WITNESSES - 1).limit(1))
        if moment is not None:
            found[line_id] = moment
    return found
