"""Telling: rows that are due are claimed, posted from a few threads, and what came back is kept. At least once, never forgotten.

An address that fails rests before anything more is sent to it, so that one that is down costs the others nothing.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from flowbuilder import clock, queue
from flowbuilder.core.happening import ID, SIGNATURE, TIMESTAMP, sign, wait_after
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.outside.post import Answer, post
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.outgoing import webhooks
from flowbuilder.store import db
from flowbuilder.store.outgoing import IS_PENDING, OutgoingDelivery, OutgoingWebhook

_D = OutgoingDelivery
_OF_ONE = 8
_THREADS = 16
_LEASE = timedelta(seconds=60)
_GIVE_UP_AFTER = timedelta(hours=24)
_DISABLE_AFTER = timedelta(days=3)
_KEPT_FOR = timedelta(days=30)
_DELETED_AT_ONCE = 1000
_SLICE_SECONDS = 60.0
_QUIET_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Post:
    """A delivery as a thread needs it, without the database."""

    id: int
    webhook_id: str
    url: str
    headers: dict[str, str]
    body: bytes
    loopback: bool

    def send(self) -> Answer:
        return post(self.url, self.body, self.headers, loopback=self.loopback)


def run() -> None:
    """Tell all that is due; ends after a moment in which nothing was."""
    deadline, quiet_since = time.monotonic() + _SLICE_SECONDS, time.monotonic()
    with ThreadPoolExecutor(_THREADS) as pool:
        while not queue.is_stopping() and time.monotonic() < deadline:
            if posts := _claim():
                _record(list(zip(posts, pool.map(_Post.send, posts), strict=True)))
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > _QUIET_SECONDS:
                return
            else:
                time.sleep(0.05)
    queue.ring(queue.OUTGOING, "tell")


def is_waiting() -> bool:
    """Whether something is due, for the sweep."""
    return db.session.scalar(_due(clock.now()).limit(1)) is not None


def forget_old() -> None:
    """Delete what was told long ago, some at a time."""
    old = select(_D.id).where(_D.created_at < clock.now() - _KEPT_FOR).limit(_DELETED_AT_ONCE)
    if ids := db.session.scalars(old).all():
        with transaction() as session:
            session.execute(delete(_D).where(_D.id.in_(ids)))


def of_webhook(webhook_id: str, *, before: int = 0, limit: int = 50) -> Sequence[OutgoingDelivery]:
    """The newest first, older than ``before``."""
    query = select(_D).where(_D.webhook_id == webhook_id)
    if before:
        query = query.where(_D.id < before)
    return db.session.scalars(query.order_by(_D.id.desc()).limit(limit)).all()


def find(workspace_id: str, delivery_id: int) -> OutgoingDelivery:
    row = db.session.get(_D, delivery_id, populate_existing=True) if 0 < delivery_id < 2**62 else None
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def replay(workspace_id: str, delivery_id: int, *, user_id: str | None) -> OutgoingDelivery:
    """Tell it again, whatever came of it, or at once if it waits for its next try. Its event id stays: a receiver knows it by that."""
    find(workspace_id, delivery_id)
    with transaction() as session:
        row = session.get_one(_D, delivery_id, with_for_update=True, populate_existing=True)
        if row.webhook.disabled_at is not None:
            raise Conflict("This outgoing webhook is switched off. Switch it on first.")
        now = clock.now()
        if row.lease_until is not None and row.lease_until > now:
            raise Conflict("It is being told just now. Look again in a moment.")
        if row.status == "pending":
            row.due_at = now
        else:
            row.status, row.attempt, row.due_at, row.ended_at, row.created_at = "pending", 0, now, None, now
        row.webhook.not_before = None
        audit.record(session, workspace_id, user_id, "webhook.replayed", row.webhook_id, f"Told {row.event} once more.")
    queue.ring(queue.OUTGOING, "tell")
    return row


def _due(now: datetime) -> Any:
    free = (_D.lease_until.is_(None)) | (_D.lease_until < now)
    rested = (OutgoingWebhook.not_before.is_(None)) | (OutgoingWebhook.not_before <= now)
    on = OutgoingWebhook.disabled_at.is_(None)
    return select(_D.id).join(OutgoingWebhook, OutgoingWebhook.id == _D.webhook_id).where(IS_PENDING, _D.due_at <= now, free, rested, on)


def _claim() -> list[_Post]:
    """Up to a few for each address, so that a long line before one does not hold up the others."""
    now = clock.now()
    if db.session.scalar(_due(now).limit(1)) is None:
        return []
    claimed: list[_Post] = []
    with transaction() as session:
        for webhook_id in session.scalars(_due(now).with_only_columns(_D.webhook_id).distinct()).all():
            query = _due(now).where(_D.webhook_id == webhook_id).order_by(_D.due_at, _D.id).limit(_OF_ONE)
            ids = session.scalars(query.with_for_update(of=_D, skip_locked=True)).all()
            session.execute(update(_D).where(_D.id.in_(ids)).values(lease_until=now + _LEASE, attempt=_D.attempt + 1))
            claimed += _posts(session, webhook_id, ids, now)
    return claimed


def _posts(session: Tx, webhook_id: str, ids: Sequence[int], now: datetime) -> list[_Post]:
    webhook = session.get_one(OutgoingWebhook, webhook_id)
    loopback, keys, stamp = webhooks.may_loop_back(webhook.workspace_id), webhooks.valid_secrets(webhook), int(now.timestamp())
    posts = []
    for row in session.execute(select(_D.id, _D.event_id, _D.payload).where(_D.id.in_(ids)).order_by(_D.id)):
        body = json.dumps(row.payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json", "User-Agent": "FlowBuilder", ID: row.event_id, TIMESTAMP: str(stamp),
            SIGNATURE: sign(row.event_id, stamp, body, keys),
        }  # fmt: skip
        posts.append(_Post(row.id, webhook_id, webhook.url, headers, body, loopback))
    return posts


def _record(told: list[tuple[_Post, Answer]]) -> None:
    now = clock.now()
    with transaction() as session:
        for one, answer in told:
            row = session.get(_D, one.id, with_for_update=True, populate_existing=True)
            if row is not None:
                _note(session, row, answer, now)


def _note(session: Tx, row: OutgoingDelivery, answer: Answer, now: datetime) -> None:
    row.lease_until = None
    row.answer_status, row.answer_body, row.error, row.milliseconds = answer.status, answer.body, answer.error[:255], answer.milliseconds
    webhook = row.webhook
    if answer.is_good:
        row.status, row.ended_at = "delivered", now
        webhook.failing_since = webhook.not_before = None
        return
    if row.is_test:  # a person looks at the answer: not tried again, and no sign that the address fails
        row.status, row.ended_at = "failed", now
        return
    wait = wait_after(row.attempt)
    due = now + timedelta(seconds=(wait or 0) * random.uniform(0.8, 1.2))
    if wait is None or due > row.created_at + _GIVE_UP_AFTER:
        row.status, row.ended_at = "failed", now
    else:
        row.due_at = due
        webhook.not_before = min(due, now + timedelta(minutes=10))
    webhook.failing_since = webhook.failing_since or now
    if webhook.disabled_at is None and webhook.failing_since < now - _DISABLE_AFTER:
        webhook.disabled_at, webhook.disabled_because = now, f"Nothing could be told to it for three days. {answer.error}"[:255]
        text = f"Switched off the outgoing webhook {webhook.url}: it did not answer for three days."
        audit.record(session, webhook.workspace_id, None, "webhook.disabled", webhook.id, text)
