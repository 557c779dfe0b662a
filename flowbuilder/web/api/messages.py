"""One message to one person: sent, followed, and sent again where its arrival stayed unconfirmed."""

from __future__ import annotations

from typing import Any

from flask import g

from flowbuilder.core.scope import Scope
from flowbuilder.errors import NotFound
from flowbuilder.services.sending import again, doors, reasons, single
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import batches
from flowbuilder.store.sending import Message
from flowbuilder.web.api import bp, files
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment
from flowbuilder.web.api.repeats import Making

_MOMENTS = ("created_at", "accepted_at", "sent_at", "delivered_at", "read_at", "failed_at", "answered_at")


def _of_key(client_key: str) -> dict[str, Any]:
    row = single.of_key(g.workspace_id, client_key)
    if row is None:
        raise NotFound()
    return shown(row)


def _of_id(message_id: str) -> dict[str, Any]:
    return shown(single.find(g.workspace_id, int(message_id)))


@bp.post("/messages")
@operation(Scope.MESSAGES_SEND, takes="MessageNew", gives="Message", status=201, making=Making(_of_key, prefix="api"))
def message_send(body: dict[str, Any], made: str) -> None:
    """Send an approved outbound message to one person."""
    doors.send_one(
        g.workspace_id, body["outbound_id"], Door.OUTBOUND, country=body.get("country", ""), number=body["phone"],
        parameters=body.get("parameters", {}), flow_id=body.get("flow_id"), medium=files.chosen(body, "media"),
        opted_in=body["opt_in"], user_id=g.user_id, client_key=made,
    )  # fmt: skip


@bp.get("/messages/<int:message_id>")
@operation(Scope.MESSAGES_READ, gives="Message")
def message(message_id: int) -> dict[str, Any]:
    """Read what became of a message."""
    return _of_id(str(message_id))


@bp.post("/messages/<int:message_id>/resend")
@operation(Scope.MESSAGES_SEND, gives="Message", making=Making(_of_id, path="message_id"))
def message_resend(message_id: int) -> None:
    """Send an unconfirmed message once more, knowing that it may arrive twice."""
    again.resend(g.workspace_id, single.find(g.workspace_id, message_id).id, user_id=g.user_id)


def shown(row: Message, conversations: dict[int, str] | None = None) -> dict[str, Any]:
    """``conversations`` by the message that opened them, where many are shown at once."""
    talks = batches.conversations_of([row.id]) if conversations is None else conversations
    return {
        "id": row.id, "outbound_id": row.template_id, "batch_id": row.batch_id, "line_id": row.line_id, "phone": row.phone,
        "conversation_id": row.conversation_id or talks.get(row.id), "parameters": row.content.get("parameters") or {},
        "media": (row.content.get("medium") or {}).get("file") or None,
        "status": row.status, "row": row.number, "error": _error(row), "is_possible_duplicate": row.is_possible_duplicate,
        **{name: moment(getattr(row, name)) for name in _MOMENTS},
    }  # fmt: skip


def _error(row: Message) -> dict[str, Any] | None:
    reason = reasons.of(row.error_code)
    if reason is None and not row.error_text:
        return None
    return {"code": row.error_code, "text": reason.text if reason else row.error_text, "advice": reason.advice if reason else ""}
