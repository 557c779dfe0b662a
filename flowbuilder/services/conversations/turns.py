"""Turns of a conversation: the engine decides, and what it decided is one transaction of state, events and messages.

Functions with a ``session`` run inside the caller's transaction; nothing is sent here, only queued.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, scoped_session

from flowbuilder import clock, queue
from flowbuilder.core import engine
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.events import Event, EventKind, Sprint
from flowbuilder.core.flow import Flow
from flowbuilder.core.run import OPEN, Input, InputKind, Run, RunStatus
from flowbuilder.core.template import TemplateContent
from flowbuilder.core.variables import as_variable, is_attribute, of_contact
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.contacts.attributes import put as put_attributes
from flowbuilder.services.conversations import authorizations, saying
from flowbuilder.store import attributes, db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation, ConversationEvent
from flowbuilder.store.flows import FlowVersion, live_version, switched_off
from flowbuilder.store.handovers import Handover
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Batch, Message

log = logging.getLogger(__name__)

Tx = Session | scoped_session[Session]
_AT_ONCE = 200


def begin(session: Tx, contact: Contact, opener: Message, now: datetime) -> Conversation:
    """The conversation that ``opener``, a template message with a flow, starts; it waits for the answer to it."""
    version = session.get_one(FlowVersion, version_started_by(session, opener))
    template = session.get(TemplateMessage, opener.template_id)
    content = TemplateContent.from_json(template.content) if template else TemplateContent()
    variables = {**_parameters(opener), **_known_of(session, contact)}
    options = {"continue_option": content.continue_option or "Continue", "finish_option": content.finish_option or "Cancel"}
    run = engine.begin(_flow(version.id), variables, now, **options, person=contact.id)
    return _begun(session, contact, version, run, now, line_id=opener.line_id, opened_by=opener.id, is_trial=opener.is_trial)


def begin_spoken(session: Tx, contact: Contact, version: FlowVersion, line: Line, now: datetime, *, is_trial: bool) -> Conversation:
    """The conversation that a person starts with words of their own; it waits at the opening for those very words."""
    run = engine.begin(_flow(version.id), _known_of(session, contact), now, person=contact.id)
    return _begun(session, contact, version, run, now, line_id=line.id, opened_by=None, is_trial=is_trial)


def _known_of(session: Tx, contact: Contact) -> dict[str, str]:
    return of_contact(contact.name, contact.phone or "", attributes.of(session, contact.id))


def _begun(session: Tx, contact: Contact, version: FlowVersion, run: Run, now: datetime, **opening: Any) -> Conversation:
    """The row of a run that begins; ``opening`` tells its line, the message that opened it, and whether it is a trial."""
    row = Conversation(
        id=new_id("cnv"), workspace_id=contact.workspace_id, flow_id=version.flow_id, version_id=version.id, contact_id=contact.id,
        status=run.status.value, state=run.to_json(), turn=0, started_at=now, updated_at=now,
        expires_at=run.expires_at, wake_at=run.wake_at, ended_at=run.ended_at, **opening,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def version_started_by(session: Tx, opener: Message) -> str | None:
    """The version that answering this message starts, if any; none while its flow is switched off."""
    return None if is_switched_off(session, opener) else _version_of(session, opener)


def is_switched_off(session: Tx, opener: Message) -> bool:
    """Whether answering this message would begin a flow that was switched off since; a test runs a draft and begins."""
    return not opener.is_trial and switched_off(session, _version_of(session, opener)) is not None


def _version_of(session: Tx, opener: Message) -> str | None:
    """Rows of a batch leave it to the batch."""
    if opener.kind != "template" or opener.version_id or not opener.batch_id:
        return opener.version_id if opener.kind == "template" else None
    return session.scalar(select(Batch.version_id).where(Batch.id == opener.batch_id))


def take(session: Tx, row: Conversation, answer: Input, now: datetime) -> bool:
    """Give the conversation one input. True when it queued something to say."""
    version, sprint = _through(session, row, foreseen(row, answer, now), now)
    _save(session, row, sprint, now, version)
    can_be_answered = saying.put_in_line(session, row, sprint, now)
    _ask(session, row, sprint, now)
    if not can_be_answered and row.status == RunStatus.IN_PROGRESS:
        take(session, row, Input(InputKind.EXPIRE), now)
    return bool(sprint.said)


def standing(row: Conversation) -> Run:
    """Where the conversation stands. One whose state was lost is at no step: it can end, and nothing else."""
    return Run.from_json(row.state) if row.state else Run(RunStatus(row.status), None, started_at=row.started_at)


def foreseen(row: Conversation, answer: Input, now: datetime) -> Sprint:
    """What one input would do to the conversation as it stands; the contact's attributes may have changed since the last one."""
    run = standing(row)
    known = {as_variable(name): value for name, value in attributes.of(db.session, row.contact_id).items()}
    others = {name: value for name, value in run.variables.items() if not is_attribute(name)}
    return engine.resume(_flow(row.version_id), run._replace(variables=others | known), answer, now)


