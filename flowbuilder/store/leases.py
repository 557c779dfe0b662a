"""The statements by which a process holds a batch while sending it, and by which others see what it left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, update

from flowbuilder.core.delivery import OPEN, DeliveryStatus
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outbox import Executor, is_, is_locking, lock_where, not_held
from flowbuilder.store.sending import Batch, Message

_B = Batch.__table__
_M = Message.__table__
_S = DeliveryStatus


def hold_batch(on: Executor, batch_id: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take or renew the lease of a running batch; False when it is not running or somebody else's."""
    free = or_(_B.c.lease_owner.is_(None), _B.c.lease_owner == owner, _B.c.lease_until < now)
    mine = (_B.c.id == batch_id) & (_B.c.status == "running") & free
    held = {"lease_owner": owner, "lease_until": until, "waits_because": "", "waits_until": None}
    return on.execute(update(_B).where(mine).values(held)).rowcount == 1


def put_off(on: Executor, batch_id: str, because: str, until: datetime) -> None:
    """It stays running, and nothing of it leaves before ``until``."""
    running = (_B.c.id == batch_id) & (_B.c.status == "running")
    on.execute(update(_B).where(running).values(waits_because=because[:255], waits_until=until))


def let_go_of_batch(on: Executor, batch_id: str, owner: str) -> None:
    on.execute(update(_B).where(_B.c.id == batch_id, _B.c.lease_owner == owner).values(lease_owner=None, lease_until=None))


def is_template_approved(on: Executor, batch_id: str) -> bool:
    status = select(TemplateMessage.status).join(Batch, Batch.template_id == TemplateMessage.id).where(Batch.id == batch_id)
    return on.execute(status).scalar() == "approved"


def is_line_enabled(on: Executor, line_id: str) -> bool:
    return on.execute(select(Line.id).where(Line.id == line_id, Line.disabled_at.is_(None))).scalar() is not None


def stop_batch(on: Executor, batch_id: str, because: str) -> None:
    running = (_B.c.id == batch_id) & (_B.c.status == "running")
    on.execute(update(_B).where(running).values(status="stopped", stopped_because=because[:255]))


def next_due(on: Executor, batch_id: str) -> Row[Any] | None:
    """When the first waiting row of a batch may leave: (waiting, due), where due None means now; None when nothing waits."""
    waiting = select(func.count().label("waiting"), func.min(_M.c.due_at).label("due"), func.count(_M.c.due_at).label("dated"))
    row = on.execute(waiting.where(_M.c.batch_id == batch_id, _M.c.status == _S.QUEUED, not_held(batch_id))).one()
    return row if row.waiting else None


def hold_back(on: Executor, batch_id: str) -> bool:
    """Let a running batch wait for a person's word once its first few have been sent."""
    under_way = _M.c.status.in_((_S.QUEUED, _S.SENDING)) & (_M.c.batch_id == batch_id)
    first = select(_M.c.id).where(under_way, not_held(batch_id)).correlate(None).exists()
    running = (_B.c.id == batch_id) & (_B.c.status == "running") & _B.c.hold_after.is_not(None) & ~first
    return on.execute(update(_B).where(running).values(status="holding", lease_owner=None, lease_until=None)).rowcount == 1


def finish_batch(on: Executor, batch_id: str, now: datetime) -> bool:
    """End a running batch of which nothing is open any more.

    It is locked first: who queues a row again holds that lock, and only a statement begun after it sees the row.
    """
    on.execute(select(_B.c.id).where(_B.c.id == batch_id).with_for_update())
    still_open = select(_M.c.id).where(_M.c.batch_id == batch_id, _M.c.status.in_(OPEN)).correlate(None).exists()
    running = (_B.c.id == batch_id) & (_B.c.status == "running") & ~still_open
    return on.execute(update(_B).where(running).values(status="finished", ended_at=now, lease_owner=None, lease_until=None)).rowcount == 1


def holders(on: Executor) -> set[str]:
    """Everybody who holds a message that is being sent, or a batch."""
    sending = select(_M.c.lease_owner).where(is_(_S.SENDING), _M.c.lease_owner.is_not(None)).distinct()
    batches = select(_B.c.lease_owner).where(_B.c.status.in_(("running", "reading")), _B.c.lease_owner.is_not(None)).distinct()
    return {*on.execute(sending).scalars(), *on.execute(batches).scalars()}


def reap(on: Executor, dead: Sequence[str], now: datetime) -> int:
    """What the dead, and those whose lease ended, were sending: nobody knows what became of it. Their batches are free."""
    lost = is_(_S.SENDING) & or_(_M.c.lease_owner.in_(dead), _M.c.lease_owner.is_(None), _M.c.lease_until < now)
    text = "The process that was sending this ended before an answer came."
    if is_locking(on):
        on.execute(lock_where(lost))
    done = on.execute(
        update(_M).where(lost).values(status=_S.UNKNOWN, error_code=None, error_text=text, lease_owner=None, lease_until=None)
    )
    free = _B.c.lease_owner.is_not(None) & or_(_B.c.lease_owner.in_(dead), _B.c.lease_until < now)
    on.execute(update(_B).where(free).values(lease_owner=None, lease_until=None))
    return done.rowcount
