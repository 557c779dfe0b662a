"""Following the review: what Meta tells by webhook, and what it says when we ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from flowbuilder import clock
from flowbuilder.core.review import ReviewStatus, Said, ask_at, in_words, status_for
from flowbuilder.errors import NotFound, Unavailable
from flowbuilder.services import transaction
from flowbuilder.services.accounts import lines
from flowbuilder.services.outbound import record
from flowbuilder.services.outbound.find import find
from flowbuilder.services.outbound.submission import settle
from flowbuilder.services.outbound.taking import take_words
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp import templates
from flowbuilder.whatsapp.errors import CloudError, WireError
from flowbuilder.whatsapp.webhooks import TemplateCategory, TemplateItem, TemplateQuality, TemplateStatus, TemplateWords

_S = ReviewStatus
_SETTLE_AFTER = timedelta(seconds=60)
"""Longer than a call may take, so that nobody is still waiting for its answer."""
_CONFIRM_AFTER = timedelta(minutes=1)
_AT_ONCE = 5


def apply_status(line_id: str, item: TemplateItem) -> bool:
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
                record.take_quality(row, item.score)
            case TemplateCategory(announced=None):
                record.take_category(row, item.category)
            case TemplateCategory(announced=category):
                record.take_announcement(row, str(category), _moment(item.due))
            case TemplateWords():
                _apply_words(row, item)
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
        if not _claim(template_id):
            continue
        row = db.session.get_one(TemplateMessage, template_id, populate_existing=True)
        try:
            settle(row) if row.status == _S.SUBMITTING else refresh(row.workspace_id, row.id)
        except (Unavailable, NotFound):
            continue
        asked += 1
    return asked


def is_overdue() -> bool:
    """Whether there is a message to be asked about."""
    return bool(_overdue())


def _overdue() -> list[str]:
    due = select(TemplateMessage.id).where(TemplateMessage.ask_at <= clock.now())
    return list(db.session.scalars(due.order_by(TemplateMessage.ask_at).limit(_AT_ONCE)))


def _claim(template_id: str) -> bool:
    """Of several who would ask, one does; the next time is later than this one was."""
    now = clock.now()
    with transaction() as session:
        row = session.get_one(TemplateMessage, template_id, populate_existing=True)
        next_time = ask_at(_S(row.status), row.asks + 1, now, row.paused_until)
        claiming = update(TemplateMessage).where(TemplateMessage.id == template_id, TemplateMessage.ask_at <= now)
        return session.execute(claiming.values(ask_at=next_time, asks=TemplateMessage.asks + 1)).rowcount == 1


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
        take_answer(row, answer)
    return row


def take_answer(row: TemplateMessage, answer: dict[str, Any]) -> None:
    """What Meta says now outdoes all that came before."""
    seen = templates.read(answer)
    record.take_category(row, seen.category)
    record.take_announcement(row, seen.correct_category, None)
    record.take_quality(row, seen.quality)
    if answer.get("components"):
        take_words(row, seen)
    if record.hears(row, Said(event=seen.status, at=record.newest(row), reason=seen.reason)):
        record.event(row, "meta", seen.status, in_words(seen.status), {"status": seen.status, "reason": seen.reason})
    record.knows(row)


def _apply_event(row: TemplateMessage, item: TemplateStatus) -> None:
    at, before = _moment(item.at), row.status
    raw = {"event": item.event, "reason": item.reason, "note": item.note, "explanation": item.explanation}
    if record.is_known(row, item.event, raw, at):
        return
    record.take_category(row, item.category)
    said = Said(
        event=item.event, at=at, reason=item.reason, explanation=item.explanation, recommendation=item.recommendation, note=item.note
    )
    has_changed = record.hears(row, said)
    if has_changed and before not in (_S.PENDING, _S.SUBMITTING, _S.DRAFT) and row.status != before:
        # Webhooks come again and out of order; Meta's own answer settles what holds now.
        row.ask_at = clock.now() + _CONFIRM_AFTER
    words = f"{in_words(item.event)} {item.explanation}".strip()
    if has_changed and row.status == before:
        words = f"Meta adds: {item.explanation} {item.recommendation}".strip()
    is_late = not has_changed and status_for(item.event) not in (None, row.status)
    late = " It came too late to change anything." if is_late else ""
    record.event(row, "meta", item.event, words + late, raw, at)


def _apply_words(row: TemplateMessage, item: TemplateWords) -> None:
    at = _moment(item.at)
    if record.is_known(row, "words", {}, at):
        return
    row.ask_at = clock.now()
    record.event(row, "meta", "words", "Its words were changed at Meta. They are being read.", {}, at)


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _named(line_id: str, item: TemplateItem) -> TemplateMessage | None:
    """By Meta's id, else by the name that only one message has; on any line of the same WhatsApp account."""
    line = db.session.get(Line, line_id)
    if line is None:
        return None
    same = [Line.waba_id == line.waba_id, TemplateMessage.workspace_id == line.workspace_id]
    query = select(TemplateMessage).join(Line, Line.id == TemplateMessage.line_id).where(*same).with_for_update(of=TemplateMessage)
    query = query.execution_options(populate_existing=True)
    by_id = db.session.scalar(query.where(TemplateMessage.meta_id == item.meta_id)) if item.meta_id else None
    named = query.where(TemplateMessage.wire_name == item.name, TemplateMessage.language == item.language)
    is_same = or_(TemplateMessage.meta_id.is_(None), TemplateMessage.meta_id == item.meta_id)
    return by_id or db.session.scalar(named.where(TemplateMessage.status != _S.DRAFT, is_same if item.meta_id else True))
