"""Who wrote: the contact of an inbound message, with what Meta says of them."""

from __future__ import annotations

from datetime import datetime

from flowbuilder.core.consent import OUT
from flowbuilder.services.contacts import consent, people
from flowbuilder.services.contacts.people import Tx
from flowbuilder.store.conversations import Contact
from flowbuilder.whatsapp.webhooks import InboundMessage


def heard_from(session: Tx, workspace_id: str, item: InboundMessage, at: datetime, now: datetime) -> Contact | None:
    """The contact that this message comes from, made if new, with what Meta says of them; None when it names nobody."""
    contact = known_as(session, workspace_id, item.user_id, item.wa_id, now)
    if contact is not None:
        contact.name = (item.name or item.username or contact.name)[:200]
        contact.last_heard_at = max(at, contact.last_heard_at or at)
        session.flush()
    return contact


def known_as(session: Tx, workspace_id: str, user_id: str | None, wa_id: str | None, now: datetime) -> Contact | None:
    """The contact whom Meta calls so, made if new. A number that we learn of is at once kept from what its owner does not want."""
    if not user_id and not wa_id:
        return None
    known = people.match(session, workspace_id, user_id, wa_id)
    contact = known or people.new(session, workspace_id, now)
    before = people.phones_of(contact)
    contact.user_id = contact.user_id or user_id
    contact.wa_id = wa_id or contact.wa_id
    contact.phone = contact.phone or (f"+{wa_id}" if wa_id else None)
    session.flush()
    if known is None:
        consent.remember(session, contact, now)
    elif contact.consent in OUT and people.phones_of(contact) != before:
        consent.enforce(session, contact)
    return contact
