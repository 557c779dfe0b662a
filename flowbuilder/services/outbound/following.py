"""Following the review: what Meta tells by webhook, and what it says when we ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update

from flowbuilder import clock
from flowbuilder.core.review import ReviewStatus, status_for
from flowbuilder.errors import NotFound, Unavailable
from flowbuilder.services import transaction
from flowbuilder.services.accounts import lines
from flowbuilder.services.outbound import record
from flowbuilder.services.outbound.find import find
from flowbuilder.services.outbound.submission import settle
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.errors import CloudError, WireError
from flowbuilder.whatsapp.webhooks import TemplateCategory, TemplateQuality, TemplateStatus

_S = ReviewStatus
_SETTLE_AFTER = timedelta(seconds=60)
"""Longer than a call may take, so that nobody is still waiting for its answer."""
_ASK_EVERY = {_S.PENDING: timedelta(minutes=3), _S.IN_APPEAL: timedelta(minutes=30), _S.PAUSED: timedelta(minutes=30)}
_AT_ONCE = 5

_SAYS = {
    "APPROVED": "Meta approved it.",
    "REJECTED": "Meta rejected it.",
    "PENDING": "Meta is reviewing it.",
    "PAUSED": "Meta paused it because of its quality.",
    "DISABLED": "Meta disabled it for good.",
    "REINSTATED": "Meta allows it again.",
    "FLAGGED": "Meta warns of its quality: it may be paused soon.",
    "IN_APPEAL": "The decision is being looked at again.",
    "PENDING_DELETION": "Meta is deleting it.",
    "DELETED": "It has been deleted at Meta.",
    "LIMIT_EXCEEDED": "The account has reached a limit of Meta.",
    "LOCKED": "Meta has locked it.",
    "ARCHIVED": "Meta archived it because it was not used for a year.",
    "UNARCHIVED": "It is out of the archive.",
}


def apply_status(line_id: str, item: TemplateStatus | TemplateQuality | TemplateCategory) -> bool:
    """Note what a webhook says of a message; whether it is one of ours. The same webhook again changes nothing."""
    with transaction():
        row = _named(line_id, item)
        if row is None:
            return False
        row.meta_id = row.meta_id or item.meta_id or None
        match item:
            case TemplateStatus():
                _apply_event(row, item)
            case TemplateQuality():
                _apply_quality(row, item.score)
            case TemplateCategory(announced=None):
                record.take_category(row, item.category)
            case TemplateCategory(announced=category):
                text = f"Meta holds this for a {str(category).title()} message and will make it one within a day."
                record.event(row, "meta", "category_announced", text)
    return True


def refresh(workspace_id: str, template_id: str) -> TemplateMessage:
    """Ask Meta how it stands."""
    row = find(workspace_id, template_id)
    if row.status in (_S.DRAFT, _S.DELETED):
        return row
    if row.status == _S.SUBMITTING:
        return settle(row) if _is_old(row) else row
    try:
        answer = _ask(row)
    except WireError as error:
        raise Unavailable(error.text) from error
    return _apply_answer(row.id, answer)


def refresh_overdue() -> int:
    """Ask about messages of which no webhook has told for a while, a few at a time; how many were asked about."""
    asked = 0
    for template_id in _overdue():
        with transaction() as session:
            now = clock.now()
            fresh = and_(
                TemplateMessage.id == template_id, or_(TemplateMessage.asked_at.is_(None), TemplateMessage.asked_at < now - _SETTLE_AFTER)
            )
            claimed = session.execute(update(TemplateMessage).where(fresh).values(asked_at=now)).rowcount
        if not claimed:
            continue
        row = db.session.get_one(TemplateMessage, template_id, populate_existing=True)
        try:
            settle(row) if row.status == _S.SUBMITTING else refresh(row.workspace_id, row.id)
        except (Unavailable, NotFound):
            continue
        asked += 1
    return asked


def _overdue() -> list[str]:
    now = clock.now()
    asked = TemplateMessage.asked_at
    waits = [and_(TemplateMessage.status == status, or_(asked.is_(None), asked < now - every)) for status, every in _ASK_EVERY.items()]
    waits.append(
        and_(TemplateMessage.status == _S.SUBMITTING, TemplateMessage.submitted_at < now - _SETTLE_AFTER, asked < now - _SETTLE_AFTER)
    )
    return list(db.session.scalars(select(TemplateMessage.id).where(or_(*waits)).order_by(asked).limit(_AT_ONCE)))


def _is_old(row: TemplateMessage) -> bool:
    return row.submitted_at is None or row.submitted_at < clock.now() - _SETTLE_AFTER


def _ask(row: TemplateMessage) -> dict[str, Any]:
    meta = lines.client(row.line)
    if row.meta_id:
        try:
            return meta.get_template(row.meta_id)
        except CloudError as error:
            if error.code != 100:
                raise
    return meta.find_template(row.wire_name, row.language) or {"status": "DELETED"}


def _apply_answer(template_id: str, answer: dict[str, Any]) -> TemplateMessage:
    with transaction() as session:
        row = session.get_one(TemplateMessage, template_id, with_for_update=True, populate_existing=True)
        row.asked_at = clock.now()
        record.take_category(row, str(answer.get("category") or "").upper())
        quality = answer.get("quality_score")
        if isinstance(quality, dict):
            _apply_quality(row, str(quality.get("score") or "").upper())
        event = str(answer.get("status") or "").upper()
        target = status_for(event)
        reason = str(answer.get("rejected_reason") or "")
        if target and record.move(row, target, reason="" if reason == "NONE" else reason):
            record.event(row, "meta", event, _SAYS.get(event, f"Meta says: {event}."), answer)
    return row


def _apply_event(row: TemplateMessage, item: TemplateStatus) -> None:
    record.take_category(row, item.category)
    target = status_for(item.event)
    text = _SAYS.get(item.event, f"Meta says: {item.event.replace('_', ' ').lower()}.")
    raw = {"event": item.event, "reason": item.reason, "note": item.note}
    if target is None:
        record.event(row, "meta", item.event, text, raw)
    elif record.move(row, target, reason=item.reason, explanation=item.explanation, recommendation=item.recommendation):
        record.event(row, "meta", item.event, f"{text} {row.explanation}".strip(), raw)
    elif row.status == target and item.recommendation and not row.recommendation:
        row.explanation, row.recommendation = item.explanation, item.recommendation


def _apply_quality(row: TemplateMessage, score: str) -> None:
    if score not in ("GREEN", "YELLOW", "RED", "UNKNOWN") or score == row.quality:
        return
    row.quality = score
    words = {"GREEN": "high", "YELLOW": "medium", "RED": "low", "UNKNOWN": "not known yet"}[score]
    record.event(row, "meta", "quality", f"Its quality is {words}.")


def _named(line_id: str, item: TemplateStatus | TemplateQuality | TemplateCategory) -> TemplateMessage | None:
    """By Meta's id, else by the name that only one message has; on any line of the same WhatsApp account."""
    line = db.session.get(Line, line_id)
    if line is None:
        return None
    same = [Line.waba_id == line.waba_id, TemplateMessage.workspace_id == line.workspace_id]
    query = select(TemplateMessage).join(Line, Line.id == TemplateMessage.line_id).where(*same).with_for_update(of=TemplateMessage)
    query = query.execution_options(populate_existing=True)
    by_id = db.session.scalar(query.where(TemplateMessage.meta_id == item.meta_id)) if item.meta_id else None
    named = query.where(TemplateMessage.wire_name == item.name, TemplateMessage.language == item.language)
    return by_id or db.session.scalar(named.where(TemplateMessage.status != _S.DRAFT))
