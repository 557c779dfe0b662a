"""Conversations with people: taking one, answering the person, giving it back to the flow or finishing it.

Functions with a ``session`` run inside the turn that hands over or ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from flowbuilder import clock, queue
from flowbuilder.core import message as messages
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.finding import Finding
from flowbuilder.core.nodes import hand_over
from flowbuilder.core.run import Input, InputKind
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.conversations import saying, turns
from flowbuilder.store import db
from flowbuilder.store.accounts import Membership, Role, User
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.handovers import Handover
from flowbuilder.store.sending import Message

Tx = Session | scoped_session[Session]
WINDOW = timedelta(hours=24)
GIVES_BACK = timedelta(seconds=hand_over.GIVES_BACK_WITHIN)
DRAFT_MAX = 8000

ENDED = "This conversation is no longer with a person: it ended, or went back to the flow."
CLOSED = (
    "WhatsApp takes answers for 24 hours after a person’s last message, and those are over. Wait until they write again, "
    "or finish it and send them an outbound message."
)
TOO_LATE = (
    "A conversation can be given back until 12 hours after the person’s last message, so that the flow can still answer. "
    "Wait until they write again, or finish it."
)


def may_run(workspace_id: str) -> list[User]:
    """Who may have a conversation: all but viewers."""
    query = select(User).join(Membership).where(Membership.workspace_id == workspace_id, Membership.role != Role.VIEWER)
    return list(db.session.scalars(query.where(User.disabled_at.is_(None)).order_by(User.name, User.email)))


def called(user: User | None) -> str:
    return (user.name or user.email) if user else "Somebody"


def take(workspace_id: str, handover_id: str, *, user_id: str) -> None:
    """Have it, if nobody else does."""
    with transaction() as session:
        row = _open(session, workspace_id, handover_id)
        if row.user_id == user_id:
            return
        free = (Handover.id == row.id, Handover.user_id.is_(None), Handover.ended_at.is_(None))
        if session.execute(update(Handover).where(*free).values(user_id=user_id, taken_at=clock.now())).rowcount != 1:
            raise Conflict(f"{called(session.get(User, row.user_id or ''))} took it a moment ago. It is in their hands now.")
        _tell(session, row, hand_over.TAKEN, user_id)
        audit.record(session, workspace_id, user_id, "conversation.taken", row.conversation_id, "Took a conversation from the inbox")


def assign(workspace_id: str, handover_id: str, to: str, *, had_by: str, user_id: str) -> str:
    """Give it to a colleague, or to oneself; ``had_by`` is who had it when that was decided. The new one's name."""
    with transaction() as session:
        row = _open(session, workspace_id, handover_id)
        colleague = next((one for one in may_run(workspace_id) if one.id == to), None)
        if colleague is None:
            raise Invalid(findings=[Finding("nobody", "Choose a colleague who may run conversations.", field="to")])
        if (row.user_id or "") != had_by:
            raise Conflict(f"{called(session.get(User, row.user_id or ''))} has it meanwhile. Look at it again, then decide.")
        row.user_id, row.taken_at = colleague.id, clock.now()
        _tell(session, row, hand_over.TAKEN, colleague.id)
        text = f"Gave a conversation of the inbox to {called(colleague)}"
        audit.record(session, workspace_id, user_id, "conversation.assigned", row.conversation_id, text)
        return called(colleague)


def release(workspace_id: str, handover_id: str, *, user_id: str) -> None:
    """Put it back for others."""
    with transaction() as session:
        row = _mine(session, workspace_id, handover_id, user_id)
        row.user_id = row.taken_at = None
        _tell(session, row, hand_over.RELEASED, user_id)
        audit.record(session, workspace_id, user_id, "conversation.released", row.conversation_id, "Put a conversation back into the inbox")


def reply(workspace_id: str, handover_id: str, body: str, *, user_id: str, client_key: str) -> None:
    """Say something to the person, through the same outbox as everything else. The same ``client_key`` again says nothing."""
    try:
        with transaction() as session:
            row = _mine(session, workspace_id, handover_id, user_id)
            conversation, now = session.get_one(Conversation, row.conversation_id), clock.now()
            contact = session.get_one(Contact, conversation.contact_id)
            _check(body, left(contact, now))
            content = messages.to_json(messages.Text(body.strip()))
            session.add(
                Message(
                    workspace_id=workspace_id, line_id=conversation.line_id, direction="out", kind="text", status=DeliveryStatus.QUEUED,
                    phone=saying.address(contact), contact_id=contact.id, conversation_id=conversation.id, content=content,
                    client_key=client_key, is_trial=conversation.is_trial, created_by=user_id, created_at=now,
                )
            )  # fmt: skip
            row.draft, row.seen_at, conversation.updated_at = "", now, now
            audit.record(session, workspace_id, user_id, "conversation.answered", conversation.id, "Answered a person from the inbox")
    except IntegrityError:
        if db.session.scalar(select(Message.id).where(Message.workspace_id == workspace_id, Message.client_key == client_key)) is None:
            raise
    queue.ring(queue.REPLIES, "converse")


