"""Sending one message, or what one conversation has to say, at once and in order. Batches go through ``pump``.

The claim is committed before any byte leaves; what became of it is recorded whatever happened.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from flowbuilder import clock, queue
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.medium import Medium
from flowbuilder.core.template import CODE
from flowbuilder.errors import FlowBuilderError
from flowbuilder.services import codes, restored, transaction
from flowbuilder.services.outgoing.events import Watch
from flowbuilder.services.sending import effects, fate, lease, lines, pair, rate
from flowbuilder.services.sending.fate import Effect, Fate
from flowbuilder.store import db, outbox
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, Verdict, WireError

_WINDOW = timedelta(hours=24)
_LONGEST_WAIT = 5.0
_AT_ONCE = 200
_LONGEST_UPLOAD = timedelta(days=1)
_SPAM_PAUSE = timedelta(minutes=1)
"""How long one message waits when Meta holds a number back for a while because of complaints."""


def one(message_id: int) -> bool:
    """Send this message, if it is still queued and due. Whether anything came of it."""
    message = db.session.get(Message, message_id, populate_existing=True)
    if message is None or message.batch_id or not _is_due(message, clock.now()):
        return False
    if message.conversation_id:
        return conversation(message.conversation_id)
    return _send(message) is not None


def conversation(conversation_id: str) -> bool:
    """Say what this conversation has queued, one after the other; it stops where the order would break.

    Whether anything came of it.
    """
    said_last, moved = 0, False
    while not queue.is_stopping():
        message = _next_of(conversation_id, said_last)
        if message is None or not _is_due(message, clock.now()):
            return moved
        said_last = message.id
        become = _send(message)
        moved = moved or become is not None
        if become not in _GOES_ON:
            return moved
    return moved


def waiting(but_lines: Collection[str] = ()) -> dict[str | int, str]:
    """Conversations (by id) and single messages (by number) that could say something now, each with its line.

    Not those in which an earlier message is being sent or must wait: they can't go on, however due the later ones are.
    """
    if restored.is_held_now():
        return {}
    now = clock.now()
    due = (Message.due_at.is_(None)) | (Message.due_at <= now)
    queued = select(Message.id, Message.conversation_id, Message.line_id).where(
        outbox.is_(DeliveryStatus.QUEUED), Message.batch_id.is_(None), due
    )
    queued = queued.where(~_is_behind(now), Message.line_id.not_in(but_lines))
    rows = db.session.execute(queued.order_by(Message.id).limit(_AT_ONCE)).all()
    db.session.rollback()
    return {row.conversation_id or row.id: row.line_id for row in rows}


def _is_behind(now: datetime) -> Any:
    """Whether an earlier message of the same conversation is in the way."""
    earlier = aliased(Message)
    in_the_way = (earlier.status == DeliveryStatus.SENDING) | ((earlier.status == DeliveryStatus.QUEUED) & (earlier.due_at > now))
    return exists().where(earlier.conversation_id == Message.conversation_id, earlier.id < Message.id, in_the_way)


_GOES_ON = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED, DeliveryStatus.SKIPPED}


def _next_of(conversation_id: str, after: int) -> Message | None:
    """The first message that is not yet through; one that is being sent by somebody else counts."""
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after)
        .where(Message.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.SENDING)))
        .order_by(Message.id)
        .limit(1)
    )
    return db.session.scalar(statement.execution_options(populate_existing=True))


def _is_due(message: Message, now: datetime) -> bool:
    return message.status == DeliveryStatus.QUEUED and (message.due_at is None or message.due_at <= now)


def _send(message: Message) -> DeliveryStatus | None:
    """Claim, send and record one message; None when it is somebody else's or the line has no room."""
    line = db.session.get(Line, message.line_id)
    try:
        wire, payload = _prepared(message, line)
    except WireError as error:
        return _not_uploaded(message, error)
    except (FlowBuilderError, ValueError) as error:
        return _refuse(message, str(error))
    if not _has_room(line):
        return None
    now = clock.now()
    if wait := pair.take(line.id, message.phone or str(message.contact_id or "")):
        _put_off(message, now + timedelta(seconds=wait))
        return None
    with transaction() as session:
        if restored.is_held(session):
            return None
        claimed = outbox.claim(session, message.id, lease.owner(), now, lease.until(now, lease.ONE_SHOT_SECONDS))
    if claimed is not DeliveryStatus.SENDING:
        return claimed
    try:
        result = fate.of_success(message.id, wire.sender.send(payload))
    except WireError as error:
        result = fate.of_error(message.id, error, message.attempt + 1, clock.now(), renewable=wire.renewable)
    except Exception as error:
        _record(fate.of_error(message.id, MaybeSent(details=repr(error)), 1, clock.now()), line)
        raise
    if result.code == fate.SPAM_LIMIT and result.become is DeliveryStatus.QUEUED:
        result = replace(result, due=clock.now() + _SPAM_PAUSE, effect=Effect.NONE)
    elif result.effect is Effect.STOP_BATCH:
        result = replace(result, become=DeliveryStatus.FAILED)
    _record(result, line)
    return result.become


