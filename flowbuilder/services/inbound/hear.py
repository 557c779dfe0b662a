"""One inbound message, once: who said it, which conversation it belongs to, and what the flow answers. One transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock
from flowbuilder.core import message as messages
from flowbuilder.core.delivery import UNSETTLED, DeliveryStatus
from flowbuilder.core.run import OPEN, Input, RunStatus
from flowbuilder.errors import Conflict
from flowbuilder.services import transaction
from flowbuilder.services.contacts import people
from flowbuilder.services.conversations import handovers, received, turns
from flowbuilder.services.conversations.turns import Tx
from flowbuilder.services.flows import openings, trials
from flowbuilder.services.inbound import backlog, contacts, wishes
from flowbuilder.services.outgoing.events import Watch
from flowbuilder.store import evidence, openers
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp.webhooks import InboundMessage

OLDEST_ANSWERED = timedelta(minutes=15)
_TRIES = 5
_TAPPED_ON = {"button": ("template",), "interactive": ("buttons", "list")}
"""What a tap surely answers: messages of ours of these kinds. Words may quote anything, also what the person wrote."""


def hear(line: Line, item: InboundMessage, *, is_followed: bool = False) -> str | None:
    """Take one message in. The conversation that now has something to say, if one has.

    ``is_followed``: what the same person wrote after it is here, too, and is heard next.
    """
    for _ in range(_TRIES):
        try:
            with transaction() as session:
                return _hear(session, line, item, is_followed=is_followed)
        except (Conflict, IntegrityError) as error:
            last = error
    raise last


def _hear(session: Tx, line: Line, item: InboundMessage, *, is_followed: bool) -> str | None:
    known = select(Message.id).where(Message.line_id == line.id, Message.wamid == item.wamid)
    if session.scalar(known) is not None:
        return None
    now = clock.now()
    if item.content.get("kind") == "media":
        item = replace(item, content=received.announced(line, item.content, now))
    at = min(now, datetime.fromtimestamp(item.timestamp, UTC)) if item.timestamp else now
    contact = contacts.heard_from(session, line.workspace_id, item, at, now)
    quoted = _quoted(session, line, item, contact) or _meant(session, line, item, contact, now)
    is_wish = contact is not None and _heeded(session, line, item, contact, quoted, at)
    row = _waited_for(session, line, contact) if is_wish else _conversation(session, line, contact, quoted, now)
    answer = Input.of(messages.from_json(item.content))
    if row is None and contact is not None and not is_wish and turns.is_answerable(at, now, OLDEST_ANSWERED):
        row = _spoken(session, line, item, contact, now)
    unanswered = _unanswered(session, row, answer, at, now, is_wish=is_wish, is_followed=is_followed)
    is_missed = unanswered[0] in _MISSED if unanswered else row is None and quoted is not None and turns.is_switched_off(session, quoted)
    _keep(session, line, item, contact, row, at, now if is_missed else None)
    if quoted is not None and quoted.answered_at is None:
        with Watch(session, [quoted.id]):
            session.execute(update(Message).where(Message.id == quoted.id).values(answered_at=at))
    if row is None:
        return None
    if row.status == RunStatus.WITH_PERSON:
        handovers.heard(session, row.id, now)
    if unanswered:
        turns.ignore(session, row, answer, *unanswered, now)
        return None
    return row.id if turns.take(session, row, answer, now) else None


_WISH = ("consent", "This was about hearing from us at all, and is no answer.")
_LATE = ("late", "The message was too old when it arrived to be answered automatically.")
_UNKNOWN = ("unknown", "This kind of message is no answer.")
_MISSED = ("late", "burst")
"""Nothing answered these, nor who took up a message whose flow is switched off, so a person may want to."""


def _unanswered(
    session: Tx, row: Conversation | None, answer: Input | None, at: datetime, now: datetime, *, is_wish: bool, is_followed: bool
) -> tuple[str, str] | None:
    """Why the flow must not see this message, as reason and words; None if it answers."""
    if is_wish:
        return _WISH
    if row is not None and row.status == RunStatus.WITH_PERSON:
        return None if answer else _UNKNOWN
    if not turns.is_answerable(at, now, OLDEST_ANSWERED):
        return _LATE
    if answer is None:
        return _UNKNOWN
    return backlog.passed_over(session, row, answer, at, now, is_followed=is_followed) if row else None


def _spoken(session: Tx, line: Line, item: InboundMessage, contact: Contact, now: datetime) -> Conversation | None:
    """A conversation that these words begin."""
    if item.content.get("kind") != "text":
        return None
    body = item.content.get("body", "")
    if version := trials.version_started_by(session, line, people.phones_of(contact), body, now):
        return turns.begin_spoken(session, contact, version, line, now, is_trial=True)
    version = openings.version_started_by(session, line.workspace_id, line.id, body)
    return turns.begin_spoken(session, contact, version, line, now, is_trial=False) if version else None


def _heeded(session: Tx, line: Line, item: InboundMessage, contact: Contact, quoted: Message | None, at: datetime) -> bool:
    """Whether this was a wish about hearing from us, now written down, and nothing for a flow."""
    asked = wishes.of(item, contact)
    if asked is None:
        return False
    waiting = _waiting(session, line, contact)
    if asked.weak and (waiting or quoted is not None):
        return False
    row = session.get(Conversation, waiting) if waiting else None
    is_for_flow = wishes.belongs_to_flow(session, item, row, quoted)
    wishes.heed(session, line, contact, item, asked, quoted, at)
    return not is_for_flow


def _waited_for(session: Tx, line: Line, contact: Contact | None) -> Conversation | None:
    found = _waiting(session, line, contact) if contact else None
    return turns.locked(session, found) if found else None


def _quoted(session: Tx, line: Line, item: InboundMessage, contact: Contact | None) -> Message | None:
    """The message of ours that this one answers. Tapping one whose arrival nobody told us of proves that it arrived."""
    if not item.quoted:
        return None
    found = session.scalar(select(Message).where(Message.line_id == line.id, Message.wamid == item.quoted))
    if found is not None:
        return found if found.direction == "out" else None
    if contact is None or item.kind not in _TAPPED_ON:
        return None
    is_tappable = Message.kind.in_(_TAPPED_ON[item.kind])
    lost = session.scalar(evidence.unsettled_to(line.id, people.phones_of(contact)).where(is_tappable))
    if lost is None:
        return None
    arrived = {"status": DeliveryStatus.DELIVERED, "wamid": item.quoted, "lease_owner": None, "lease_until": None}
    session.execute(update(Message).where(Message.id == lost, Message.status.in_(UNSETTLED)).values(**arrived))
    return session.get(Message, lost, populate_existing=True)


def _meant(session: Tx, line: Line, item: InboundMessage, contact: Contact | None, now: datetime) -> Message | None:
    """Words that quote nothing: the fresh message with a flow that they answer, unless a conversation waits for them already."""
    if contact is None or item.quoted or _waiting(session, line, contact):
        return None
    opener = openers.last_to(session, line.id, people.phones_of(contact), now)
    return opener if opener is not None and turns.version_started_by(session, opener) else None


def _waiting(session: Tx, line: Line, contact: Contact) -> str | None:
    """The conversation that waits for this person, the latest if there are several."""
    return session.scalar(
        select(Conversation.id)
        .where(Conversation.contact_id == contact.id, Conversation.line_id == line.id, Conversation.status.in_(OPEN))
        .order_by(Conversation.updated_at.desc())
        .limit(1)
    )


def _conversation(session: Tx, line: Line, contact: Contact | None, quoted: Message | None, now: datetime) -> Conversation | None:
    """That of the message that is answered, or the one that it starts; without a quotation the one that waits for this person."""
    if contact is not None and quoted is not None:
        if quoted.conversation_id:
            return turns.locked(session, quoted.conversation_id)
        opened = session.scalar(select(Conversation.id).where(Conversation.opened_by == quoted.id))
        if opened:
            return turns.locked(session, opened)
        if turns.is_switched_off(session, quoted):
            return None
        if turns.version_started_by(session, quoted):
            row = turns.begin(session, contact, quoted, now)
            known = {"contact_id": contact.id, "conversation_id": row.id}
            session.execute(update(Message).where(Message.id == quoted.id).values(**known))
            return row
    return _waited_for(session, line, contact)


def _keep(
    session: Tx,
    line: Line,
    item: InboundMessage,
    contact: Contact | None,
    row: Conversation | None,
    at: datetime,
    missed_at: datetime | None,
) -> None:
    message = Message(
        workspace_id=line.workspace_id, line_id=line.id, direction="in", kind=str(item.content.get("kind", "unsupported")),
        status=DeliveryStatus.RECEIVED, phone=contact.phone if contact else None, contact_id=contact.id if contact else None,
        conversation_id=row.id if row else None, content=item.content, wamid=item.wamid, is_trial=bool(row and row.is_trial),
        created_at=at, missed_at=missed_at,
    )  # fmt: skip
    session.add(message)
    session.flush()
    if "file" in item.content:
        received.expect(session, message)
