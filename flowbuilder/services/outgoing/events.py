"""What happened becomes rows to be told, in the transaction in which it happened. Costs one short query where nobody listens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Row, insert, select

from flowbuilder import clock, queue
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.happening import Happening
from flowbuilder.store import new_id, outbox
from flowbuilder.store.outbox import Executor
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook
from flowbuilder.store.sending import Message

_M = Message.__table__.c
_W = OutgoingWebhook.__table__.c
_CHUNK = 400
_MOMENTS = {
    Happening.MESSAGE_SENT: "sent_at", Happening.MESSAGE_DELIVERED: "delivered_at", Happening.MESSAGE_READ: "read_at",
    Happening.MESSAGE_FAILED: "failed_at", Happening.MESSAGE_ANSWERED: "answered_at",
}  # fmt: skip
_KINDS = set(_MOMENTS)
Listeners = dict[str, list[tuple[str, set[str]]]]


def listeners(on: Executor, kinds: Iterable[str]) -> Listeners:
    """By workspace, the addresses that want to hear of at least one of ``kinds``."""
    wanted, found = set(kinds), defaultdict(list)
    for row in on.execute(select(_W.id, _W.workspace_id, _W.events).where(_W.disabled_at.is_(None))):
        if events := wanted & set(row.events):
            found[row.workspace_id].append((row.id, events))
    return found


def tell(on: Executor, found: Listeners, workspace_id: str, kind: Happening, at: datetime, data: dict[str, Any]) -> None:
    """One event, to each who wants to hear of it."""
    to = [webhook_id for webhook_id, events in found.get(workspace_id, ()) if kind in events]
    if not to:
        return
    event_id, now = new_id("evt"), clock.now()
    body = payload(event_id, kind, at, data)
    on.execute(
        insert(OutgoingDelivery),
        [
            {
                "workspace_id": workspace_id, "webhook_id": webhook_id, "event_id": event_id, "event": kind.value, "payload": body,
                "due_at": now, "created_at": now,
            }
            for webhook_id in to
        ],
    )  # fmt: skip
    queue.bell(current_app._get_current_object()).wish(queue.OUTGOING, "tell")  # type: ignore[attr-defined]


def payload(event_id: str, kind: Happening, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    """The body of the post."""
    return {"id": event_id, "type": kind.value, "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "data": data}


class Watch:
    """Messages before and after something that may move them: what moved is told.

    with Watch(session, ids): …apply…
    """

    def __init__(self, on: Executor, ids: Iterable[int]) -> None:
        self._on, self._ids = on, sorted(set(ids))

    def __enter__(self) -> None:
        self._listeners = listeners(self._on, _KINDS) if self._ids else {}
        if self._listeners:
            outbox.lock(self._on, self._ids)
            self._before = {row.id: row for row in self._rows()}

    def __exit__(self, kind: Any, *_: object) -> None:
        if kind is not None or not self._listeners:
            return
        for row in self._rows():
            if row.direction == "out" and row.kind == "template":
                self._tell(row, self._before[row.id])

    def _tell(self, row: Row[Any], before: Row[Any]) -> None:
        for happening, moment in _MOMENTS.items():
            at = getattr(row, moment)
            if at is not None and getattr(before, moment) != at:
                tell(self._on, self._listeners, row.workspace_id, happening, at, _data(row))

    def _rows(self) -> Sequence[Row[Any]]:
        found: list[Row[Any]] = []
        for start in range(0, len(self._ids), _CHUNK):
            found += self._on.execute(select(*_COLUMNS).where(_M.id.in_(self._ids[start : start + _CHUNK])).order_by(_M.id)).all()
        return found


_COLUMNS = (
    _M.id, _M.workspace_id, _M.direction, _M.kind, _M.status, _M.phone, _M.batch_id, _M.template_id, _M.error_code, _M.error_text,
    *(_M[name] for name in _MOMENTS.values()),
)  # fmt: skip


def _data(row: Row[Any]) -> dict[str, Any]:
    data = {"message_id": row.id, "batch_id": row.batch_id, "outbound_id": row.template_id, "phone": row.phone, "status": row.status}
    if row.status == DeliveryStatus.FAILED:
        data["error"] = {"code": row.error_code, "text": row.error_text}
    return data
