"""Reads the file of a batch in a child process and stores what it finds, slice by slice. May be begun again at any time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from sqlalchemy import ColumnElement, delete, update

from flowbuilder import clock
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.recipients.child import wanted_to_json
from flowbuilder.core.template import Category, TemplateContent
from flowbuilder.services import transaction
from flowbuilder.services.contacts import forgotten
from flowbuilder.services.sending import doors, lease, retry
from flowbuilder.services.sending.batches import path_of
from flowbuilder.services.sending.doors import Door
from flowbuilder.services.sending.filling import fill_rows
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.batches import as_json, load
from flowbuilder.store.consent import REASON
from flowbuilder.store.sending import Batch, BatchFault, Message

_WALL_SECONDS = 300
_LEASE_SECONDS = 60.0
_AHEAD = 1 << 20
"""So many bytes does the child write ahead, and goes on reading while we store."""
_GONE = "The file could not be read within the limits of memory and time: split it, or save the one table as CSV."


class _Superseded(Exception):
    """Somebody cancelled the batch, or another process reads it."""


def run(batch_id: str) -> None:
    """Read the file of ``batch_id``, if nobody else does."""
    batch = _claim(batch_id)
    if batch is None:
        return
    try:
        if batch.retry_of:
            retry.copy(batch, lambda session, count: _count(session, batch, rows=count, good=count))
            _end(batch, BatchStatus.DRAFT)
            return
        for line in _child(batch):
            if "unreadable" in line:
                _end(batch, BatchStatus.UNREADABLE, headers=line["headers"], because=line["text"])
                return
            if "done" in line:
                _end(batch, BatchStatus.DRAFT)
                return
            _store(batch, line)
        _end(batch, BatchStatus.UNREADABLE, because=_GONE)
    except _Superseded:
        return


def _is_free(now: datetime) -> ColumnElement[bool]:
    return Batch.lease_until.is_(None) | (Batch.lease_until < now)


def _claim(batch_id: str) -> Batch | None:
    """Hold the batch and forget what an earlier reading has stored."""
    now = clock.now()
    with transaction() as session:
        claiming = update(Batch).where(Batch.id == batch_id, Batch.status == BatchStatus.READING, _is_free(now))
        taken = session.execute(claiming.values(lease_owner=lease.owner(), lease_until=lease.until(now, _LEASE_SECONDS), rows=0, faulty=0))
        if taken.rowcount != 1:
            return None
        session.execute(delete(Message).where(Message.batch_id == batch_id))
        session.execute(delete(BatchFault).where(BatchFault.batch_id == batch_id))
    return db.session.get(Batch, batch_id, populate_existing=True)


def _child(batch: Batch) -> Iterator[dict[str, Any]]:
    """The lines of the child process; they end early when it dies or takes too long."""
    line = db.session.get(Line, batch.line_id)
    content = TemplateContent.from_json(batch.plan["template"]["content"])
    limits = {"allowed": doors.testers(line, Door(batch.door)), "country": batch.plan.get("country", ""), "is_linked": batch.is_linked}
    wanted = doors.wanted(content, mapping=batch.plan["mapping"], filling=batch.filling, **limits)
    command = [sys.executable, "-m", "flowbuilder.core.recipients.child", str(path_of(batch.id)), batch.file_name]
    db.session.rollback()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes, bufsize=_AHEAD, pipesize=_AHEAD) as child:
        alarm = threading.Timer(_WALL_SECONDS, child.kill)
        alarm.start()
        try:
            child.stdin.write(json.dumps(wanted_to_json(wanted)).encode())
            child.stdin.close()
            for head in child.stdout:
                line = json.loads(head)
                yield {**line, "good": _rows(child.stdout, line.get("bytes", 0))}
        except (BrokenPipeError, ValueError):
            return
        finally:
            alarm.cancel()
            child.kill()


def _rows(stream: IO[bytes], size: int) -> list[list[str]]:
    found = stream.read(size)
    if len(found) < size:
        raise ValueError("The child ended in the middle of a chunk.")
    return [row.split("\t") for row in found.decode().split("\n")[:-1]]


def _store(batch: Batch, line: dict[str, Any]) -> None:
    faults = [
        (row, field[:120], code, value, text[:500], as_json(cells), place) for row, field, code, value, text, cells, place in line["faults"]
    ]
    fill_rows(batch.workspace_id, batch.filling, line["good"])
    now = clock.now()
    constants = {
        "workspace_id": batch.workspace_id, "line_id": batch.line_id, "batch_id": batch.id, "template_id": batch.template_id,
        "direction": "out", "kind": "template", "is_trial": batch.door == Door.TRIAL,
        "created_by": batch.created_by, "created_at": now,
    }  # fmt: skip
    with transaction() as session:
        _hold(session, batch, line, now)
        connection = session.connection()
        for status, good in _by_fate(batch, line["good"]):
            load(connection, Message.__table__, {**constants, **status}, ("number", "phone", "content"), good)
        if faults:
            load(
                connection,
                BatchFault.__table__,
                {"batch_id": batch.id},
                ("row", "field", "code", "value", "text", "cells", "place"),
                faults,
            )


def _by_fate(batch: Batch, good: list[Any]) -> Iterator[tuple[dict[str, str], list[Any]]]:
    """Rows to send; apart from them those of people who opted out before they were erased."""
    barred = forgotten.barred(batch.workspace_id, (row[1] for row in good), Category(batch.template.category)) if good else ()
    if waiting := [row for row in good if row[1] not in barred] if barred else good:
        yield {"status": DeliveryStatus.QUEUED.value}, waiting
    if barred:
        yield {"status": DeliveryStatus.SKIPPED.value, "error_text": REASON}, [row for row in good if row[1] in barred]


def _hold(session: Any, batch: Batch, line: dict[str, Any], now: Any) -> None:
    """Count the slice in, while the batch is still ours."""
    plan = {**batch.plan, "headers": line["headers"], "columns": line["columns"]}
    _count(session, batch, rows=line["rows"], good=len(line["good"]), now=now, plan=plan)


def _count(session: Any, batch: Batch, *, rows: int, good: int, now: datetime | None = None, **changes: Any) -> None:
    counting = update(Batch).where(Batch.id == batch.id, Batch.status == BatchStatus.READING, Batch.lease_owner == lease.owner())
    done = session.execute(
        counting.values(
            rows=Batch.rows + rows, faulty=Batch.faulty + rows - good,
            lease_until=lease.until(now or clock.now(), _LEASE_SECONDS), **changes,
        ),
        execution_options={"synchronize_session": False},
    )  # fmt: skip
    if done.rowcount != 1:
        raise _Superseded


def _end(batch: Batch, status: BatchStatus, *, headers: list[str] | None = None, because: str = "") -> None:
    changes: dict[str, Any] = {"status": status, "lease_owner": None, "lease_until": None, "stopped_because": because[:255]}
    if headers:
        changes["plan"] = {**batch.plan, "headers": headers}
    with transaction() as session:
        ours = update(Batch).where(Batch.id == batch.id, Batch.status == BatchStatus.READING, Batch.lease_owner == lease.owner())
        session.execute(ours.values(**changes), execution_options={"synchronize_session": False})
    db.session.expire_all()
