"""What the pages of conversations read: the list with its filters, one conversation's messages and events. Nothing is changed here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from flowbuilder.core.events import EventKind
from flowbuilder.core.flow import Flow
from flowbuilder.core.journey import Happened, Journey, retrace, status_words
from flowbuilder.core.nodes import starts
from flowbuilder.core.run import RunStatus
from flowbuilder.core.variables import EXIT_WORD
from flowbuilder.errors import NotFound
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation, ConversationEvent
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Message


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty means all. Dates are days in UTC, both included."""

    flow: str = ""
    line: str = ""
    status: str = ""
    outcome: str = ""
    phone: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_any(self) -> bool:
        return any((self.flow, self.line, self.status, self.outcome, self.phone, self.since, self.until))


def listing(workspace_id: str, filters: Filters, *, before: tuple[datetime, str] | None = None, limit: int = 50) -> Sequence[Conversation]:
    """Conversations, the one that moved last first; ``before`` is where the page before ended."""
    wanted = select(Conversation).where(Conversation.workspace_id == workspace_id, *_narrowed(workspace_id, filters))
    if before:
        wanted = wanted.where(tuple_(Conversation.updated_at, Conversation.id) < before)
    wanted = wanted.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(limit)
    return db.session.scalars(wanted.options(joinedload(Conversation.contact), joinedload(Conversation.version))).all()


def _narrowed(workspace_id: str, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.flow:
        found.append(Conversation.flow_id == filters.flow)
    if filters.line:
        found.append(Conversation.line_id == filters.line)
    if filters.status:
        found.append(Conversation.status == filters.status)
    if filters.outcome:
        found.append(Conversation.state["outcome"].as_string() == filters.outcome)
    if filters.since:
        found.append(Conversation.started_at >= datetime.combine(filters.since, time(), UTC))
    if filters.until:
        found.append(Conversation.started_at < datetime.combine(filters.until, time(), UTC) + timedelta(days=1))
    if filters.phone:
        digits = re.sub(r"\D", "", filters.phone)
        of_phone = (
            or_(Contact.wa_id.contains(digits), Contact.phone.contains(digits))
            if digits
            else Contact.name.icontains(filters.phone, autoescape=True)
        )
        found.append(Conversation.contact_id.in_(select(Contact.id).where(Contact.workspace_id == workspace_id, of_phone)))
    return found


def standings(rows: Iterable[Conversation]) -> dict[str, str]:
    """How each stands, in words, by id; of those that were cancelled, why."""
    rows = list(rows)
    cancelled = [row.id for row in rows if row.status == RunStatus.CANCELLED]
    told = select(ConversationEvent.conversation_id, ConversationEvent.data)
    told = told.where(ConversationEvent.conversation_id.in_(cancelled), ConversationEvent.kind == EventKind.CANCELLED)
    reasons = {row_id: data.get("reason", "") for row_id, data in db.session.execute(told)} if cancelled else {}
    words = {row.id: (row.state.get("variables") or {}).get(EXIT_WORD, "") for row in rows}
    return {row.id: status_words(row.status, reasons.get(row.id, ""), words[row.id]) for row in rows}


def names(workspace_id: str) -> tuple[dict[str, str], dict[str, str]]:
    """Flows and lines by id, for the filters."""
    flows = db.session.execute(select(FlowDraft.id, FlowDraft.name).where(FlowDraft.workspace_id == workspace_id).order_by(FlowDraft.name))
    lines = db.session.execute(select(Line.id, Line.name).where(Line.workspace_id == workspace_id).order_by(Line.name))
    return {id: name for id, name in flows}, {id: name for id, name in lines}


def count(workspace_id: str) -> int:
    return db.session.scalar(select(func.count()).where(Conversation.workspace_id == workspace_id)) or 0


def find(workspace_id: str, conversation_id: str) -> Conversation:
    found = db.session.scalar(select(Conversation).where(Conversation.id == conversation_id, Conversation.workspace_id == workspace_id))
    if found is None:
        raise NotFound()
    return found


def transcript(conversation: Conversation, limit: int = 1000) -> list[Message]:
    """What was said, in order, beginning with the message that opened it."""
    opener = db.session.get(Message, conversation.opened_by) if conversation.opened_by else None
    wanted = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id).limit(limit)
    said = [message for message in db.session.scalars(wanted) if opener is None or message.id != opener.id]
    return [opener, *said] if opener else said


def requests(conversation: Conversation) -> dict[int, Request]:
    """What it asked of the world outside, by number."""
    wanted = select(Request).where(Request.conversation_id == conversation.id).order_by(Request.number)
    return {row.number: row for row in db.session.scalars(wanted.limit(500))}


@dataclass(frozen=True, slots=True)
class Leg:
    """The part of a conversation that went through one flow."""

    version: FlowVersion
    journey: Journey


def legs(conversation: Conversation) -> tuple[Leg, ...]:
    """The way taken, told from the events: one leg for each flow that the conversation went through."""
    wanted = select(ConversationEvent).where(ConversationEvent.conversation_id == conversation.id).order_by(ConversationEvent.number)
    events = [Happened(row.kind, row.node, row.data, row.at) for row in db.session.scalars(wanted.limit(5000))]
    first = next((event.data.get("left") for event in events if event.kind == EventKind.WENT_ON), None)
    parts: list[tuple[str, list[Happened]]] = [(first or conversation.version_id, [])]
    for event in events:
        if event.kind == EventKind.WENT_ON:
            parts.append((event.data["version"], []))
        parts[-1][1].append(event)
    begun, labels = conversation.started_at, conversation.state.get("labels", {})
    return tuple(_leg(version_id, some, begun if not at else None, labels) for at, (version_id, some) in enumerate(parts))


def _leg(version_id: str, events: list[Happened], started_at: datetime | None, labels: Mapping[str, str]) -> Leg:
    """The first leg begins at the start, where the conversation waited; others with the event of coming there."""
    version = db.session.get_one(FlowVersion, version_id)
    flow = Flow.from_json(version.document)
    start = next((node.id for node in starts(flow)), None) if started_at else None
    return Leg(version, retrace(flow, events, start, started_at, labels))
