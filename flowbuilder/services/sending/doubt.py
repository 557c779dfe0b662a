"""What becomes of messages whose fate stays unknown: unconfirmed after a while, and sent again only where a rule allows it.

Only a line whose webhooks demonstrably come in lets a doubt grow old: twenty later messages of it must have been told of.
Otherwise it waits, seven days at most, as long as Meta repeats webhooks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, update

from flowbuilder import clock, queue
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outbox import is_
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp import codes
from flowbuilder.whatsapp.errors import Verdict

_S = DeliveryStatus
_WITNESSES = 20
_LONGEST = timedelta(days=7)
_AT_ONCE = 200


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
    now = clock.now()
    shortest = min(policy.window for policy in POLICIES.values())
    old = (
        select(Message.id, Message.line_id, Message.sending_at, Message.batch_id, Message.error_code, Message.is_possible_duplicate)
        .add_columns(Message.conversation_id, TemplateMessage.category)
        .outerjoin(TemplateMessage, TemplateMessage.id == Message.template_id)
        .where(is_(_S.UNKNOWN), or_(Message.sending_at < now - shortest, Message.sending_at.is_(None)))
        .order_by(Message.id)
    )
    rows = [row for row in db.session.execute(old.limit(_AT_ONCE * 10)) if _is_over(row, now)][:_AT_ONCE]
    if not rows:
        return
    with transaction() as session:
        for row in rows:
            again = _may_go_again(row)
            values: dict[str, Any] = {"status": _S.UNCONFIRMED}
            if again:
                values = {"status": _S.QUEUED, "is_possible_duplicate": True, "due_at": None, "attempt": 0}
            session.execute(update(Message).where(Message.id == row.id, Message.status == _S.UNKNOWN).values(**values))
    for row in rows:
        if _may_go_again(row) and row.batch_id is None:
            _ring(row)


def _is_over(row: Row[Any], now: datetime) -> bool:
    policy = POLICIES.get(row.category, POLICIES["MARKETING"])
    if row.sending_at is None or now - row.sending_at > _LONGEST:
        return True
    if now - row.sending_at < policy.window:
        return False
    return not policy.needs_witnesses or _witnesses(row) >= _WITNESSES


def _may_go_again(row: Row[Any]) -> bool:
    """Once. Where Meta itself said that it failed, in every category: it is as good as certain that nothing went out."""
    policy = POLICIES.get(row.category, POLICIES["MARKETING"])
    is_metas_fault = row.error_code is not None and codes.meaning(row.error_code).verdict is Verdict.UNKNOWN
    return not row.is_possible_duplicate and (policy.sends_again or is_metas_fault)


def _witnesses(row: Row[Any]) -> int:
    """Messages of the line that left later and of which a webhook told."""
    told = or_(Message.sent_at.is_not(None), Message.delivered_at.is_not(None), Message.read_at.is_not(None))
    later = select(Message.id).where(Message.line_id == row.line_id, Message.id != row.id, Message.sending_at > row.sending_at, told)
    return db.session.scalar(select(func.count()).select_from(later.limit(_WITNESSES).subquery())) or 0


def _ring(row: Row[Any]) -> None:
    if row.conversation_id is None:
        queue.ring(queue.REPLIES, "deliver", row.id)
    else:
        queue.ring(queue.REPLIES, "deliver_conversation", row.conversation_id)
