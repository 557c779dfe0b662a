"""What the pages of contacts and programs read: the list with its filters, and all that is known of one person. Nothing is changed here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, func, or_, select, tuple_, union_all
from sqlalchemy.orm import joinedload

from flowbuilder import clock
from flowbuilder.services.contacts import people
from flowbuilder.store import db
from flowbuilder.store.accounts import User
from flowbuilder.store.consent import ConsentEvent
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message

_WHOLE_NUMBER = 8
"""No number with its country's code has fewer digits."""


class Heard(StrEnum):
    """When a person last wrote to us."""

    DAY = "day"
    MONTH = "month"
    LONGER = "longer"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty means all."""

    search: str = ""
    consent: str = ""
    heard: str = ""

    @property
    def is_any(self) -> bool:
        return any((self.search, self.consent, self.heard))


Place = tuple[datetime, str]


def listing(workspace_id: str, filters: Filters, *, before: Place | None = None, limit: int = 50) -> Sequence[Contact]:
    """Contacts, the newest first; ``before`` is where the page before ended."""
    wanted = select(Contact).where(Contact.workspace_id == workspace_id, Contact.erased_at.is_(None), *_narrowed(filters))
    if before:
        wanted = wanted.where(tuple_(Contact.created_at, Contact.id) < before)
    return db.session.scalars(wanted.order_by(Contact.created_at.desc(), Contact.id.desc()).limit(limit)).all()


def every(workspace_id: str, filters: Filters, size: int = 2000) -> Iterator[Sequence[Contact]]:
    """All of them in slices: for an export that never holds them all."""
    before: Place | None = None
    while found := listing(workspace_id, filters, before=before, limit=size):
        yield found
        before = (found[-1].created_at, found[-1].id)
        db.session.rollback()
        db.session.expunge_all()


def batches_to(workspace_id: str, search: str, limit: int = 20) -> Sequence[Row[tuple[int, str, str, str, datetime]]]:
    """Batches that wrote to the whole number ``search``, the latest first. People whom only a batch wrote to are no contacts yet."""
    digits = re.sub(r"\D", "", search)
    if len(digits) < _WHOLE_NUMBER or re.search(r"[^\W\d_]", search):
        return []
    wanted = select(Message.id, Message.status, Batch.id.label("batch_id"), Batch.file_name, Batch.started_at).join(
        Batch, Batch.id == Message.batch_id
    )
    mine = wanted.where(Batch.workspace_id == workspace_id, Batch.started_at.is_not(None), Message.phone == f"+{digits}")
    return db.session.execute(mine.order_by(Batch.created_at.desc()).limit(limit)).all()


def count(workspace_id: str) -> int:
    return db.session.scalar(select(func.count()).where(Contact.workspace_id == workspace_id, Contact.erased_at.is_(None))) or 0


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.search:
        digits = re.sub(r"\D", "", filters.search)
        is_number = digits and not re.search(r"[^\W\d_]", filters.search)
        found.append(
            or_(Contact.phone.contains(digits), Contact.wa_id.contains(digits))
            if is_number
            else or_(Contact.name.icontains(filters.search, autoescape=True), Contact.user_id == filters.search)
        )
    if filters.consent:
        found.append(Contact.consent == filters.consent)
    now = clock.now()
    match filters.heard:
        case Heard.DAY:
            found.append(Contact.last_heard_at >= now - timedelta(hours=24))
        case Heard.MONTH:
            found.append(Contact.last_heard_at >= now - timedelta(days=30))
        case Heard.LONGER:
            found.append(Contact.last_heard_at < now - timedelta(days=30))
        case Heard.NEVER:
            found.append(Contact.last_heard_at.is_(None))
    return found


def history(contact: Contact, limit: int = 200) -> list[tuple[ConsentEvent, User | None]]:
    """Every change of consent, the latest first, with who of us made it."""
    wanted = select(ConsentEvent, User).outerjoin(User, User.id == ConsentEvent.user_id).where(ConsentEvent.contact_id == contact.id)
    return [(event, user) for event, user in db.session.execute(wanted.order_by(ConsentEvent.id.desc()).limit(limit))]


def messages(contact: Contact, *, before: int = 0, limit: int = 50) -> Sequence[Message]:
    """What was said, the latest first, rows of batches among it: those are found by their number, batch by batch."""
    earlier = (Message.id < before,) if before else ()
    batches = select(Batch.id).where(Batch.workspace_id == contact.workspace_id)
    of_batches = (Message.batch_id.in_(batches), Message.phone.in_(people.phones_of(contact)))
    parts = [
        select(select(Message.id).where(*place, *earlier).order_by(Message.id.desc()).limit(limit).subquery())
        for place in ((Message.contact_id == contact.id,), of_batches)
    ]
    ids = sorted(set(db.session.scalars(union_all(*parts))), reverse=True)[:limit]
    return db.session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id.desc())).all()


def names(said: Sequence[Message]) -> dict[str, str]:
    """What the outbound messages among these are called, by their ids."""
    ids = {message.template_id for message in said if message.template_id}
    return {
        row.id: row.name for row in db.session.execute(select(TemplateMessage.id, TemplateMessage.name).where(TemplateMessage.id.in_(ids)))
    }


def conversations(contact: Contact, limit: int = 50) -> Sequence[Conversation]:
    wanted = select(Conversation).where(Conversation.contact_id == contact.id).order_by(Conversation.updated_at.desc()).limit(limit)
    return db.session.scalars(wanted.options(joinedload(Conversation.version))).all()
