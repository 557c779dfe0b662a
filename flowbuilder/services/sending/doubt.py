"""What becomes of messages whose fate stays unknown: unconfirmed after a while, and sent again only where a rule allows it.

Only a line whose webhooks demonstrably come in lets a doubt grow old: twenty later messages of it must have been told of.
Otherwise it waits, seven days at most, as long as Meta repeats webhooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, or_, select, true, update

from flowbuilder import clock, queue
from flowbuilder.core import doubt as rules
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.doubt import Policy, Then
from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outbox import is_
from flowbuilder.store.sending import IS_TOLD, Batch, Message
from flowbuilder.whatsapp import codes
from flowbuilder.whatsapp.errors import Verdict

_S = DeliveryStatus
_WITNESSES = 20
_LONGEST = timedelta(days=7)
_AT_ONCE = 200


def resolve() -> None:
    """Let old doubts become unconfirmed, and queue again those that may be."""
    lines = dict(db.session.execute(select(Message.line_id, Message.workspace_id).where(is_(_S.UNKNOWN)).distinct()).all())
    if not lines:
        return
    policies = _policies(set(lines.values()))
    old = (
        select(Message.id, Message.line_id, Message.sending_at, Message.batch_id, Message.error_code, Message.is_possible_duplicate)
        .add_columns(Message.workspace_id, TemplateMessage.category, Batch.status.label("batch_status"))
        .outerjoin(Batch, Batch.id == Message.batch_id)
        .outerjoin(TemplateMessage, TemplateMessage.id == Message.template_id)
        .where(is_(_S.UNKNOWN), _is_over(clock.now(), _witnessed_until(lines), policies))
        .order_by(Message.id)
    )
    rows = db.session.execute(old.limit(_AT_ONCE)).all()
    if not rows:
        return
    with transaction() as session:
        for row in rows:
            again = _may_go_again(row, policies)
            values: dict[str, Any] = {"status": _S.UNCONFIRMED}
            if again:
                values = {"status": _S.QUEUED, "is_possible_duplicate": True, "due_at": None, "attempt": 0}
            session.execute(update(Message).where(Message.id == row.id, Message.status == _S.UNKNOWN).values(**values))
    if any(_may_go_again(row, policies) and row.batch_id is None for row in rows):
        queue.ring(queue.REPLIES, "converse")


def _policies(workspace_ids: Iterable[str]) -> dict[str, Mapping[str, Policy]]:
    rows = db.session.execute(select(Workspace.id, Workspace.doubts).where(Workspace.id.in_(workspace_ids)))
    return {row.id: rules.policies(row.doubts) for row in rows}


def _is_over(now: datetime, witnessed: Mapping[str, datetime], policies: Mapping[str, Mapping[str, Policy]]) -> ColumnElement[bool]:
    """Whether a doubt is old enough by the rule of its category; in SQL, so that young ones don't stand before old ones."""
    left = Message.sending_at
    told = or_(*(and_(Message.line_id == line_id, left < until) for line_id, until in witnessed.items()), false())
    ends = [left.is_(None), left < now - _LONGEST]
    for workspace_id, of_workspace in policies.items():
        for name, policy in of_workspace.items():
            mine = and_(Message.workspace_id == workspace_id, _has_category(name))
            ends.append(and_(mine, left <= now - policy.window, told if policy.needs_witnesses else true()))
    return or_(*ends)


def _has_category(name: str) -> ColumnElement[bool]:
    category = TemplateMessage.category
    if name == "SERVICE":
        return category.is_(None)
    return category.not_in([other for other in rules.DEFAULTS if other != name]) if name == rules.STRICTEST else category == name


def _may_go_again(row: Row[Any], policies: Mapping[str, Mapping[str, Policy]]) -> bool:
    """Once. Where Meta itself said that it failed, in every category: it is as good as certain that nothing went out."""
    if row.batch_status not in (None, "running", "holding", "paused", "stopped"):
        return False
    policy = rules.of(policies[row.workspace_id], row.category)
    is_metas_fault = row.error_code is not None and codes.meaning(row.error_code).verdict is Verdict.UNKNOWN
    return not row.is_possible_duplicate and (policy.then is Then.RESEND or is_metas_fault)


def _witnessed_until(lines: Iterable[str]) -> dict[str, datetime]:
    """For each line the moment after which enough messages left of which a webhook told; none where too few did."""
    found = {}
    for line_id in lines:
        told = select(Message.sending_at).where(Message.line_id == line_id, IS_TOLD, Message.sending_at > clock.now() - _LONGEST)
        told = told.where(Message.direction == "out")
        moment = db.session.scalar(told.order_by(Message.sending_at.desc()).offset(_WITNESSES - 1).limit(1))
        if moment is not None:
            found[line_id] = moment
    return found
