"""A batch from upload to its end: create, match columns, pause, resume, cancel. Reading is in ``reading``, the start in ``starting``.

Each move is one conditional update: whoever comes second is told what happened.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePath
from typing import BinaryIO

from flask import current_app
from sqlalchemy import case, select, update

from flowbuilder import clock, queue
from flowbuilder.core.batch import BatchStatus, sources
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.finding import Finding
from flowbuilder.core.medium import Medium
from flowbuilder.core.recipients.tables import BYTES_AT_MOST
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.sending import doors, effects, filling
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import batches, db, new_id
from flowbuilder.store.accounts import User
from flowbuilder.store.sending import Batch, Message

_WORDS = {
    BatchStatus.READING: "its file is being read",
    BatchStatus.UNREADABLE: "its file could not be read",
    BatchStatus.DRAFT: "it has not been started",
    BatchStatus.SCHEDULED: "it will start by itself",
    BatchStatus.RUNNING: "it is running already",
    BatchStatus.HOLDING: "it waits for a person's word to send the rest",
    BatchStatus.PAUSED: "it is paused already",
    BatchStatus.CANCELLED: "it was cancelled",
    BatchStatus.STOPPED: "it has stopped",
    BatchStatus.FINISHED: "it has finished",
}
_CANCELLED_AT_ONCE = 20_000


def create(
    workspace_id: str,
    template_id: str,
    door: Door,
    *,
    flow_id: str | None,
    medium: Medium | None = None,
    is_linked: bool = False,
    country: str = "",
    file: BinaryIO,
    file_name: str,
    user_id: str | None,
    batch_id: str = "",
) -> Batch:
    """Keep the uploaded file and have it read. Nothing is sent. ``batch_id`` names it beforehand.

    ``medium`` stands at the head of every message, or the sample, unless ``is_linked``: then each row brings a link. ``country`` is
    for the numbers of a file without a column for it.
    """
    template = doors.approved(workspace_id, template_id)
    content = TemplateContent.from_json(template.content)
    shown = None if is_linked else doors.medium_to_send(content, medium)
    filled = filling.of_flow(workspace_id, flow_id, content, is_trial=door is Door.TRIAL)
    head = {"medium": shown.to_json() if shown else None, "is_linked": is_linked, "filling": filled.to_json()}
    line_id, wire = template.line_id, {"wire_name": template.wire_name, "language": template.language, "content": template.content}
    batch_id, known = batch_id or new_id("bat"), _remembered(workspace_id, template_id)
    digest = keep(file, path_of(batch_id))
    with transaction() as session:
        batch = Batch(
            id=batch_id, workspace_id=workspace_id, line_id=line_id, template_id=template_id, door=door, status=BatchStatus.READING,
            plan={"flow_id": flow_id, "template": wire, "headers": [], "columns": {}, "country": country, **head, **known},
            file_name=PurePath(file_name.replace("\\", "/")).name[-255:], file_digest=digest, rows=0, faulty=0,
            created_by=user_id, created_at=clock.now(),
        )  # fmt: skip
        session.add(batch)
        audit.record(session, workspace_id, user_id, "batch.uploaded", batch_id, f"Uploaded {batch.file_name}")
    queue.ring(queue.BULK, "read_batch", batch_id)
    return batch


def _remembered(workspace_id: str, template_id: str) -> dict[str, object]:
    """What a person matched by hand in the last file for this message; headers that are not in the new file do no harm."""
    last = next((batch.plan for batch in batches.recent(workspace_id, template_id) if batch.plan.get("mapping")), {})
    return {"mapping": last.get("mapping", {})}


def path_of(batch_id: str) -> Path:
    """Where the file of a batch lies; the name is ours."""
    return current_app.extensions["flowbuilder"].home / "uploads" / batch_id


def keep(file: BinaryIO, path: Path) -> str:
    """Copy the upload to disk, all of it or nothing; gives its SHA-256."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        return _copy(file, descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _copy(file: BinaryIO, descriptor: int) -> str:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(descriptor, "wb") as out:
        while block := file.read(1 << 20):
            size += len(block)
            if size > BYTES_AT_MOST:
                text = f"The file has more than {BYTES_AT_MOST // 2**20} MB: split it into several."
                raise Invalid(findings=[Finding("too_big", text, field="file")])
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def find(workspace_id: str, batch_id: str) -> Batch:
    batch = batches.find(workspace_id, batch_id)
    if batch is None:
        raise NotFound()
    return batch


