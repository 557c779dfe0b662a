"""One contact per person: matched by Meta's user id, then by WhatsApp's number, then by the forms that a number may take.

These run inside the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from flowbuilder.core import phone as phones
from flowbuilder.store import new_id
from flowbuilder.store.conversations import Contact

Tx = Session | scoped_session[Session]


def match(session: Tx, workspace_id: str, user_id: str | None, wa_id: str | None) -> Contact | None:
    """Who this is, if we know them; ``wa_id`` has no plus."""
    here = select(Contact).where(Contact.workspace_id == workspace_id).order_by(Contact.created_at).limit(1)
    if user_id and (known := session.scalar(here.where(Contact.user_id == user_id))):
        return known
    if not wa_id:
        return None
    variants = phones.variants(wa_id)
    for column, values in (
        (Contact.wa_id, [wa_id]),
        (Contact.wa_id, list(variants)),
        (Contact.phone, [f"+{variant}" for variant in variants]),
    ):
        same = here.where(column.in_(values))
        if user_id:
            same = same.where(Contact.user_id.is_(None))
        if known := session.scalar(same):
            return known
    return None


def new(session: Tx, workspace_id: str, now: datetime) -> Contact:
    contact = Contact(id=new_id("con"), workspace_id=workspace_id, created_at=now, name="", consent="unknown")
    session.add(contact)
    return contact


def of_phone(session: Tx, workspace_id: str, phone: str, now: datetime) -> Contact:
    """The contact with this number (E.164), made if new."""
    contact = match(session, workspace_id, None, phone.removeprefix("+"))
    if contact is None:
        contact = new(session, workspace_id, now)
        contact.phone = phone
        session.flush()
    return contact


def phones_of(contact: Contact) -> tuple[str, ...]:
    """Every number, with its plus, by which we may write to this person."""
    numbers = {contact.wa_id or "", (contact.phone or "").removeprefix("+")} - {""}
    return tuple(sorted({f"+{variant}" for number in numbers for variant in phones.variants(number)}))
