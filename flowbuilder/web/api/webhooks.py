"""Outgoing webhooks: where we tell what happens, and what came of each telling."""

from __future__ import annotations

from typing import Any

from flask import g

from flowbuilder.core.scope import Scope
from flowbuilder.services.outgoing import deliveries, trying
from flowbuilder.services.outgoing import webhooks as service
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook
from flowbuilder.web.api import bp, paging
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment
from flowbuilder.web.api.repeats import Making


def _with_secret(webhook_id: str) -> dict[str, Any]:
    row = service.find(g.workspace_id, webhook_id)
    return {**_shown(row), "secret": service.secret_of(row)}


def _of_delivery(delivery_id: str) -> dict[str, Any]:
    return _delivery(deliveries.find(g.workspace_id, int(delivery_id)))


def _of_event(event_id: str) -> dict[str, Any]:
    return _delivery(trying.find(g.workspace_id, event_id))


@bp.get("/webhooks")
@operation(Scope.WEBHOOKS_READ, gives="WebhookList")
def webhooks() -> dict[str, Any]:
    """List outgoing webhooks."""
    return {"items": [_shown(row) for row in service.of_workspace(g.workspace_id)]}


@bp.post("/webhooks")
@operation(Scope.WEBHOOKS_WRITE, takes="WebhookNew", gives="WebhookWithSecret", status=201, making=Making(_with_secret, prefix="hok"))
def webhook_create(body: dict[str, Any], made: str) -> None:
    """Tell an address of events. The answer holds its secret, once."""
    service.create(g.workspace_id, body["url"], body["events"], user_id=g.user_id, webhook_id=made)


@bp.get("/webhooks/<webhook_id>")
@operation(Scope.WEBHOOKS_READ, gives="Webhook")
def webhook(webhook_id: str) -> dict[str, Any]:
    """Read an outgoing webhook."""
    return _shown(service.find(g.workspace_id, webhook_id))


@bp.patch("/webhooks/<webhook_id>")
@operation(Scope.WEBHOOKS_WRITE, takes="WebhookChange", gives="Webhook")
def webhook_change(webhook_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change address or events, or switch it off and on."""
    return _shown(service.change(g.workspace_id, webhook_id, **body, user_id=g.user_id))


@bp.delete("/webhooks/<webhook_id>")
@operation(Scope.WEBHOOKS_WRITE, status=204)
def webhook_delete(webhook_id: str) -> None:
    """Delete an outgoing webhook with all it was told."""
    service.delete(g.workspace_id, webhook_id, user_id=g.user_id)


@bp.post("/webhooks/<webhook_id>/rotate")
@operation(Scope.WEBHOOKS_WRITE, gives="WebhookWithSecret", making=Making(_with_secret, path="webhook_id"))
def webhook_rotate(webhook_id: str) -> None:
    """Make a new secret; for a day posts are signed with the former, too."""
    service.rotate(g.workspace_id, webhook_id, user_id=g.user_id)


@bp.post("/webhooks/<webhook_id>/test")
@operation(Scope.WEBHOOKS_WRITE, takes="WebhookTest", gives="Delivery", status=201, making=Making(_of_event, prefix="evt"))
def webhook_test(webhook_id: str, body: dict[str, Any], made: str) -> None:
    """Send a made-up event now, marked as a test. What it answers is in its deliveries."""
    trying.send(g.workspace_id, webhook_id, body.get("event", ""), user_id=g.user_id, event_id=made)


@bp.get("/webhooks/<webhook_id>/deliveries")
@operation(Scope.WEBHOOKS_READ, query="PageQuery", gives="DeliveryPage")
def webhook_deliveries(webhook_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """List what it was told, the newest first."""
    limit, before = paging.limit_of(query), paging.after(query, int)
    found = service.find(g.workspace_id, webhook_id)
    rows = deliveries.of_webhook(found.id, before=before[0] if before else 0, limit=limit + 1)
    return paging.page(rows, limit, _delivery, lambda row: [row.id])


@bp.post("/deliveries/<int:delivery_id>/replay")
@operation(Scope.WEBHOOKS_WRITE, gives="Delivery", making=Making(_of_delivery, path="delivery_id"))
def delivery_replay(delivery_id: int) -> None:
    """Tell an event once more."""
    deliveries.replay(g.workspace_id, delivery_id, user_id=g.user_id)


def _shown(row: OutgoingWebhook) -> dict[str, Any]:
    return {
        "id": row.id, "url": row.url, "events": row.events, "enabled": row.disabled_at is None, "disabled_because": row.disabled_because,
        "failing_since": moment(row.failing_since), "created_at": moment(row.created_at),
    }  # fmt: skip


def _delivery(row: OutgoingDelivery) -> dict[str, Any]:
    return {
        "id": row.id, "webhook_id": row.webhook_id, "event_id": row.event_id, "event": row.event, "payload": row.payload,
        "status": row.status, "tries": row.attempt, "next_try_at": moment(row.due_at) if row.status == "pending" else None,
        "answer_status": row.answer_status, "answer_body": row.answer_body, "error": row.error, "milliseconds": row.milliseconds,
        "created_at": moment(row.created_at), "ended_at": moment(row.ended_at),
    }  # fmt: skip
