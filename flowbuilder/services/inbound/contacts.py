"""Who wrote: one contact per person, matched by Meta's user id, then by WhatsApp's number, then by the forms it may take."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from flowbuilder.core import phone as phones
from flowbuilder.store import new_id
from flowbuilder.store.conversations import Contact
from flowbuilder.whatsapp.webhooks import InboundMessage

Tx = Session | scoped_session[Session]


def heard_from(session: Tx, workspace_id: str, item: InboundMessage, at: datetime, now: datetime) -> Contact | None:
    """The contact that this message comes from, made if new, with what Meta says of them; None when it names nobody."""
    if not item.user_id and not item.wa_id:
        return None
    contact = _match(session, workspace_id, item)
    if contact is None:
        contact = Contact(id=new_id("con"), workspace_id=workspace_id, created_at=now, name="")
        session.add(contact)
    contact.user_id = contact.user_id or item.user_id
    contact.wa_id = item.wa_id or contact.wa_id
    contact.phone = contact.phone or (f"+{item.wa_id}" if item.wa_id else None)
    contact.name = (item.name or item.username or contact.name)[:200]
    contact.last_heard_at = max(at, contact.last_heard_at or at)
    session.flush()
    return contact


def phones_of(contact: Contact) -> tuple[str, ...]:
    """Every number, with its plus, by which we may have written to this person."""
    numbers = {contact.wa_id or "", (contact.phone or "").removeprefix("+")} - {""}
    return tuple(sorted({f"+{variant}" for number in numbers for variant in phones.variants(number)}))


def _match(session: Tx, workspace_id: str, item: InboundMessage) -> Contact | None:
    here = select(Contact).where(Contact.workspace_id == workspace_id).order_by(Contact.created_at).limit(1)
    if item.user_id and (known := session.scalar(here.where(Contact.user_id == item.user_id))):
        return known
    if not item.wa_id:
        return None
    variants = phones.variants(item.wa_id)
    for column, values in (
        (Contact.wa_id, [item.wa_id]),
        (Contact.wa_id, list(variants)),
        (Contact.phone, [f"+{variant}" for variant in variants]),
    ):
        same = here.where(column.in_(values))
        if item.user_id:
            same = same.where(Contact.user_id.is_(None))
        if known := session.scalar(same):
            return known
    return None