def _prepared(message: Message, line: Line | None) -> tuple[lines.Wire, dict]:
    if line is None:
        raise ValueError("The line of this message is gone; nothing was sent.")
    if line.disabled_at is not None:
        raise ValueError("The line of this message is disabled; nothing was sent.")
    medium = Medium.from_json(message.content.get("medium"))
    if message.kind == "template":
        wire = lines.wire(line, db.session.get(TemplateMessage, message.template_id), medium)
        return wire, wire.template(_parameters(message), message.phone or "", message.id)
    contact = db.session.get(Contact, message.contact_id) if message.contact_id else None
    heard = contact.last_heard_at if contact else None
    if heard is None or clock.now() - heard > _WINDOW:
        raise ValueError("The person's last message is more than 24 hours old; only an approved outbound message may be sent now.")
    wire = lines.wire(line, None, medium)
    return wire, wire.free(message.content, message.phone or "", message.id, user_id=contact.user_id)


def _parameters(message: Message) -> dict[str, Any]:
    given, code = message.content.get("parameters") or {}, message.content.get("code")
    return {**given, CODE: codes.to_send(code)} if code else given


def _put_off(message: Message, until: datetime) -> None:
    """This person has had enough for now; others go on meanwhile."""
    with transaction() as session:
        session.execute(update(Message).where(Message.id == message.id, outbox.is_(DeliveryStatus.QUEUED)).values(due_at=until))


def _has_room(line: Line) -> bool:
    """Wait a moment for the line's rate; who finds no room is rung again by the sweep."""
    deadline = time.monotonic() + _LONGEST_WAIT
    while True:
        granted, wait = rate.take(line.id, line.messages_per_second, 1, bulk=False)
        if granted:
            return True
        if time.monotonic() + wait > deadline or queue.is_stopping():
            return False
        time.sleep(wait)


def _refuse(message: Message, text: str, code: int | None = None) -> DeliveryStatus:
    """Nothing was sent and nothing will be: say why."""
    _record(Fate(message.id, DeliveryStatus.FAILED, code=code, text=text), None)
    return DeliveryStatus.FAILED


def _not_uploaded(message: Message, error: WireError) -> DeliveryStatus | None:
    """The file at its head did not reach Meta, the message itself never left: it waits, unless Meta refuses the file."""
    if error.verdict is Verdict.FAIL or clock.now() - message.created_at > _LONGEST_UPLOAD:
        return _refuse(
            message, f"The file of this message could not be uploaded: {error.text}", error.code if isinstance(error, CloudError) else None
        )
    with transaction() as session:
        text = f"Its file could not be brought to Meta yet. {error.text}"
        outbox.put_off(session, message.id, clock.now() + lines.UPLOAD_PAUSE, text)
    return None


def _record(result: Fate, line: Line | None) -> None:
    with transaction() as session:
        with Watch(session, [result.id] if result.become is DeliveryStatus.FAILED else []):
            outbox.record(session, [result.values(lease.owner(), clock.now())])
        effects.on_people(session, [result], clock.now())
        if line is not None:
            effects.on_line(session, line.id, result)
    if line is not None and result.effect is Effect.SLOWER:
        rate.slow_down(line.id, line.messages_per_second)
