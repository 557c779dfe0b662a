"""Erases a person: number, name, ids and all that was said are gone from every table and file; counters stay, and so does an opt-out.

What stays of messages and conversations tells that there was one, when, and how far it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, or_, select, update

from flowbuilder import clock
from flowbuilder.core import phone as phones
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.consent import OUT
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.run import OPEN
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.contacts import attributes, consent, forgotten, people
from flowbuilder.services.contacts.people import Tx
from flowbuilder.services.conversations import received, turns
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.codes import OneTimeCode
from flowbuilder.store.consent import ConsentEvent, ContactImport, OptOut
from flowbuilder.store.conversations import Contact, Conversation, ConversationEvent
from flowbuilder.store.flows import FlowTrial
from flowbuilder.store.handovers import Handover
from flowbuilder.store.inbound import ParkedStatus, Webhook
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Batch, BatchFault, Message
from flowbuilder.store.validations import Validation, ValidationNews

ERASED = "This person was erased."
_TOLD = ("port", "target", "kind", "outcome", "tries", "of", "flow", "version", "left", "answer")
"""What of an event draws the way through a flow; the rest is what the person said."""
_FILE_STATUSES = (BatchStatus.READING, BatchStatus.UNREADABLE, BatchStatus.DRAFT)


@dataclass(slots=True)
class Report:
    """What was found and erased. ``waiting`` posts of Meta mention the person and are still to be read: they come in as news."""

    messages: int = 0
    conversations: int = 0
    faults: int = 0
    posts: int = 0
    waiting: int = 0
    files: int = 0
    test_phones: int = 0
    opt_out_kept: bool = False


@dataclass(frozen=True, slots=True)
class _Person:
    """By what a person is recognised in texts that are not ours."""

    contact_id: str
    phones: tuple[str, ...]
    marks: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        return any(mark in text for mark in self.marks)


def erase(workspace_id: str, contact_id: str, *, user_id: str | None) -> Report:
    """All at once, in one transaction; files go after it."""
    report = Report()
    with transaction() as session:
        contact = consent.find(workspace_id, contact_id)
        numbers = people.phones_of(contact)
        marks = tuple({number[1:] for number in numbers} | {mark for mark in (contact.user_id,) if mark})
        person = _Person(contact_id, numbers, marks)
        _forget_consent(session, contact, numbers, report)
        _end_conversations(session, contact_id, report)
        batch_ids = _forget_messages(session, workspace_id, person, report)
        batch_ids |= _forget_faults(session, workspace_id, person, report)
        _forget_posts(session, workspace_id, person, report)
        report.test_phones = session.execute(
            delete(TestPhone).where(TestPhone.workspace_id == workspace_id, TestPhone.phone.in_(numbers))
        ).rowcount
        session.execute(delete(FlowTrial).where(FlowTrial.workspace_id == workspace_id, FlowTrial.phone.in_(numbers)))
        attributes.forget(session, contact_id)
        contact.phone = contact.wa_id = contact.user_id = None
        contact.name, contact.erased_at = "", clock.now()
        files = [*_files_about(session, workspace_id, batch_ids, person), *received.forget(session, contact_id)]
        report.files = len(files)
        counts = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in asdict(report).items() if number)
        audit.record(
            session, workspace_id, user_id, "contact.erased", contact_id, f"Erased a person: {counts or 'nothing but the contact'}"
        )
    for file in files:
        file.unlink(missing_ok=True)
    return report


def _forget_consent(session: Tx, contact: Contact, numbers: Sequence[str], report: Report) -> None:
    forgotten.keep(session, contact.workspace_id, numbers, contact.consent)
    report.opt_out_kept = bool(numbers) and contact.consent in OUT
    session.execute(delete(OptOut).where(OptOut.contact_id == contact.id))
    session.execute(update(ConsentEvent).where(ConsentEvent.contact_id == contact.id).values(text=""))


def _end_conversations(session: Tx, contact_id: str, report: Report) -> None:
    """Running ones end; of all of them only the way taken is left."""
    for row_id in session.scalars(select(Conversation.id).where(Conversation.contact_id == contact_id)).all():
        row = turns.locked(session, row_id)
        if row.status in OPEN:
            turns.end(session, row, "erased", clock.now())
        row.state = {**turns.standing(row).to_json(), "variables": {}, "scratch": {}}
        session.execute(update(Request).where(Request.conversation_id == row_id).values(content={}, result=None, status="done"))
        _forget_validations(session, row_id)
        session.execute(update(Handover).where(Handover.conversation_id == row_id).values(note="", draft=""))
        for event in session.scalars(select(ConversationEvent).where(ConversationEvent.conversation_id == row_id)):
            event.data = {key: value for key, value in event.data.items() if key in _TOLD}
        report.conversations += 1
    session.execute(delete(OneTimeCode).where(OneTimeCode.contact_id == contact_id))


def _forget_validations(session: Tx, conversation_id: str) -> None:
    asked = select(Validation.id).join(Request, Request.id == Validation.request_id).where(Request.conversation_id == conversation_id)
    session.execute(update(ValidationNews).where(ValidationNews.validation_id.in_(asked)).values(reason=""))
    session.execute(update(Validation).where(Validation.id.in_(asked)).values(reason="", link="", foreign_id=""))


def _forget_messages(session: Tx, workspace_id: str, person: _Person, report: Report) -> set[str]:
    """Empty them; what waits is skipped. The batches whose files may name the person."""
    batches = select(Batch.id).where(Batch.workspace_id == workspace_id)
    talks = select(Conversation.id).where(Conversation.contact_id == person.contact_id)
    alone = Message.batch_id.is_(None) & (Message.workspace_id == workspace_id) & Message.phone.in_(person.phones)
    places = (
        Message.contact_id == person.contact_id, Message.conversation_id.in_(talks),
        Message.batch_id.in_(batches) & Message.phone.in_(person.phones), alone,
    )  # fmt: skip
    found: dict[int, Message] = {}
    for place in places:
        found |= {row.id: row for row in session.scalars(select(Message).where(place).order_by(Message.id).with_for_update())}
    for row in found.values():
        row.content, row.phone, row.wamid, row.client_key = {"kind": "erased"}, None, None, None
        row.contact_id = person.contact_id
        row.error_text = "" if person.is_in(re.sub(r"[\s()+-]", "", row.error_text)) else row.error_text
        if row.status == DeliveryStatus.QUEUED:
            row.status, row.error_text = DeliveryStatus.SKIPPED, ERASED
    report.messages = len(found)
    return {row.batch_id for row in found.values() if row.batch_id}


def _forget_faults(session: Tx, workspace_id: str, person: _Person, report: Report) -> set[str]:
    """Rows of files that never became messages; their cells hold the number as people wrote it."""
    mine = select(BatchFault).join(Batch, Batch.id == BatchFault.batch_id).where(Batch.workspace_id == workspace_id)
    found = set()
    for fault in session.scalars(mine.execution_options(yield_per=1000)):
        if _names(fault, person):
            fault.value, fault.cells, fault.place, fault.text = "", [], None, ERASED
            found.add(fault.batch_id)
            report.faults += 1
    return found


def _names(fault: BatchFault, person: _Person) -> bool:
    cells = [str(cell) for cell in fault.cells]
    read = phones.read(cells[0], cells[1]) if len(cells) > 1 else None
    if isinstance(read, phones.Phone) and read.e164 in person.phones:
        return True
    return person.is_in(re.sub(r"[^\w.]", "", "|".join([fault.value, *cells])))


def _forget_posts(session: Tx, workspace_id: str, person: _Person, report: Report) -> None:
    """Meta's posts that were set aside, and statuses that wait for their message."""
    lines = select(Line.id).where(Line.workspace_id == workspace_id)
    for post in session.scalars(select(Webhook).where(Webhook.line_id.in_(lines))).all():
        if not person.is_in(bytes(post.body).decode(errors="replace")):
            continue
        if post.status == "pending":
            report.waiting += 1
        else:
            session.delete(post)
            report.posts += 1
    for parked in session.scalars(select(ParkedStatus).where(ParkedStatus.line_id.in_(lines))).all():
        if person.is_in(str(parked.status)):
            session.delete(parked)
            report.posts += 1


