"""One message to many: recipients as a file or as JSON; read, started, paused, resumed, cancelled."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import g

from flowbuilder.core.recipients.columns import COUNTRY, PHONE
from flowbuilder.core.recipients.tables import BYTES_AT_MOST
from flowbuilder.core.scope import Scope
from flowbuilder.errors import NotFound
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import retry, starting, threshold
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import batches
from flowbuilder.store.sending import Batch
from flowbuilder.web.api import bp, files, paging, reading
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment
from flowbuilder.web.api.repeats import Making

_MOST_BYTES = BYTES_AT_MOST + 1024 * 1024


def shown(batch_id: str) -> dict[str, Any]:
    return _shown(service.find(g.workspace_id, batch_id))


def _retry_of(batch_id: str) -> dict[str, Any]:
    made = batches.retries(service.find(g.workspace_id, batch_id))
    if not made:
        raise NotFound()
    return _shown(made[-1])


_MOVE = Making(shown, path="batch_id")


@bp.get("/batches")
@operation(Scope.BATCHES_READ, query="PageQuery", gives="BatchPage")
def batch_list(query: dict[str, Any]) -> dict[str, Any]:
    """List batches, the newest first."""
    limit = paging.limit_of(query)
    rows = batches.paged(g.workspace_id, after=paging.after_moment(query), limit=limit + 1)
    return paging.page(rows, limit, _shown, paging.place)


@bp.post("/batches")
@operation(
    Scope.BATCHES_SEND, takes="BatchNew", file="BatchUpload", gives="Batch", status=201, making=Making(shown, "bat"), max_bytes=_MOST_BYTES
)
def batch_upload(body: dict[str, Any], made: str, file: Any = None) -> None:
    """Hand in recipients. They are read and checked; nothing is sent."""
    rows, name = (file.stream, file.filename or "recipients.csv") if file else (_table(body["rows"]), body.get("name", "Recipients by API"))
    service.create(
        g.workspace_id, body["outbound_id"], Door.OUTBOUND, flow_id=body.get("flow_id"), medium=files.chosen(body, "media"),
        is_linked=body.get("media_links", False), file=rows, file_name=name, user_id=g.user_id, batch_id=made,
    )  # fmt: skip


@bp.get("/batches/<batch_id>")
@operation(Scope.BATCHES_READ, gives="Batch")
def batch(batch_id: str) -> dict[str, Any]:
    """Read a batch and its numbers."""
    return shown(batch_id)


@bp.post("/batches/<batch_id>/columns")
@operation(Scope.BATCHES_SEND, takes="BatchColumns", gives="Batch", making=_MOVE)
def batch_columns(batch_id: str, body: dict[str, Any]) -> None:
    """Match columns by hand and have the file read again."""
    service.match_columns(g.workspace_id, batch_id, body["columns"], user_id=g.user_id)


@bp.post("/batches/<batch_id>/start")
@operation(Scope.BATCHES_SEND, takes="BatchStart", gives="Batch", making=_MOVE)
def batch_start(batch_id: str, body: dict[str, Any]) -> None:
    """Send to everybody whose row is without fault."""
    starting.start(
        g.workspace_id, batch_id, opted_in=body["opt_in"], again=body.get("again", False), first=body.get("first", 0),
        stop_at=body.get("stop_at", threshold.DEFAULT), at=reading.moment_of(body, "at"), user_id=g.user_id,
    )  # fmt: skip


@bp.post("/batches/<batch_id>/unschedule")
@operation(Scope.BATCHES_SEND, gives="Batch", making=_MOVE)
def batch_unschedule(batch_id: str) -> None:
    """Take back that it starts by itself."""
    starting.put_back(g.workspace_id, batch_id, user_id=g.user_id)


@bp.post("/batches/<batch_id>/send-rest")
@operation(Scope.BATCHES_SEND, gives="Batch", making=_MOVE)
def batch_send_rest(batch_id: str) -> None:
    """Send to everybody else, after the first few went well."""
    service.send_rest(g.workspace_id, batch_id, user_id=g.user_id)


@bp.post("/batches/<batch_id>/retry")
@operation(Scope.BATCHES_SEND, takes="BatchRetry", gives="Batch", status=201, making=Making(_retry_of, path="batch_id"))
def batch_retry(batch_id: str, body: dict[str, Any]) -> None:
    """Make a batch, not started, of those whose message failed for a reason that may be gone."""
    everyone, but_resting = body.get("everyone", False), body.get("but_resting", False)
    retry.retry(g.workspace_id, batch_id, everyone=everyone, but_resting=but_resting, user_id=g.user_id)


@bp.post("/batches/<batch_id>/pause")
@operation(Scope.BATCHES_SEND, gives="Batch", making=_MOVE)
def batch_pause(batch_id: str) -> None:
    """Begin no further message."""
    service.pause(g.workspace_id, batch_id, user_id=g.user_id)


@bp.post("/batches/<batch_id>/resume")
@operation(Scope.BATCHES_SEND, gives="Batch", making=_MOVE)
def batch_resume(batch_id: str) -> None:
    """Go on where it was paused or stopped."""
    service.resume(g.workspace_id, batch_id, user_id=g.user_id)


@bp.post("/batches/<batch_id>/cancel")
@operation(Scope.BATCHES_SEND, gives="Batch", making=_MOVE)
def batch_cancel(batch_id: str) -> None:
    """End it for good: who has not been written to will not be."""
    service.cancel(g.workspace_id, batch_id, user_id=g.user_id)


def _table(rows: list[dict[str, Any]]) -> io.BytesIO:
    """The rows as a file, so that they go the way of every other."""
    words = list(dict.fromkeys(word for row in rows for word in row.get("parameters", {})))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([COUNTRY, PHONE, *words])
    for row in rows:
        writer.writerow([row.get("country", ""), row["phone"], *(row.get("parameters", {}).get(word, "") for word in words)])
    return io.BytesIO(text.getvalue().encode())


def _shown(row: Batch) -> dict[str, Any]:
    numbers = batches.numbers(row)
    names = ("rows", *(name for name in numbers.__slots__))
    return {
        "id": row.id, "outbound_id": row.template_id, "line_id": row.line_id, "flow_id": row.plan.get("flow_id") or None,
        "media": (row.plan.get("medium") or {}).get("file") or None, "name": row.file_name, "status": row.status,
        "reason": row.stopped_because, "headers": row.plan.get("headers") or [],
        "columns": row.plan.get("columns") or {}, "numbers": {name: getattr(numbers, name) for name in names},
        "created_at": moment(row.created_at), "scheduled_at": moment(row.start_at), "started_at": moment(row.started_at),
        "ended_at": moment(row.ended_at), "retry_of": row.retry_of,
    }  # fmt: skip
