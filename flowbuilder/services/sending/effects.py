"""What one fate means for everything else of the same line or batch: stop with a plain reason, or go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.contacts import consent
from flowbuilder.services.sending.fate import Effect, Fate
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbox import Executor
from flowbuilder.store.sending import Batch


def on_line(on: Executor, line_id: str, result: Fate) -> None:
    """Note on the line why Meta takes nothing from it, or take the note away when it takes something again."""
    if result.effect is Effect.STOP_LINE:
        on.execute(update(Line).where(Line.id == line_id).values(paused_reason=result.text[:255]))
        on.execute(
            update(Batch)
            .where(Batch.line_id == line_id, Batch.status == "running")
            .values(status="stopped", stopped_because=result.text[:255])
        )
    elif result.become is DeliveryStatus.ACCEPTED:
        on.execute(update(Line).where(Line.id == line_id, Line.paused_reason != "").values(paused_reason=""))


def on_people(on: Executor, results: Sequence[Fate], now: datetime) -> None:
    """Who Meta says has stopped our promotions has opted out."""
    if ids := [each.id for each in results if each.code == consent.STOPPED_CODE and each.become is DeliveryStatus.FAILED]:
        consent.refused(on, ids, now)


def on_batch(on: Executor, batch_id: str, result: Fate) -> None:
    if result.effect is Effect.STOP_BATCH:
        on.execute(
            update(Batch).where(Batch.id == batch_id, Batch.status == "running").values(status="stopped", stopped_because=result.text[:255])
        )
