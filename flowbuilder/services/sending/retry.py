"""Retry failed: a batch of its own for rows of another that failed, linked both ways. Who is in doubt is not among them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from flowbuilder import clock, queue
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.sending import doors
from flowbuilder.services.sending.batches import find
from flowbuilder.store import batches, db, new_id
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from flowbuilder.whatsapp import codes

_OPEN = (BatchStatus.READING, BatchStatus.DRAFT, BatchStatus.SCHEDULED)
_COPIED = (
    "workspace_id", "line_id", "direction", "kind", "phone", "contact_id", "template_id", "number", "content", "is_trial",
)  # fmt: skip
_AT_ONCE = 20_000
_REST = timedelta(hours=24)
_COUNTED_AT_MOST = 100_000
_HOPELESS = "Nobody's message failed in a way that a retry may heal; the table tells why. Retry all who failed sends again all the same."
_RESTING = (
    "Meta held back all of them within the last 24 hours, and would do so again. Retry them after that time, "
    "or take the tick away that leaves them out."
)


def retry(workspace_id: str, batch_id: str, *, everyone: bool = False, but_resting: bool = False, user_id: str | None) -> Batch:
    """A batch, not started, for those whose message failed for a reason that may be gone; ``everyone``: whatever the reason;
    ``but_resting``: not for those whom Meta would still keep from promotions.

    A retry that waits for its start already is the answer; who is in an earlier one is not written to once more.
    """
    batch = find(workspace_id, batch_id)
    if batch.started_at is None:
        raise Conflict("This batch has not been started: nothing of it can have failed.")
    if waiting := next((each for each in batches.retries(batch) if each.status in _OPEN), None):
        return waiting
    doors.approved(workspace_id, batch.template_id)
    since = clock.now() - _REST if but_resting else None
    if not count(batch, everyone=everyone, since=since):
        raise Invalid(_RESTING if since and count(batch, everyone=everyone) else _HOPELESS)
    made = _made(batch, {"retries_everyone": everyone, "rested_since": since.isoformat() if since else ""}, user_id)
    with transaction() as session:
        session.execute(select(TemplateMessage.id).where(TemplateMessage.id == made.template_id).with_for_update())
        if waiting := next((each for each in batches.retries(batch) if each.status in _OPEN), None):
            return waiting
        session.add(made)
        audit.record(session, workspace_id, user_id, "batch.retried", batch_id, f"Made {made.id} for what failed")
    queue.ring(queue.BULK, "read_batch", made.id)
    return made


def _made(batch: Batch, wish: dict[str, Any], user_id: str | None) -> Batch:
    plan = {**batch.plan, **wish}
    for name in ("opt_in_confirmed_by", "started_by", "zone"):
        plan.pop(name, None)
    return Batch(
        id=new_id("bat"), workspace_id=batch.workspace_id, line_id=batch.line_id, template_id=batch.template_id, door=batch.door,
        status=BatchStatus.READING, plan=plan, file_name=batch.file_name, rows=0, faulty=0, retry_of=batch.id,
        created_by=user_id, created_at=clock.now(),
    )  # fmt: skip


def count(batch: Batch, *, everyone: bool = False, since: datetime | None = None) -> int:
    """How many would be written to again."""
    return db.session.scalar(select(func.count()).select_from(Message).where(_failed(batch, everyone=everyone, since=since))) or 0


def resting(batch: Batch) -> int:
    """How many of those Meta would still keep from promotions: 24 hours have not gone by since it did."""
    wanted = _failed(batch, everyone=True), Message.error_code == codes.PERSONS_LIMIT, Message.failed_at > clock.now() - _REST
    return db.session.scalar(select(func.count()).select_from(select(Message.id).where(*wanted).limit(_COUNTED_AT_MOST).subquery())) or 0


def copy(made: Batch, hold: Any) -> None:
    """Copy the failed rows into ``made``, slice by slice. ``hold(session, count)`` counts them in and raises when it is no longer ours."""
    origin = db.session.get_one(Batch, made.retry_of)
    since = made.plan.get("rested_since")
    wanted = _failed(origin, everyone=bool(made.plan.get("retries_everyone")), since=datetime.fromisoformat(since) if since else None)
    last = 0
    while True:
        ids = db.session.scalars(select(Message.id).where(wanted, Message.id > last).order_by(Message.id).limit(_AT_ONCE)).all()
        if not ids:
            return
        given = {"batch_id": made.id, "status": DeliveryStatus.QUEUED.value, "created_by": made.created_by, "created_at": clock.now()}
        fixed = [literal(value, Message.__table__.c[name].type).label(name) for name, value in {**_plain(), **given}.items()]
        source = select(*(getattr(Message, name) for name in _COPIED), *fixed).where(Message.id.between(ids[0], ids[-1]), wanted)
        with transaction() as session:
            inserting = insert(Message).from_select([*_COPIED, *_plain(), *given], source.order_by(Message.id))
            hold(session, session.execute(inserting, execution_options={"preserve_rowcount": True}).rowcount)
        last = ids[-1]


def _plain() -> dict[str, Any]:
    """What a new message begins with."""
    return {"attempt": 0, "error_text": "", "pricing": "", "is_possible_duplicate": False}


def _failed(batch: Batch, *, everyone: bool, since: datetime | None = None) -> ColumnElement[bool]:
    """The failed messages of ``batch`` that no retry of it has, without those that met the person's limit after ``since``."""
    again = aliased(Message)
    retried = select(Batch.id).where(Batch.retry_of == batch.id, Batch.status != BatchStatus.CANCELLED)
    is_retried = select(again.id).where(again.batch_id.in_(retried), again.phone == Message.phone).correlate(Message).exists()
    is_known = Message.phone.is_not(None)
    found = (Message.batch_id == batch.id) & (Message.status == DeliveryStatus.FAILED) & is_known & ~is_retried
    if since:
        has_rested = or_(Message.failed_at.is_(None), Message.failed_at <= since)
        found &= or_(Message.error_code.is_(None), Message.error_code != codes.PERSONS_LIMIT, has_rested)
    return found if everyone else found & or_(Message.error_code.is_(None), Message.error_code.in_(codes.HEALING))