def keep_draft(workspace_id: str, handover_id: str, body: str, *, user_id: str) -> None:
    """What has been typed so far, so that it is there again after a reload and on another machine."""
    with transaction() as session:
        row = _find(session, workspace_id, handover_id)
        mine = (Handover.id == row.id, Handover.user_id == user_id, Handover.ended_at.is_(None))
        session.execute(update(Handover).where(*mine).values(draft=body[:DRAFT_MAX]))


def give_back(workspace_id: str, handover_id: str, *, user_id: str) -> None:
    """The flow goes on."""
    with transaction() as session:
        row = _mine(session, workspace_id, handover_id, user_id)
        if not may_go_on(_contact_of(session, row), clock.now()):
            raise Conflict(TOO_LATE)
        _tell(session, row, hand_over.GIVEN_BACK.id, user_id)
        audit.record(session, workspace_id, user_id, "conversation.given_back", row.conversation_id, "Gave a conversation back to its flow")
    queue.ring(queue.REPLIES, "converse")


def finish(workspace_id: str, handover_id: str, *, user_id: str) -> None:
    """The conversation goes through Finished; when it is too late for the flow to speak, it ends without another word."""
    with transaction() as session:
        row = _mine(session, workspace_id, handover_id, user_id)
        can_speak = may_go_on(_contact_of(session, row), clock.now())
        _tell(session, row, hand_over.FINISHED.id if can_speak else hand_over.CLOSED, user_id)
        audit.record(session, workspace_id, user_id, "conversation.finished", row.conversation_id, "Finished a conversation of the inbox")
    queue.ring(queue.REPLIES, "converse")


def left(contact: Contact, now: datetime) -> timedelta:
    """How long the person may still be written to freely."""
    return max(contact.last_heard_at + WINDOW - now, timedelta(0)) if contact.last_heard_at else timedelta(0)


def may_go_on(contact: Contact, now: datetime) -> bool:
    return left(contact, now) > WINDOW - GIVES_BACK


def see(workspace_id: str, handover_id: str) -> None:
    """Somebody looked at it."""
    with transaction() as session:
        session.execute(
            update(Handover).where(Handover.id == handover_id, Handover.workspace_id == workspace_id).values(seen_at=clock.now())
        )


def heard(session: Tx, conversation_id: str, now: datetime) -> None:
    """The person wrote to whoever has it."""
    session.execute(update(Handover).where(Handover.conversation_id == conversation_id, Handover.ended_at.is_(None)).values(heard_at=now))


def _find(session: Tx, workspace_id: str, handover_id: str) -> Handover:
    row = session.get(Handover, handover_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def _open(session: Tx, workspace_id: str, handover_id: str) -> Handover:
    """The row with its conversation held, so that nobody else moves either."""
    row = _find(session, workspace_id, handover_id)
    turns.locked(session, row.conversation_id)
    session.refresh(row)
    if row.ended_at is not None:
        raise Conflict(ENDED)
    return row


def _mine(session: Tx, workspace_id: str, handover_id: str, user_id: str) -> Handover:
    row = _open(session, workspace_id, handover_id)
    if row.user_id is None:
        raise Conflict("Nobody has this conversation. Take it first.")
    if row.user_id != user_id:
        raise Conflict(f"{called(session.get(User, row.user_id))} has this conversation now. Take it over to go on.")
    return row


def _contact_of(session: Tx, row: Handover) -> Contact:
    return session.get_one(Contact, session.get_one(Conversation, row.conversation_id).contact_id)


def _tell(session: Tx, row: Handover, did: str, user_id: str) -> None:
    conversation = session.get_one(Conversation, row.conversation_id)
    deed = Input(InputKind.COLLEAGUE, option=did, title=called(session.get(User, user_id)))
    turns.take(session, conversation, deed, clock.now())


def _check(body: str, window_left: timedelta) -> None:
    text = ""
    if not body.strip():
        text = "Write something first."
    elif len(body.strip()) > messages.TEXT_MAX:
        text = f"Shorten the answer: it has {len(body.strip()):,} characters, and WhatsApp takes {messages.TEXT_MAX:,}."
    elif not window_left:
        raise Conflict(CLOSED)
    if text:
        raise Invalid(findings=[Finding("answer", text, field="body")])
