"""Consent changes: each is written down with its proof, and holds for every message claimed after its commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from flowbuilder import clock, queue
from flowbuilder.core.consent import OUT, Consent, ConsentSource
from flowbuilder.core.finding import Finding
from flowbuilder.core.template import Category
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.contacts import forgotten, people
from flowbuilder.services.contacts.attributes import change as change_attributes
from flowbuilder.services.contacts.people import Tx
from flowbuilder.store import consent as store
from flowbuilder.store import db, outbox
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.consent import ConsentEvent, OptOut
from flowbuilder.store.conversations import Contact
from flowbuilder.store.sending import Batch, Message

STOPPED_CODE = 131050
_AT_ONCE = 2000
CONFIRMED = "Confirmed before sending: these people agreed to get our messages."
_OURS = (ConsentSource.SINGLE, ConsentSource.BATCH, ConsentSource.IMPORT)
_DELIBERATE = (ConsentSource.HAND, ConsentSource.API, ConsentSource.IMPORT)
"""Who wants nothing at all is not let back to fewer promotions by a further word; a person of ours may say so."""
_VERBS = {
    Consent.OPTED_IN: ("contact.opted_in", "Opted in by hand"),
    Consent.OPTED_OUT: ("contact.opted_out", "Opted out of promotions by hand"),
    Consent.STOPPED: ("contact.stopped", "Opted out of all messages by hand"),
}


def record(
    session: Tx, contact: Contact, consent: Consent, source: ConsentSource, at: datetime, *, text: str = "", user_id: str | None = None
) -> bool:
    """Write the change down, in the caller's transaction; True when the person's state is another one now.

    What is older than the person's last word is history and moves nothing.
    """
    is_history = _is_outdated(session, contact, consent, at)
    session.add(
        ConsentEvent(
            workspace_id=contact.workspace_id, contact_id=contact.id, user_id=user_id, at=at,
            consent=consent, source=source, text=text[:500],
        )
    )  # fmt: skip
    if is_history:
        return False
    if contact.consent == Consent.STOPPED and consent is Consent.OPTED_OUT and source not in _DELIBERATE:
        consent = Consent.STOPPED
    changed = contact.consent != consent
    contact.consent, contact.consent_at = consent, at
    session.flush()
    enforce(session, contact)
    return changed


def _is_outdated(session: Tx, contact: Contact, consent: Consent, at: datetime) -> bool:
    """Meta counts in whole seconds. An opt-out yields only to what the person said later, not to what we confirmed before sending."""
    if contact.consent_at is None or at >= contact.consent_at.replace(microsecond=0):
        return False
    last = select(ConsentEvent.source).where(ConsentEvent.contact_id == contact.id).order_by(ConsentEvent.at.desc()).limit(1)
    return consent not in OUT or session.scalar(last) not in _OURS


def refused(on: Tx | Connection, message_ids: Sequence[int], at: datetime) -> None:
    """Meta did not deliver these because the person has stopped our promotions (131050): the same as asking us."""
    if isinstance(on, Connection):
        with Session(on) as session:
            refused(session, message_ids, at)
            session.flush()
        return
    for message in on.scalars(select(Message).where(Message.id.in_(message_ids)).order_by(Message.id)).all():
        contact = on.get(Contact, message.contact_id) if message.contact_id else None
        if contact is None and message.phone:
            contact = of_phone(on, message.workspace_id, message.phone, at)
        if contact is not None:
            record(on, contact, Consent.OPTED_OUT, ConsentSource.REFUSAL, at, text=f"Meta refused a message with the code {STOPPED_CODE}.")


def of_phone(session: Tx, workspace_id: str, phone: str, now: datetime) -> Contact:
    """The contact with this number (E.164), made if new; what an erased person with it wanted still holds."""
    known = people.match(session, workspace_id, None, phone.removeprefix("+"))
    if known is not None:
        return known
    contact = people.of_phone(session, workspace_id, phone, now)
    remember(session, contact, now)
    return contact


def remember(session: Tx, contact: Contact, now: datetime) -> None:
    """A new contact: what somebody with this number wanted before being erased, else what was confirmed for a batch to it."""
    if (wanted := forgotten.recall(session, contact.workspace_id, people.phones_of(contact))) is not None:
        record(session, contact, wanted, ConsentSource.ERASED, now)
    elif (confirmed := store.confirmed_by_batch(session, contact.workspace_id, people.phones_of(contact))) is not None:
        contact.consent, contact.consent_at = Consent.OPTED_IN, confirmed.at
        session.add(ConsentEvent(**store.proof_of(confirmed), contact_id=contact.id))


def enforce(session: Tx, contact: Contact) -> None:
    """Bring the numbers of this person in line with their consent, and skip what waits for them."""
    phones = people.phones_of(contact)
    store.set_numbers(session, contact, phones)
    if contact.consent in OUT and phones:
        outbox.skip(session, contact.workspace_id, phones, everything=contact.consent == Consent.STOPPED)


def set_by_hand(
    workspace_id: str, contact_id: str, consent: Consent, *, reason: str, user_id: str | None, source: ConsentSource = ConsentSource.HAND
) -> Contact:
    """What a person of ours, or a program, was told by the contact. ``reason`` is the proof: how and when they said so."""
    if consent is Consent.UNKNOWN:
        raise Invalid(findings=[Finding("unknown", "Choose opted in or opted out.", field="consent")])
    if not reason.strip():
        raise Invalid(findings=[Finding("missing", "Say how this person told you, such as “by phone on 3 May”.", field="reason")])
    with transaction() as session:
        contact = find(workspace_id, contact_id)
        record(session, contact, consent, source, clock.now(), text=reason.strip(), user_id=user_id)
        verb, text = _VERBS[consent]
        audit.record(session, workspace_id, user_id, verb, contact_id, text)
    return contact


def add(workspace_id: str, phone: str, name: str, *, attributes: Mapping[str, str] | None = None, user_id: str | None) -> Contact:
    """The contact with this number (E.164), made if new; a name and attributes that are given are kept."""
    with transaction() as session:
        contact = of_phone(session, workspace_id, phone, clock.now())
        contact.name = name[:200] or contact.name
        change_attributes(session, contact, attributes or {})
        audit.record(session, workspace_id, user_id, "contact.added", contact.id, "Added a contact")
    return contact


def find(workspace_id: str, contact_id: str) -> Contact:
    contact = db.session.get(Contact, contact_id)
    if contact is None or contact.workspace_id != workspace_id or contact.erased_at is not None:
        raise NotFound("This contact does not exist, or it was erased.")
    return contact


def confirmed_for_one(session: Tx, message: Message, user_id: str | None) -> Contact | None:
    """Whoever sends one message has confirmed the opt-in; a person who opted out stays out."""
    if not message.phone:
        return None
    contact = of_phone(session, message.workspace_id, message.phone, message.created_at)
    if contact.consent == Consent.UNKNOWN and not needs_proof(message.workspace_id):
        record(session, contact, Consent.OPTED_IN, ConsentSource.SINGLE, message.created_at, text=CONFIRMED, user_id=user_id)
    return contact


def confirmed_for_batch(session: Tx, batch: Batch, user_id: str | None, now: datetime) -> None:
    """Whoever starts a batch has confirmed the opt-in of all its recipients: noted once for the batch, then by a job on each contact."""
    session.add(
        ConsentEvent(
            workspace_id=batch.workspace_id, batch_id=batch.id, user_id=user_id, at=now,
            consent=Consent.OPTED_IN, source=ConsentSource.BATCH, text=CONFIRMED,
        )
    )  # fmt: skip


def note_opt_ins(batch_id: str) -> None:
    """The confirmation of a batch on those of its recipients whom we know, slice by slice; a second run finds nothing left."""
    confirmed = db.session.scalar(select(ConsentEvent).where(ConsentEvent.batch_id == batch_id, ConsentEvent.contact_id.is_(None)).limit(1))
    last, is_left = "", confirmed is not None and not needs_proof(confirmed.workspace_id)
    while confirmed is not None and is_left:
        proof = store.proof_of(confirmed)
        with transaction() as session:
            ids = store.unknown_recipients(session, confirmed.workspace_id, batch_id, after=last, limit=_AT_ONCE)
            is_left, last = bool(ids), ids[-1] if ids else last
            if ids:
                session.execute(insert(ConsentEvent), [{**proof, "contact_id": id} for id in ids])
                opted_in = update(Contact).where(Contact.id.in_(ids)).values(consent=Consent.OPTED_IN, consent_at=proof["at"])
                session.execute(opted_in, execution_options={"synchronize_session": False})
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch_id).values(opt_ins_noted_at=clock.now()))


def ring_unnoted() -> None:
    """Batches whose confirmation is not yet on all contacts."""
    confirmed = select(ConsentEvent.id).where(ConsentEvent.batch_id == Batch.id, ConsentEvent.contact_id.is_(None)).exists()
    for batch_id in db.session.scalars(select(Batch.id).where(Batch.opt_ins_noted_at.is_(None), confirmed).limit(20)).all():
        queue.ring(queue.BULK, "note_opt_ins", batch_id)


def refusal(workspace_id: str, phone: str, category: Category) -> str:
    """Why an outbound message of this category may not go to this number now; empty when it may."""
    out = db.session.get(OptOut, (workspace_id, phone))
    if out is not None and (out.everything or category is Category.MARKETING):
        wanted = "no messages" if out.everything else "no promotions"
        return f"This person asked for {wanted} from us: nothing can be sent to this number."
    if forgotten.barred(workspace_id, [phone], category):
        return "Somebody with this number asked for no promotions before being erased: nothing can be sent to it."
    if category is Category.MARKETING and needs_proof(workspace_id) and not _is_opted_in(workspace_id, phone):
        return (
            "No opt-in of this person is on record, and this workspace sends promotions only to people who have one. Note it in Contacts."
        )
    return ""


def _is_opted_in(workspace_id: str, phone: str) -> bool:
    known = (Contact.workspace_id == workspace_id) & (Contact.phone == phone) & (Contact.consent == Consent.OPTED_IN)
    return db.session.scalar(select(Contact.id).where(known).limit(1)) is not None


def needs_proof(workspace_id: str) -> bool:
    """Whether a tick before sending is not enough for promotions."""
    return bool(db.session.scalar(select(Workspace.needs_opt_in).where(Workspace.id == workspace_id)))


def set_rule(workspace_id: str, *, needs_opt_in: bool, user_id: str | None) -> None:
    with transaction() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(needs_opt_in=needs_opt_in))
        text = "Promotions only with an opt-in on record" if needs_opt_in else "Promotions after a tick before sending"
        audit.record(session, workspace_id, user_id, "workspace.consent", workspace_id, text)