def transfer(session: Tx, row: Conversation, version_id: str, sprint: Sprint, now: datetime) -> None:
    """Let the conversation go on in another version of its flow, as ``sprint`` says."""
    row.version_id = version_id
    session.flush()
    _save(session, row, sprint, now)
    saying.put_in_line(session, row, sprint, now)
    _ask(session, row, sprint, now)


def _through(session: Tx, row: Conversation, sprint: Sprint, now: datetime) -> tuple[FlowVersion | None, Sprint]:
    """The sprint with all the flows that it goes over to, and the version in which it comes to rest if that is another one."""
    version = None
    while sprint.goes_to:
        left = version.id if version else row.version_id
        live = live_version(session, row.workspace_id, sprint.goes_to)
        version = live or version
        sprint = engine.go_on(_flow(live.id) if live else None, sprint, now, version=live.id if live else "", left=left)
    return version, sprint


def ignore(session: Tx, row: Conversation, answer: Input | None, reason: str, text: str, now: datetime) -> None:
    """Note that something came which the flow must not see, such as an answer that is hours old."""
    data = {"reason": reason, "text": text, "input": answer.to_json() if answer else {}}
    _save(session, row, Sprint(standing(row), (Event(EventKind.IGNORED, None, data),)), now)


def wake(conversation_id: str) -> bool:
    """Let a conversation go on whose moment has come: for a step that waited, a reminder, or since nobody answered. False when
    it has moved on meanwhile.
    """
    with transaction() as session:
        row = locked(session, conversation_id)
        now = clock.now()
        if row.status not in OPEN or row.wake_at is None or row.wake_at > now:
            return False
        take(session, row, Input(InputKind.TIMER), now)
    return True


def wake_due() -> None:
    """Every conversation whose moment has come, those first that waited longest."""
    passed: set[str] = set()
    while not queue.is_stopping():
        due = is_due(clock.now()).where(Conversation.id.not_in(passed)) if passed else is_due(clock.now())
        ids = db.session.scalars(due.order_by(Conversation.wake_at).limit(_AT_ONCE)).all()
        if not ids:
            return
        for conversation_id in ids:
            try:
                wake(conversation_id)
            except OperationalError:
                raise
            except Exception:
                log.exception("%s was not woken; it is tried again.", conversation_id)
                passed.add(conversation_id)
        queue.ring(queue.REPLIES, "converse")


def is_due(now: datetime) -> Select[tuple[str]]:
    return select(Conversation.id).where(Conversation.status.in_(OPEN), Conversation.wake_at <= now)


def cancel(workspace_id: str, conversation_id: str, *, reason: str = "person") -> None:
    """End a running conversation from our side; what it had queued is not said any more."""
    with transaction() as session:
        row = locked(session, conversation_id)
        if row.workspace_id != workspace_id:
            raise NotFound()
        run = standing(row)
        if not run.is_waiting:
            raise Conflict("This conversation has ended already.")
        end(session, row, reason, clock.now())


def end(session: Tx, row: Conversation, reason: str, now: datetime) -> None:
    """Cancel a running conversation; what it had queued is not said any more."""
    run = standing(row)
    ended = run._replace(status=RunStatus.CANCELLED, ended_at=now, expires_at=None, wake_at=None, until=None)
    _save(session, row, Sprint(ended, (Event(EventKind.CANCELLED, run.node, {"reason": reason}),)), now)
    waiting = (Message.conversation_id == row.id) & (Message.status == DeliveryStatus.QUEUED)
    session.execute(update(Message).where(waiting).values(status=DeliveryStatus.CANCELLED))


