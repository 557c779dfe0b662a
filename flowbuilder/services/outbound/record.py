"""Writing down what happened to a message's review; part of other verbs' transactions, never a verb itself."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from flowbuilder import clock
from flowbuilder.core.review import NAME_BLOCK, ReviewStatus, Said, Standing, ask_at, hear
from flowbuilder.store import db
from flowbuilder.store.outbound import ReviewEvent, TemplateMessage

DECIDED = (ReviewStatus.APPROVED, ReviewStatus.REJECTED)
CLOCKS_DIFFER_BY = timedelta(minutes=1)
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
QUALITIES = {"GREEN": "high", "YELLOW": "medium", "RED": "low", "UNKNOWN": "not known yet"}


def event(
    row: TemplateMessage, source: str, name: str, text: str, raw: dict[str, Any] | None = None, said_at: datetime | None = None
) -> None:
    """``source`` is meta, us or person."""
    values = {"template_id": row.id, "at": clock.now(), "said_at": said_at, "source": source, "event": name[:40], "status": row.status}
    db.session.add(ReviewEvent(**values, text=text, raw=raw or {}))


def is_known(row: TemplateMessage, name: str, raw: dict[str, Any], said_at: datetime | None) -> bool:
    """Whether the history has this already: the same word of the same time, or the same once more with nothing in between."""
    told = select(ReviewEvent).where(ReviewEvent.template_id == row.id, ReviewEvent.source == "meta").order_by(ReviewEvent.id.desc())
    events = db.session.scalars(told.limit(100)).all()
    if said_at and any(known.event == name and known.said_at == said_at and known.raw == raw for known in events):
        return True
    return bool(events) and (events[0].event, events[0].raw) == (name, raw)


def hears(row: TemplateMessage, said: Said) -> bool:
    """Let Meta's word move the review, where the table of moves allows it; whether anything changed."""
    before = Standing(**{field.name: getattr(row, field.name) for field in fields(Standing)} | {"status": ReviewStatus(row.status)})
    after = hear(before, said)
    if after is before:
        return False
    for field in fields(Standing):
        setattr(row, field.name, getattr(after, field.name))
    if replace(after, told_at=before.told_at) == before:
        return False
    row.reason = row.reason[:64]
    if after.status is not before.status:
        _moved(row, before.status)
    row.ask_at = ask_at(after.status, row.asks, clock.now(), after.paused_until)
    return True


def knows(row: TemplateMessage) -> None:
    """Meta has just answered: a webhook that was sent before is late, give or take the difference between clocks."""
    since = clock.now() - CLOCKS_DIFFER_BY
    row.told_at = max(row.told_at, since) if row.told_at else since


def newest(row: TemplateMessage) -> datetime:
    """Now, or just after what Meta told last when its clock is ahead of ours: the time of what is certain to hold now."""
    now = clock.now()
    return max(now, row.told_at + timedelta(seconds=1)) if row.told_at else now


def _moved(row: TemplateMessage, before: ReviewStatus) -> None:
    now = clock.now()
    row.updated_at, row.asks = now, 0
    if row.status in DECIDED:
        row.decided_at = now
    if row.status == ReviewStatus.DELETED and before is not ReviewStatus.REJECTED and row.decided_at:
        row.name_free_at = now + NAME_BLOCK


def take_category(row: TemplateMessage, category: str) -> None:
    """Meta's word on the category counts, whatever was asked for."""
    if category not in CATEGORIES or category == row.category:
        return
    before, row.category = row.category, category
    row.announced_category, row.announced_for = "", None
    event(row, "meta", "category", f"Meta made it a {category.title()} message; you had asked for {before.title()}.")


def take_announcement(row: TemplateMessage, category: str, due: datetime | None) -> None:
    """Meta will file the message elsewhere, a day later as a rule."""
    if category not in CATEGORIES or category in (row.category, row.announced_category):
        return
    row.announced_category, row.announced_for = category, due
    when = f"at {due:%H:%M} UTC on {due:%d %b %Y}" if due else "within a day"
    event(row, "meta", "category_announced", f"Meta holds this for a {category.title()} message and will make it one {when}.")


def take_quality(row: TemplateMessage, score: str) -> None:
    if score in QUALITIES and score != row.quality:
        row.quality = score
        event(row, "meta", "quality", f"Its quality is {QUALITIES[score]}.")
