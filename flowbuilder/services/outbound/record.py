"""Writing down what happened to a message's review; part of other verbs' transactions, never a verb itself."""

from __future__ import annotations

from typing import Any

from flowbuilder import clock
from flowbuilder.core.review import ReviewStatus, may_move, reason_in_words
from flowbuilder.store import db
from flowbuilder.store.outbound import ReviewEvent, TemplateMessage

DECIDED = (ReviewStatus.APPROVED, ReviewStatus.REJECTED)


def event(row: TemplateMessage, source: str, name: str, text: str, raw: dict[str, Any] | None = None) -> None:
    """``source`` is meta, us or person."""
    db.session.add(ReviewEvent(template_id=row.id, at=clock.now(), source=source, event=name, status=row.status, text=text, raw=raw or {}))


def move(row: TemplateMessage, target: ReviewStatus, *, reason: str = "", explanation: str = "", recommendation: str = "") -> bool:
    """Let the review go to ``target`` if there is such a move; repeats and late words change nothing."""
    status = ReviewStatus(row.status)
    if target is status or not may_move(status, target):
        return False
    row.status = target
    row.updated_at = clock.now()
    if target in DECIDED:
        row.decided_at = row.updated_at
    row.reason = reason[:64]
    row.explanation = explanation or (reason_in_words(reason) if target is ReviewStatus.REJECTED or reason else "")
    row.recommendation = recommendation
    return True


def take_category(row: TemplateMessage, category: str) -> None:
    """Meta's word on the category counts, whatever was asked for."""
    if category not in ("MARKETING", "UTILITY", "AUTHENTICATION") or category == row.category:
        return
    before, row.category = row.category, category
    event(row, "meta", "category", f"Meta made it a {category.title()} message; you had asked for {before.title()}.")
