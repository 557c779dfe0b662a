"""The statements that hand stored webhooks to whoever applies them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, or_, select, update

from flowbuilder.store.inbound import Webhook
from flowbuilder.store.outbox import Executor

_PENDING, _DEAD = "pending", "dead"


def claim(on: Executor, owner: str, now: datetime, until: datetime, limit: int) -> list[Row[Any]]:
    """The oldest posts (id, line_id, body) that nobody works on, now held by ``owner``."""
    free = or_(Webhook.lease_until.is_(None), Webhook.lease_until < now)
    oldest = select(Webhook.id).where(Webhook.status == _PENDING, free).order_by(Webhook.id).limit(limit)
    oldest = oldest.with_for_update(skip_locked=True).cte("oldest")
    statement = (
        update(Webhook.__table__).where(Webhook.__table__.c.id.in_(select(oldest.c.id))).values(lease_owner=owner, lease_until=until)
    )
    rows = on.execute(statement.returning(Webhook.__table__.c.id, Webhook.__table__.c.line_id, Webhook.__table__.c.body)).all()
    return sorted(rows, key=lambda row: row.id)


def done(on: Executor, ids: Sequence[int]) -> None:
    on.execute(delete(Webhook).where(Webhook.id.in_(ids)))


def set_aside(on: Executor, webhook_id: int, error: str) -> None:
    """It can't be applied and must not hold up others: a person may look at it."""
    on.execute(update(Webhook).where(Webhook.id == webhook_id).values(status=_DEAD, error=error[:2000], lease_owner=None, lease_until=None))


def let_go(on: Executor, owners: Sequence[str]) -> None:
    """What these, who are no more, held is free again."""
    held = (Webhook.status == _PENDING) & Webhook.lease_owner.in_(owners)
    on.execute(update(Webhook).where(held).values(lease_owner=None, lease_until=None))


def owners(on: Executor) -> list[str]:
    return list(
        on.execute(select(Webhook.lease_owner).where(Webhook.status == _PENDING, Webhook.lease_owner.is_not(None)).distinct()).scalars()
    )


def count_waiting(on: Executor) -> int:
    return on.execute(select(func.count()).select_from(Webhook).where(Webhook.status == _PENDING)).scalar_one()