def _files_about(session: Tx, workspace_id: str, batch_ids: set[str], person: _Person) -> Iterator[Path]:
    """Uploads of batches not yet started that name the person; those nobody could read and of imports, whatever they may hold."""
    folder: Path = current_app.extensions["flowbuilder"].home / "uploads"
    for made in session.scalars(select(ContactImport).where(ContactImport.workspace_id == workspace_id)):
        if person.is_in(re.sub(r"[^\w.\"]", "", str([made.first, made.faults]))):
            made.first, made.faults = [], []
        if (path := folder / made.id).exists():
            made.status, made.because = "unreadable", "The file was deleted because a person was erased. Upload it again."
            yield path
    kept = select(Batch.id).where(Batch.workspace_id == workspace_id, Batch.status.in_(_FILE_STATUSES))
    unread = Batch.status.in_((BatchStatus.UNREADABLE, BatchStatus.READING))
    for batch_id in session.scalars(kept.where(or_(Batch.id.in_(batch_ids), unread))):
        path = folder / batch_id
        if path.exists():
            yield path


def words(report: Report) -> list[tuple[str, Any]]:
    """For people: what was found, line by line."""
    return [
        ("Messages emptied", report.messages),
        ("Conversations emptied", report.conversations),
        ("Faulty rows of files emptied", report.faults),
        ("Stored posts of Meta deleted", report.posts),
        ("Files deleted", report.files),
        ("Test phones removed", report.test_phones),
        ("Posts of Meta that are still to be read", report.waiting),
    ]
