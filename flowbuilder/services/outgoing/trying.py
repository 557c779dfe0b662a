"""A test event: told to one address because a person wants to see what it answers."""

from __future__ import annotations

from sqlalchemy import select

from flowbuilder import clock, queue
from flowbuilder.core.finding import Finding
from flowbuilder.core.happening import Happening, example
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.outgoing import events, webhooks
from flowbuilder.store import db, new_id
from flowbuilder.store.outgoing import OutgoingDelivery


def send(workspace_id: str, webhook_id: str, kind: str = "", *, user_id: str | None, event_id: str = "") -> None:
    """Tell it an example of one of its events now; the first of them unless ``kind`` names another."""
    event_id, now = event_id or new_id("evt"), clock.now()
    with transaction() as session:
        webhook = webhooks.held(session, workspace_id, webhook_id)
        if webhook.disabled_at is not None:
            raise Conflict("This outgoing webhook is switched off. Switch it on first.")
        if kind and kind not in webhook.events:
            raise Invalid(findings=[Finding("event", "This address is not told of such events. Choose one of its own.", field="event")])
        event = Happening(kind or webhook.events[0])
        payload = {**events.payload(event_id, event, now, example(event)), "test": True}
        told = {"workspace_id": workspace_id, "webhook_id": webhook_id, "event_id": event_id, "event": event.value, "payload": payload}
        session.add(OutgoingDelivery(**told, due_at=now, created_at=now))
        webhook.not_before = None
        audit.record(session, workspace_id, user_id, "webhook.tested", webhook_id, f"Sent a test event to {webhook.url}.")
    queue.ring(queue.OUTGOING, "tell")


def find(workspace_id: str, event_id: str) -> OutgoingDelivery:
    """The telling of a test event."""
    of_it = (OutgoingDelivery.event_id == event_id, OutgoingDelivery.workspace_id == workspace_id)
    row = db.session.scalar(select(OutgoingDelivery).where(*of_it).order_by(OutgoingDelivery.id.desc()).limit(1))
    if row is None:
        raise NotFound()
    return row