def match_columns(workspace_id: str, batch_id: str, mapping: dict[str, str], *, country: str = "", user_id: str | None) -> None:
    """Read the file again with the columns that a person has chosen; ``country`` is for numbers that don't tell theirs."""
    batch = find(workspace_id, batch_id)
    plan = {**batch.plan, "mapping": {name: header for name, header in mapping.items() if header}, "country": country}
    _move(batch, BatchStatus.READING, user_id, plan=plan, stopped_because="", lease_owner=None, lease_until=None)
    queue.ring(queue.BULK, "read_batch", batch_id)


def pause(workspace_id: str, batch_id: str, *, user_id: str | None) -> None:
    """No further message is begun; those under way come to their end."""
    _move(find(workspace_id, batch_id), BatchStatus.PAUSED, user_id)


def resume(workspace_id: str, batch_id: str, *, user_id: str | None) -> None:
    """Go on where it was paused or stopped."""
    batch = find(workspace_id, batch_id)
    doors.approved(workspace_id, batch.template_id)
    changes = {"stopped_because": "", "running_since": clock.now()}
    _move(batch, BatchStatus.RUNNING, user_id, allowed=(BatchStatus.PAUSED, BatchStatus.STOPPED), verb="batch.resumed", **changes)
    with transaction() as session:
        effects.after_stop(session, batch_id)
    ring(batch_id)


def send_rest(workspace_id: str, batch_id: str, *, user_id: str | None) -> None:
    """The first few were well: everybody else gets the message, too."""
    batch = find(workspace_id, batch_id)
    doors.approved(workspace_id, batch.template_id)
    changes = {"hold_after": None, "running_since": clock.now()}
    _move(batch, BatchStatus.RUNNING, user_id, allowed=(BatchStatus.HOLDING,), verb="batch.rest_sent", **changes)
    ring(batch_id)


def cancel(workspace_id: str, batch_id: str, *, user_id: str | None) -> None:
    """End it for good: who has not been written to will not be."""
    _move(find(workspace_id, batch_id), BatchStatus.CANCELLED, user_id, ended_at=clock.now())
    path_of(batch_id).unlink(missing_ok=True)
    if not cancel_rows(batch_id, slices=5):
        queue.ring(queue.BULK, "cancel_rows", batch_id)


def cancel_rows(batch_id: str, *, slices: int = 10_000) -> bool:
    """Mark the waiting rows of a cancelled batch, slice by slice; True when none is left.

    What waited to be sent again may have arrived the first time: that stays in doubt.
    """
    waiting = select(Message.id).where(Message.batch_id == batch_id, Message.status == DeliveryStatus.QUEUED).limit(_CANCELLED_AT_ONCE)
    is_cancelled = select(Batch.id).where(Batch.id == batch_id, Batch.status == BatchStatus.CANCELLED).exists()
    marking = update(Message).where(Message.id.in_(waiting), Message.status == DeliveryStatus.QUEUED, is_cancelled)
    ends = case((Message.is_possible_duplicate, DeliveryStatus.UNCONFIRMED.value), else_=DeliveryStatus.CANCELLED.value)
    for _ in range(slices):
        with transaction() as session:
            done = session.execute(marking.values(status=ends), execution_options={"synchronize_session": False})
        if done.rowcount < _CANCELLED_AT_ONCE:
            return True
    return False


def _move(
    batch: Batch,
    to: BatchStatus,
    user_id: str | None,
    *,
    allowed: tuple[BatchStatus, ...] = (),
    verb: str = "",
    **changes: object,
) -> None:
    batch_id, workspace_id, name = batch.id, batch.workspace_id, batch.file_name
    with transaction() as session:
        if to is BatchStatus.RUNNING:
            doors.still_open(session, batch.door, batch.version_id)
        moving = update(Batch).where(Batch.id == batch_id, Batch.status.in_(allowed or sources(to))).values(status=to, **changes)
        if session.execute(moving).rowcount == 1:
            audit.record(session, workspace_id, user_id, verb or f"batch.{to}", batch_id, f"{name}: {to}")
            return
    db.session.expire_all()
    raise Conflict(told(find(workspace_id, batch_id)))


def told(batch: Batch) -> str:
    """What happened instead, for whoever came second."""
    text = f"This batch cannot do that: {_WORDS[BatchStatus(batch.status)]}."
    starter = batch.plan.get("started_by")
    if batch.status != BatchStatus.RUNNING or not starter or not batch.started_at:
        return text
    user = db.session.get(User, starter)
    return f"This batch was started already by {user.name or user.email if user else 'somebody'} at {batch.started_at:%H:%M} UTC."


def ring(batch_id: str) -> None:
    from flowbuilder.services.sending import pump

    pump.ring_batch(batch_id)
