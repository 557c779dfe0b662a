"""What was left behind: leases of the dead, retries that are due, doubts that are old, batches that are done.

The worker's parent runs this every few seconds, so each part is a short query that mostly finds nothing, and none asks
Meta. It rings for whatever should be under way; a ring too many does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import OperationalError

from flowbuilder import clock, queue
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services import repeats, restored, transaction
from flowbuilder.services.sending import doubt, lease, settle, starting
from flowbuilder.store import db, inbox, leases, wal
from flowbuilder.store.inbound import ParkedStatus
from flowbuilder.store.outbox import is_
from flowbuilder.store.sending import Batch, Message

log = logging.getLogger(__name__)

_S = DeliveryStatus
_LARGE_LOG = 64 << 20
"""Twice what it grows to where all goes well."""
_last: dict[str, float] = {}


def sweep() -> None:
    """Everything once. A part that fails is logged and does not keep the others from running."""
    held = _is_held()
    for part, seconds in _PARTS:
        if held and part in _SENDS:
            continue
        if clock.monotonic() - _last.get(part.__name__, -1e9) < seconds:
            continue
        _last[part.__name__] = clock.monotonic()
        try:
            part()
        except OperationalError as error:
            log.warning("The database is busy or away; %s waits for the next sweep (%s).", part.__name__, error.orig)
        except Exception:
            log.exception("%s failed; it is tried again.", part.__name__)
        finally:
            db.session.rollback()


def reap() -> None:
    """What the dead held: messages become unknown, batches and webhooks are free."""
    now = clock.now()
    holders = leases.holders(db.session) | set(inbox.owners(db.session))
    dead = [holder for holder in holders if lease.is_dead(holder)]
    stale = select(Message.id).where(is_(_S.SENDING), or_(Message.lease_until < now, Message.lease_owner.is_(None)))
    late = select(Batch.id).where(Batch.lease_owner.is_not(None), Batch.lease_until < now)
    if not dead and not db.session.scalar(select(or_(exists(stale), exists(late)))):
        return
    with transaction() as session:
        count = leases.reap(session, dead, now)
        inbox.let_go(session, dead)
    if count:
        log.warning("%s messages were being sent by a process that is no more; their fate is unknown for now.", count)


def tell_changes() -> None:
    from flowbuilder.services.outgoing import changes

    changes.tell_changes()


def ring_outgoing() -> None:
    from flowbuilder.services.outgoing import deliveries

    if deliveries.is_waiting():
        queue.ring(queue.OUTGOING, "tell")


def ring_webhooks() -> None:
    if inbox.count_waiting(db.session):
        queue.ring(queue.REPLIES, "converse")


def ring_batches() -> None:
    """Running batches that nobody holds; files that nobody reads; cancelled batches with rows that still wait."""
    now = clock.now()
    free = or_(Batch.lease_owner.is_(None), Batch.lease_until < now)
    may_go_on = or_(Batch.waits_until.is_(None), Batch.waits_until <= now)
    found = select(Batch.id, Batch.status).where(Batch.status.in_(("running", "reading")), free, may_go_on)
    for batch_id, status in db.session.execute(found):
        if status == "reading":
            queue.ring(queue.BULK, "read_batch", batch_id)
        elif _has_due(batch_id, now):
            queue.ring(queue.BULK, "pump", batch_id)
    waiting = select(Message.id).where(Message.batch_id == Batch.id, Message.status == _S.QUEUED).correlate(Batch).exists()
    for batch_id in db.session.scalars(select(Batch.id).where(Batch.status == "cancelled", waiting)):
        queue.ring(queue.BULK, "cancel_rows", batch_id)


def ring_messages() -> None:
    """Messages outside of batches that should have left: lost rings, and retries that are due now."""
    now = clock.now()
    due = or_(Message.due_at.is_(None) & (Message.created_at < now - timedelta(seconds=2)), Message.due_at <= now)
    if db.session.scalar(select(Message.id).where(is_(_S.QUEUED), Message.batch_id.is_(None), due).limit(1)) is not None:
        queue.ring(queue.REPLIES, "converse")


def finish_batches() -> None:
    now = clock.now()
    still_open = select(Message.id).where(Message.batch_id == Batch.id, Message.status.in_((_S.QUEUED, _S.SENDING, _S.UNKNOWN)))
    is_done = or_(Batch.hold_after.is_not(None), ~still_open.correlate(Batch).exists())
    done = select(Batch.id).where(Batch.status == "running", is_done)
    for batch_id in db.session.scalars(done).all():
        with transaction() as session:
            _ = leases.finish_batch(session, batch_id, now) or leases.hold_back(session, batch_id)


def settle_parked() -> None:
    if db.session.scalar(select(ParkedStatus.id).limit(1)):
        with transaction() as session:
            settle.settle_parked(session)


def ring_conversations() -> None:
    """Steps that wait for a moment, reminders, and people who did not answer in time."""
    from flowbuilder.services.conversations import turns

    if db.session.scalar(turns.is_due(clock.now()).limit(1)) is not None:
        queue.ring(queue.BULK, "wake_conversations")


def ring_requests() -> None:
    """What conversations ask of the world outside: lost rings, what the dead had begun, and what is known later only."""
    from flowbuilder.services.conversations import codes, requests, validations

    if db.session.scalar(requests.due(clock.now()).limit(1)) is not None:
        queue.ring(queue.OUTSIDE, "carry_out")
    if any(db.session.scalar(news.limit(1)) is not None for news in (validations.untold(), codes.undelivered())):
        queue.ring(queue.OUTSIDE, "hear_late")


def ring_files() -> None:
    """What people sent and was not fetched from WhatsApp yet."""
    from flowbuilder.services.conversations import received

    if db.session.scalar(received.due(clock.now()).limit(1)) is not None:
        queue.ring(queue.OUTGOING, "fetch_files")


def ring_reviews() -> None:
    """Asking Meta may take long, so it is not done here; and a batch that is being sent makes way for it, so it is not rung in vain."""
    from flowbuilder.services import outbound

    if outbound.is_overdue() or outbound.sync.is_left():
        queue.ring(queue.BULK, "refresh_reviews")


def ring_imports() -> None:
    from flowbuilder.services.contacts import importing

    importing.ring_left()


def ring_opt_ins() -> None:
    from flowbuilder.services.contacts import consent

    consent.ring_unnoted()


def forget_keys() -> None:
    from flowbuilder.services.api import once
    from flowbuilder.services.inbound import aside
    from flowbuilder.services.outgoing import deliveries

    once.forget_old()
    deliveries.forget_old()
    repeats.forget_old()
    aside.forget_old()


def remove_files() -> None:
    from flowbuilder.services import media

    media.remove_left()


def keep_log_small() -> None:
    if wal.size(db.engine) > _LARGE_LOG and not wal.empty(db.engine):
        log.info("The database's log of writes stays at %s MB: somebody reads what is in it.", wal.size(db.engine) >> 20)


def _has_due(batch_id: str, now: datetime) -> bool:
    row = leases.next_due(db.session, batch_id)
    return row is not None and (row.dated < row.waiting or row.due <= now)


def _is_held() -> bool:
    try:
        return restored.is_held_now()
    except OperationalError:
        return False
    finally:
        db.session.rollback()


_PARTS: tuple[tuple[Callable[[], None], float], ...] = (
    (restored.beat, 0.0),
    (reap, 0.0),
    (keep_log_small, 0.0),
    (tell_changes, 0.0),
    (ring_outgoing, 0.0),
    (ring_webhooks, 0.0),
    (starting.start_due, 0.0),
    (ring_batches, 0.0),
    (ring_messages, 0.0),
    (settle_parked, 0.0),
    (doubt.resolve, 2.0),
    (finish_batches, 2.0),
    (ring_conversations, 0.0),
    (ring_requests, 0.0),
    (ring_files, 0.0),
    (ring_reviews, 15.0),
    (ring_imports, 5.0),
    (ring_opt_ins, 5.0),
    (forget_keys, 600.0),
    (remove_files, 600.0),
)
_SENDS = (starting.start_due, ring_conversations, ring_requests, ring_batches, ring_messages, ring_outgoing, doubt.resolve)
"""What leads to sending: not while a restored backup waits for its confirmation."""
