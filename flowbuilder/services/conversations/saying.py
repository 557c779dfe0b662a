"""What a turn says, put in line to be sent: free messages, and outbound ones on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session, scoped_session

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.events import Sprint
from flowbuilder.core.template import Category, TemplateContent, check_parameters, render
from flowbuilder.errors import Invalid
from flowbuilder.services.contacts import consent
from flowbuilder.services.sending import doors
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message

_GONE = "The outbound message of this step no longer exists."


def put_in_line(session: Session | scoped_session[Session], row: Conversation, sprint: Sprint, now: datetime) -> bool:
    """Queue what is said. False when an outbound message among it may not go to this person, so that no answer can come."""
    if not sprint.said:
        return True
    contact = session.get_one(Contact, row.contact_id)
    rows = [
        {
            "workspace_id": row.workspace_id, "line_id": row.line_id, "direction": "out", "kind": content["kind"],
            "status": DeliveryStatus.QUEUED, "phone": address(contact), "contact_id": contact.id, "conversation_id": row.id,
            "version_id": row.version_id, "content": dict(content), "is_trial": row.is_trial, "created_at": now,
            "template_id": None, "error_text": "", "failed_at": None,
        }
        | (_outbound(session, row, contact, content, now) if content["kind"] == "template" else {})
        for content in sprint.said
    ]  # fmt: skip
    session.execute(insert(Message), rows)
    return all(one["status"] == DeliveryStatus.QUEUED for one in rows)


def address(contact: Contact) -> str | None:
    """The number that WhatsApp told us last: it is the one that surely works."""
    return f"+{contact.wa_id}" if contact.wa_id else contact.phone


def _outbound(
    session: Session | scoped_session[Session], row: Conversation, contact: Contact, said: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What differs from a free message. It starts no flow: what answers it belongs to this conversation."""
    template = session.get(TemplateMessage, said.get("template_id", ""))
    if template is None or template.workspace_id != row.workspace_id:
        return _failed(_GONE, now)
    content, parameters = TemplateContent.from_json(template.content), dict(said.get("parameters") or {})
    shown = dict(said) | {"text": render(content, parameters).body}
    known = {"template_id": template.id, "version_id": None, "content": shown}
    phone = address(contact) or ""
    if barred := consent.refusal(row.workspace_id, phone, Category(template.category)):
        return known | {"status": DeliveryStatus.SKIPPED, "error_text": barred}
    try:
        medium = doors.medium_to_send(content, None)
    except Invalid as error:
        return known | _failed(error.findings[0].text, now)
    if medium:
        shown["medium"] = medium.to_json()
    if findings := check_parameters(content, parameters):
        return known | _failed(findings[0].text, now)
    return known


def _failed(text: str, now: datetime) -> dict[str, Any]:
    return {"version_id": None, "status": DeliveryStatus.FAILED, "error_text": text, "failed_at": now}