def locked(session: Tx, conversation_id: str) -> Conversation:
    """The row as it is now, held until the transaction ends."""
    row = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def _save(session: Tx, row: Conversation, sprint: Sprint, now: datetime, version: FlowVersion | None = None) -> None:
    """State and events, if nobody else took a turn meanwhile; ``version`` is the one in which the conversation goes on, if it changed."""
    run, seen, was_with_person = sprint.run, row.turn, row.status == RunStatus.WITH_PERSON
    place = {"version_id": version.id, "flow_id": version.flow_id} if version else {}
    done = session.execute(
        update(Conversation)
        .where(Conversation.id == row.id, Conversation.turn == seen)
        .values(
            state=run.to_json(), status=run.status.value, turn=seen + 1, updated_at=now,
            expires_at=run.expires_at, wake_at=run.wake_at, ended_at=run.ended_at, **place,
        )
    )  # fmt: skip
    if done.rowcount != 1:
        raise Conflict("Somebody else took this turn.")
    session.refresh(row)
    statement = select(func.coalesce(func.max(ConversationEvent.number), 0)).where(ConversationEvent.conversation_id == row.id)
    number = session.scalar(statement)
    events = [_event(row, number + offset, event, now) for offset, event in enumerate(sprint.events, start=1)]
    if events:
        session.execute(insert(ConversationEvent), events)
    authorizations.keep(session, row, sprint.events, now)
    put_attributes(session, row.workspace_id, {row.contact_id: sprint.attributes})
    if was_with_person or sprint.handed:
        _hand_over(session, row, sprint, now)


def _hand_over(session: Tx, row: Conversation, sprint: Sprint, now: datetime) -> None:
    """The conversation lies in the inbox from now on, or does no more."""
    if sprint.handed or sprint.run.status is not RunStatus.WITH_PERSON:
        open_ = (Handover.conversation_id == row.id, Handover.ended_at.is_(None))
        session.execute(update(Handover).where(*open_).values(ended_at=now, draft=""))
    if sprint.handed:
        given = {"team_id": sprint.handed.data["team"], "note": sprint.handed.data["note"]}
        session.add(
            Handover(
                id=new_id("hnd"), workspace_id=row.workspace_id, conversation_id=row.id, created_at=now, heard_at=now, **given
            )
        )  # fmt: skip


def _event(row: Conversation, number: int, event: Event, now: datetime) -> dict[str, Any]:
    return {
        "conversation_id": row.id, "number": number, "turn": row.turn, "at": now,
        "kind": event.kind.value, "node": event.node, "data": dict(event.data),
    }  # fmt: skip


def _ask(session: Tx, row: Conversation, sprint: Sprint, now: datetime) -> None:
    """Write down what is to be done outside. The bell may ring before the commit: its job listens for a moment."""
    rows = [
        {
            "workspace_id": row.workspace_id, "conversation_id": row.id, "number": asked["number"], "node": node,
            "kind": asked["request"]["kind"], "target": _target(row.workspace_id, asked["request"]), "status": "queued",
            "content": asked["request"], "created_at": now,
        }
        for node, asked in sprint.asked
    ]  # fmt: skip
    if rows:
        session.execute(insert(Request), rows)
        queue.ring(queue.OUTSIDE, "carry_out")


def _target(workspace_id: str, request: Mapping[str, Any]) -> str:
    """Whom the answer depends on: the machine that is called, the provider, or the workspace's own way of sending."""
    match request:
        case {"kind": "http", "url": url}:
            return "/".join(url.split("/", 3)[:3])[:255]
        case {"kind": "validation", "provider": provider}:
            return provider
    return f"{request['kind']} {workspace_id}"


def _parameters(opener: Message) -> Mapping[str, str]:
    """A single message keeps its text beside them, a row of a batch does not."""
    return opener.content.get("parameters") or {}


@lru_cache(maxsize=256)
def _flow(version_id: str) -> Flow:
    """A version never changes, so one reading of it serves for the life of the process."""
    return Flow.from_json(db.session.get_one(FlowVersion, version_id).document)


def is_answerable(at: datetime, now: datetime, longest: timedelta) -> bool:
    """Whether what was said at ``at`` may still get an automatic answer."""
    return now - at <= longest
