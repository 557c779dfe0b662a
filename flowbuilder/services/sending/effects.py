"""What one fate means for everything else of the same line or batch: stop with a plain reason, or go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.contacts import consent
from flowbuilder.services.sending.fate import Effect, Fate
from flowbuilder.store.accounts import Line
from flowbuilder.store.media import forget_upload
from flowbuilder.store.outbox import Executor
from flowbuilder.store.sending import Batch, Message
from flowbuilder.whatsapp import codes
from flowbuilder.whatsapp.errors import Verdict

_STOPPED_AT_MOST = 2000
_STOPPING = tuple(code for code, known in codes.TABLE.items() if known.verdict in (Verdict.STOP_LINE, Verdict.STOP_TEMPLATE))


def on_line(on: Executor, line_id: str, result: Fate) -> None:
    """Note on the line why Meta takes nothing from it, or take the note away when it takes something again."""
    if result.gone:
        forget_upload(on, line_id, result.gone)
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


def after_stop(on: Executor, batch_id: str) -> None:
    """A person has mended what stopped the batch: the few messages that were refused then need not wait any longer."""
    first = select(Message.id).where(Message.batch_id == batch_id, Message.status == DeliveryStatus.QUEUED).order_by(Message.id)
    refused = (Message.status == DeliveryStatus.QUEUED) & Message.due_at.is_not(None) & Message.error_code.in_(_STOPPING)
    at_once = update(Message).where(Message.id.in_(first.limit(_STOPPED_AT_MOST)), refused).values(due_at=None)
    on.execute(at_once, execution_options={"synchronize_session": False})
