"""What Meta tells of our numbers and accounts: kept as the history of each line concerned, and followed at once."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.core import standing
from flowbuilder.core.standing import News
from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, LineEvent
from flowbuilder.store.sending import Batch
from flowbuilder.whatsapp.webhooks import AccountNews


def take(line_id: str, item: AccountNews) -> None:
    """Note it on every line that it is about; the same post again changes nothing."""
    told = {key: value for key, value in asdict(item).items() if value and key != "waba_id"}
    digest = hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()
    parts: dict[str, Any] = {name: getattr(item, name) for name in ("limit", "level", "status", "text", "until")}
    news = standing.news(item.field, item.event, **parts)
    now = clock.now()
    at = min(now, datetime.fromtimestamp(item.at, UTC)) if item.at else now
    with transaction() as session:
        for line in _about(line_id, item):
            known = select(LineEvent.id).where(LineEvent.line_id == line.id, LineEvent.digest == digest)
            if session.scalar(known.limit(1)) is None:
                session.add(LineEvent(line_id=line.id, at=at, kind=item.field, tone=news.tone, text=news.text[:500], digest=digest))
                _follow(session, line, news)


def history(line: Line, limit: int = 50) -> list[LineEvent]:
    return list(db.session.scalars(select(LineEvent).where(LineEvent.line_id == line.id).order_by(LineEvent.id.desc()).limit(limit)))


def _about(line_id: str, item: AccountNews) -> list[Line]:
    """The lines of this account in the same workspace; of news about one number only its own."""
    own = db.session.get_one(Line, line_id)
    same = select(Line).where(Line.workspace_id == own.workspace_id, Line.waba_id == own.waba_id).order_by(Line.id).with_for_update()
    lines = list(db.session.scalars(same.execution_options(populate_existing=True)))
    named = [line for line in lines if item.number and item.number in (_digits(line.display_number), _digits(line.facts.get("number", "")))]
    return named or ([line for line in lines if line.id == line_id] if item.number else lines)


def _follow(session: Any, line: Line, news: News) -> None:
    if news.facts:
        line.facts = {**line.facts, **news.facts}
    if news.stops:
        line.paused_reason = news.text[:255]
        running = (Batch.line_id == line.id) & (Batch.status == "running")
        session.execute(update(Batch).where(running).values(status="stopped", stopped_because=news.text[:255]))
    if news.goes_on:
        line.paused_reason = ""


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))
