"""How a batch starts: now, with its first ten, or by itself at a time; exactly once, whoever presses the button.

From the start on recipients, values and versions are fixed.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.core import moments
from flowbuilder.core.batch import LATE, BatchStatus
from flowbuilder.core.finding import Finding
from flowbuilder.core.review import ReviewStatus
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.contacts import consent
from flowbuilder.services.sending import doors, threshold
from flowbuilder.services.sending.batches import find, path_of, ring, told
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import batches, db
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch

log = logging.getLogger(__name__)


def start(
    workspace_id: str,
    batch_id: str,
    *,
    opted_in: bool,
    again: bool,
    user_id: str | None,
    first: int = 0,
    stop_at: int = threshold.DEFAULT,
    at: datetime | None = None,
    zone: str = "UTC",
) -> None:
    """Send to everybody who was read without fault.

    ``first``: send to so many and wait for a person's word. ``stop_at``: stop when so many percent fail; 0: never.
    ``at``: start by itself then; ``zone`` is how people were told of it.
    """
    batch = find(workspace_id, batch_id)
    now = clock.now()
    _check(batch, opted_in=opted_in, stop_at=stop_at, at=at, now=now)
    template = doors.approved(workspace_id, batch.template_id)
    version_id = doors.version_to_start(workspace_id, Door(batch.door), batch.plan.get("flow_id"), template, user_id)
    wire = {"wire_name": template.wire_name, "language": template.language, "content": template.content}
    plan = {**batch.plan, "template": wire, "opt_in_confirmed_by": user_id, "started_by": user_id, "zone": zone}
    changes = {
        "plan": plan, "version_id": version_id, "hold_after": batches.hold_after(batch_id, first), "stop_at": stop_at,
        "start_at": at, "stopped_because": "", **(_begun(now) if at is None else {}),
    }  # fmt: skip
    _start(batch, BatchStatus.RUNNING if at is None else BatchStatus.SCHEDULED, changes, again=again, user_id=user_id)
    if at is None:
        path_of(batch_id).unlink(missing_ok=True)
        ring(batch_id)


def _begun(now: datetime) -> dict[str, Any]:
    return {"started_at": now, "running_since": now, "lease_owner": None, "lease_until": None}


def _start(batch: Batch, to: BatchStatus, changes: dict[str, Any], *, again: bool, user_id: str | None) -> None:
    """One conditional update. Starts of one message wait for each other, so that each sees the file that another has just started."""
    batch_id, workspace_id, template_id = batch.id, batch.workspace_id, batch.template_id
    verb = "batch.started" if to is BatchStatus.RUNNING else "batch.scheduled"
    with transaction() as session:
        doors.still_open(session, batch.door, changes["version_id"])
        session.execute(select(TemplateMessage.id).where(TemplateMessage.id == template_id).with_for_update())
        batch = session.get_one(Batch, batch_id, populate_existing=True)
        if batch.status == BatchStatus.DRAFT and not again and batches.twin(batch):
            text = "This very file was sent before: confirm that everybody gets the message once more."
            raise Invalid(findings=[Finding("again", text, field="again")])
        moving = update(Batch).where(Batch.id == batch_id, Batch.status == BatchStatus.DRAFT).values(status=to, **changes)
        if session.execute(moving, execution_options={"synchronize_session": False}).rowcount == 1:
            consent.confirmed_for_batch(session, batch, user_id, clock.now())
            audit.record(session, workspace_id, user_id, verb, batch_id, f"{batch.file_name}: {to}")
            session.expire_all()
            return
    db.session.expire_all()
    raise Conflict(told(find(workspace_id, batch_id)))


def _check(batch: Batch, *, opted_in: bool, stop_at: int, at: datetime | None, now: datetime) -> None:
    findings = []
    if not opted_in:
        findings.append(Finding("opt_in", "Confirm that these people agreed to get your messages: WhatsApp requires it.", field="opt_in"))
    if batch.status == BatchStatus.DRAFT and batch.rows == batch.faulty:
        findings.append(Finding("nobody", "No row of the file can be sent to: correct it and upload it again.", field="file"))
    if not 0 <= stop_at <= 100:
        findings.append(Finding("out_of_range", "Enter a whole number from 0 to 100; 0 never stops by itself.", field="stop_at"))
    if at is not None and at <= now:
        findings.append(Finding("past", "This time is over already: choose a later one, or start now.", field="at"))
    if findings:
        raise Invalid(findings=findings)


def put_back(workspace_id: str, batch_id: str, *, user_id: str | None) -> None:
    """Take back that a batch starts by itself: everything about its start may be chosen anew."""
    batch = find(workspace_id, batch_id)
    name = batch.file_name
    with transaction() as session:
        moving = update(Batch).where(Batch.id == batch_id, Batch.status == BatchStatus.SCHEDULED)
        done = session.execute(moving.values(status=BatchStatus.DRAFT), execution_options={"synchronize_session": False})
        if done.rowcount == 1:
            audit.record(session, workspace_id, user_id, "batch.put_back", batch_id, f"{name}: does not start by itself any more")
            session.expire_all()
            return
    db.session.expire_all()
    raise Conflict(told(find(workspace_id, batch_id)))


def start_due() -> None:
    """Start what is to start by now. Whose time passed while nobody was there to start it is asked about instead."""
    now = clock.now()
    due = select(Batch.id, Batch.start_at).where(Batch.status == BatchStatus.SCHEDULED, Batch.start_at <= now)
    for batch_id, start_at in db.session.execute(due).all():
        if _start_due(batch_id, start_at, now):
            path_of(batch_id).unlink(missing_ok=True)
            ring(batch_id)


def _start_due(batch_id: str, start_at: datetime, now: datetime) -> bool:
    with transaction() as session:
        batch = session.get_one(Batch, batch_id, populate_existing=True)
        changes = _fate(session, batch, start_at, now)
        workspace_id, name = batch.workspace_id, batch.file_name
        moving = update(Batch).where(Batch.id == batch_id, Batch.status == BatchStatus.SCHEDULED, Batch.start_at == start_at)
        if session.execute(moving.values(**changes), execution_options={"synchronize_session": False}).rowcount != 1:
            return False
        audit.record(session, workspace_id, None, f"batch.due_{changes['status']}", batch_id, f"{name}: {changes['status']}")
    log.info("%s was due and is %s now.", batch_id, changes["status"])
    return changes["status"] == BatchStatus.RUNNING


def _fate(session: Tx, batch: Batch, start_at: datetime, now: datetime) -> dict[str, Any]:
    if now - start_at > LATE:
        told_at = moments.words(start_at, batch.plan.get("zone", "UTC"))
        text = f"It was to start on {told_at}, but FlowBuilder was not running. Nothing was sent: start it now, or choose another time."
        return {"status": BatchStatus.DRAFT, "stopped_because": text[:255]}
    if batch.template.status != ReviewStatus.APPROVED:
        text = "Meta did not let this outbound message be sent when it was to start. Look at its review, then resume."
        return {"status": BatchStatus.STOPPED, "stopped_because": text, **_begun(now)}
    if batch.line.disabled_at is not None:
        text = f"The line {batch.line.name} was disabled when this was to start. Enable it on its page, then resume."
        return {"status": BatchStatus.STOPPED, "stopped_because": text[:255], **_begun(now)}
    if (flow := doors.switched_off(session, batch.door, batch.version_id)) is not None:
        text = f"The flow “{flow}” was switched off when this was to start. Switch it on again on My flows, then resume."
        return {"status": BatchStatus.STOPPED, "stopped_because": text[:255], **_begun(now)}
    return {"status": BatchStatus.RUNNING, **_begun(now)}
