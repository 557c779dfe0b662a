"""What is told before a batch starts: who heard from us lately, who opted out, the line's limit and speed, and the cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from flowbuilder import clock
from flowbuilder.core import ratecard
from flowbuilder.core.batch import BatchStatus, duration
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.ratecard import Estimate, RateCard
from flowbuilder.errors import Conflict
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, prices
from flowbuilder.services.sending import tier
from flowbuilder.services.sending.batches import find
from flowbuilder.services.sending.tier import Tier
from flowbuilder.store import batches, consent, db, outlook
from flowbuilder.store.sending import Batch, Message

DAYS = 7
MOST_DAYS = 90
_MANY, _SLICE = 20_000, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Numbers of people. ``waiting`` may be written to; ``recent`` and ``opted_out`` are among them."""

    waiting: int
    days: int
    recent: int
    opted_out: int
    testers: int
    per_second: int
    tier: Tier
    card: RateCard
    cost: Estimate

    @property
    def time(self) -> str:
        return duration(self.waiting / max(1, self.per_second))

    @property
    def over_limit(self) -> int:
        """Who has to wait for another day, since the limit allows no more."""
        return 0 if self.tier.left is None else max(0, self.waiting - self.tier.left)


def of(batch: Batch, days: int = DAYS) -> Forecast:
    days = min(max(1, days), MOST_DAYS)
    card = prices.of(batch.workspace_id)
    waiting = batches.numbers(batch).queued
    people = ratecard.by_region(outlook.prefixes(batch.id, is_whole=waiting == batch.rows - batch.faulty))
    opted_out, _first = consent.opted_out(batch.workspace_id, batch.id)
    return Forecast(
        waiting=waiting, days=days, recent=outlook.count_recent(batch, clock.now() - timedelta(days=days)),
        opted_out=opted_out, testers=outlook.count_testers(batch), per_second=batch.line.messages_per_second,
        tier=tier.of(db.session, batch.line_id), card=card, cost=ratecard.estimate(card, people, batch.template.category),
    )  # fmt: skip


def is_quick(batch: Batch) -> bool:
    """Whether the forecast is made in a moment; with many rows, or many messages lately, it takes seconds."""
    since = clock.now() - timedelta(days=DAYS)
    return batch.rows <= _MANY and not outlook.is_much(batch.workspace_id, since, _MANY)


def leave_out_recent(workspace_id: str, batch_id: str, days: int, *, user_id: str | None) -> int:
    """Skip the recipients who heard from us in the last ``days``, slice by slice: how many they are. Only before the start."""
    batch = find(workspace_id, batch_id)
    since, count, last = clock.now() - timedelta(days=min(max(1, days), MOST_DAYS)), 0, 0
    text = f"This person got a message from us in the {days} days before: left out."
    while ids := outlook.some_recent(batch, since, after=last, limit=_SLICE):
        with transaction() as session:
            is_draft = update(Batch).where(Batch.id == batch_id, Batch.status == BatchStatus.DRAFT).values(status=BatchStatus.DRAFT)
            if session.execute(is_draft, execution_options={"synchronize_session": False}).rowcount != 1:
                raise Conflict("The batch has been started: its recipients are fixed.")
            skipping = update(Message).where(Message.id.in_(ids), Message.status == DeliveryStatus.QUEUED)
            values = {"status": DeliveryStatus.SKIPPED, "error_text": text}
            count += session.execute(skipping.values(values), execution_options={"synchronize_session": False}).rowcount
        last = ids[-1]
    with transaction() as session:
        audit.record(session, workspace_id, user_id, "batch.left_out", batch_id, f"Left out {count} who heard from us lately")
    return count
