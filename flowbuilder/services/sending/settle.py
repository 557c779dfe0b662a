"""Statuses from webhooks onto messages: in bulk, forwards only; what cannot be matched yet is parked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, delete, insert, select

from flowbuilder import clock
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.contacts import consent
from flowbuilder.services.media import JUST_NOW
from flowbuilder.services.outgoing.events import Watch
from flowbuilder.store import evidence
from flowbuilder.store.inbound import ParkedStatus
from flowbuilder.store.media import forget_refused
from flowbuilder.store.outbox import Executor
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp.webhooks import StatusUpdate

_KNOWN = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "played": DeliveryStatus.READ,
    "failed": DeliveryStatus.FAILED,
}
_NO_FILE = 131053
"""Media upload error: Meta took the message and then could not show its file, mostly since it had lost it."""
_PARKED_FOR = timedelta(days=7)
_MOST_PARKED = 2000


class Told(NamedTuple):
    """A status and the line whose webhook brought it."""

    line_id: str
    update: StatusUpdate


def settle(on: Executor, told: Sequence[Told], *, park: bool = True) -> list[Told]:
    """Move every message that these statuses speak of; gives back (and parks) those whose message is not known."""
    told = [each for each in told if each.update.status in _KNOWN]
    if not told:
        return []
    now = clock.now()
    found = evidence.find(on, [_wanted(each) for each in told])
    moves, strangers = [], []
    for each, message in zip(told, found, strict=True):
        if message is None:
            strangers.append(each)
        elif evidence.is_news(message, _KNOWN[each.update.status]):
            moves.append(_move(each.update, message, now))
    with Watch(on, (move.id for move in moves)):
        evidence.apply(on, moves)
    for move in moves:
        if move.code == consent.STOPPED_CODE:
            consent.refused(on, [move.id], move.at)
    if lost := [move.id for move in moves if move.code == _NO_FILE]:
        forget_refused(on, lost, now, JUST_NOW)
    if park and strangers:
        _park(on, strangers)
    return strangers


def settle_parked(on: Executor) -> int:
    """Try parked statuses again whose message has got its wamid meanwhile; forget the old ones."""
    on.execute(delete(ParkedStatus).where(ParkedStatus.received_at < clock.now() - _PARKED_FOR))
    same = (Message.line_id == ParkedStatus.line_id) & (Message.wamid == ParkedStatus.wamid)
    statement = select(ParkedStatus.id, ParkedStatus.line_id, ParkedStatus.status).join(Message, same).order_by(ParkedStatus.id)
    rows = on.execute(statement.limit(_MOST_PARKED)).all()
    if rows:
        settle(on, [Told(row.line_id, StatusUpdate(**row.status)) for row in rows], park=False)
        on.execute(delete(ParkedStatus).where(ParkedStatus.id.in_([row.id for row in rows])))
    return len(rows)


def _wanted(told: Told) -> evidence.Wanted:
    """Our own id, if it came back with the status, is surer and quicker than the wamid."""
    callback = told.update.callback or ""
    own = int(callback) if callback.isascii() and callback.isdecimal() and len(callback) < 18 else None
    return evidence.Wanted(told.line_id, own, told.update.wamid)


def _move(update: StatusUpdate, message: Row[Any], now: datetime) -> evidence.Move:
    failed = update.status == "failed"
    text = ": ".join(part for part in (update.error_title, update.error_details) if part) if failed else ""
    at = min(now, _moment(update.timestamp)) if update.timestamp else now
    return evidence.Move(
        id=message.id, to=_KNOWN[update.status], at=at, wamid=update.wamid, pricing=update.pricing[:40],
        code=update.error_code if failed else None, text=text, is_settled=evidence.is_settled(message),
        has_error=evidence.has_error(message),
    )  # fmt: skip


@lru_cache(1000)
def _moment(timestamp: int) -> datetime:
    """When it happened, as Meta says; a clock of theirs that runs ahead is not believed."""
    return datetime.fromtimestamp(timestamp, UTC)


def _park(on: Executor, strangers: Iterable[Told]) -> None:
    rows: list[dict[str, Any]] = [
        {"line_id": each.line_id, "wamid": each.update.wamid[:255], "status": each.update._asdict(), "received_at": clock.now()}
        for each in strangers
    ]
    on.execute(insert(ParkedStatus), rows)
