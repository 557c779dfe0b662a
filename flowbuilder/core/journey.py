"""What a conversation did, told step by step from its events: for people who look at it. Running one is ``core.engine``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flowbuilder.core.events import EventKind
from flowbuilder.core.flow import Flow
from flowbuilder.core.marks import plain
from flowbuilder.core.nodes import KINDS, name_of
from flowbuilder.core.nodes import ports as ports_of
from flowbuilder.core.run import RunStatus

_ENDS = {
    "exit": "The person wrote the word for leaving.",
    "finish": "The person chose not to go on.",
    "tries": "No usable answer came after the last try.",
    "person": "Somebody of the workspace ended it.",
    "erased": "The person was erased.",
    "stopped": "The person asked for no more messages at all.",
}

STATUSES = {
    RunStatus.IN_PROGRESS: "In progress",
    RunStatus.WITH_PERSON: "With a person",
    RunStatus.FINISHED: "Finished",
    RunStatus.CANCELLED: "Cancelled or left",
    RunStatus.EXPIRED: "Expired",
    RunStatus.FAILED: "Broke off: an error",
}
"""Statuses as people read them: an error of ours must not look like the outcome Failure, which a designer chose."""

_SHORT_ENDS = {
    "exit": "Left by {}",
    "finish": "Chose not to go on",
    "tries": "No usable answer",
    "person": "Ended by a colleague",
    "erased": "Erased",
    "stopped": "Wants no messages",
}


_DEEDS = {
    "handed": "Handed over to a person.",
    "taken": "{} took it.",
    "released": "{} put it back for others.",
    "given_back": "{} gave it back to the flow.",
    "finished": "{} finished it.",
    "closed": "{} finished it; outside the 24 hours nothing more could be said.",
}


_PERSONS = ("tap", "text", "media", "location")


def status_words(status: str, reason: str = "", exit_word: str = "") -> str:
    """How a conversation stands, in a badge; of one that was cancelled, ``reason`` tells who wished it."""
    short = _SHORT_ENDS.get(reason, "") if status == RunStatus.CANCELLED else ""
    return short.format(exit_word or "the word for leaving") or STATUSES[RunStatus(status)]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event with its moment."""

    kind: str
    node: str | None
    data: Mapping[str, Any]
    at: datetime


@dataclass(slots=True)
class Visit:
    """One step on the way: when, what was said and heard there, which variables it set, which way it was left.
    ``retries`` says of what was heard, by its place, why it was no answer; ``requests`` are the numbers of those that it made of
    the world outside.
    """

    node: str
    label: str
    icon: str
    entered_at: datetime | None
    left_at: datetime | None = None
    heard: list[str] = field(default_factory=list)
    assigned: list[tuple[str, str]] = field(default_factory=list)
    retries: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    way_out: str = ""

    @property
    def seconds(self) -> float | None:
        return (self.left_at - self.entered_at).total_seconds() if self.entered_at and self.left_at else None


@dataclass(frozen=True, slots=True)
class Journey:
    """``nodes`` and ``edges`` (step, port) are what to light on the drawing."""

    visits: tuple[Visit, ...]
    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]


def retrace(
    flow: Flow, events: Iterable[Happened], start: str | None, started_at: datetime | None, labels: Mapping[str, str] = MappingProxyType({})
) -> Journey:
    """The way through ``flow``, beginning at the step ``start`` where the conversation waited first. ``labels`` are what the buttons of
    the initial message said.
    """
    visits: list[Visit] = [_visit(flow, start, started_at)] if start else []
    edges: list[tuple[str, str]] = []
    for event in events:
        if event.kind == EventKind.ENTERED and event.node:
            visits.append(_visit(flow, event.node, event.at))
        elif visits:
            if event.kind == EventKind.LEFT:
                edges.append((visits[-1].node, str(event.data.get("port"))))
            _note(flow, visits[-1], event, labels)
    return Journey(tuple(visits), tuple(dict.fromkeys(visit.node for visit in visits)), tuple(dict.fromkeys(edges)))


def _visit(flow: Flow, node_id: str, at: datetime | None) -> Visit:
    node = flow.nodes.get(node_id)
    kind = KINDS.get(node.kind) if node else None
    return Visit(node_id, name_of(node) if node and kind else "A step that is gone", kind.icon if kind else "point", at)


def _note(flow: Flow, visit: Visit, event: Happened, labels: Mapping[str, str]) -> None:
    match event.kind:
        case EventKind.HEARD:
            visit.heard.append(heard_words(event.data.get("input") or {}))
        case EventKind.ASSIGNED:
            visit.assigned.append((str(event.data.get("variable")), str(event.data.get("value"))))
            visit.notes += [f"No value: {event.data['why']}"] if event.data.get("why") else []
        case EventKind.AUTHORIZED:
            visit.notes.append(f"Data authorization {event.data.get('answer')}; the wording is kept as proof.")
        case EventKind.RETRIED:
            tries = f"try {event.data.get('tries')} of {event.data.get('of')}"
            visit.retries[max(len(visit.heard) - 1, 0)] = f"{event.data.get('reason')} ({tries})"
        case EventKind.REMINDED:
            visit.notes.append("No answer came, so a reminder was said.")
        case EventKind.ASKED:
            visit.requests.append(int(event.data.get("number") or 0))
        case EventKind.HANDED | EventKind.HANDLED:
            visit.notes.append(_DEEDS.get(str(event.data.get("did", "handed")), "{} had it.").format(event.data.get("by") or "Somebody"))
        case EventKind.LEFT:
            visit.left_at, visit.way_out = event.at, _port_label(flow, visit.node, str(event.data.get("port")), labels)
        case EventKind.FINISHED | EventKind.CANCELLED | EventKind.EXPIRED:
            visit.left_at = event.at
            visit.notes.append(_end_words(event))
        case EventKind.IGNORED if (input := event.data.get("input") or {}).get("kind") in _PERSONS:
            visit.retries[len(visit.heard)] = _said_words(event)
            visit.heard.append(heard_words(input))
        case EventKind.MOVED | EventKind.FAILED | EventKind.IGNORED:
            visit.notes.append(_said_words(event))


def _said_words(event: Happened) -> str:
    if event.kind == EventKind.MOVED:
        return f"The conversation was moved to version {event.data.get('version')}."
    return str(event.data.get("text") or "Something came that was no answer.")


def _end_words(event: Happened) -> str:
    match event.kind:
        case EventKind.FINISHED:
            return f"The conversation ended: {event.data.get('outcome')}."
        case EventKind.CANCELLED:
            return _ENDS.get(str(event.data.get("reason")), "The conversation was cancelled.")
    return "No answer came in time."


def heard_words(input: Mapping[str, Any]) -> str:
    """What came in, as one line."""
    kind = input.get("kind")
    if kind == "tap":
        return str(input.get("title") or input.get("option") or "a button")
    if kind == "text":
        return str(input.get("text", ""))
    return {"media": "a file", "location": "a place"}.get(str(kind), "something") + (f": {input['text']}" if input.get("text") else "")


def _port_label(flow: Flow, node_id: str, port: str, labels: Mapping[str, str]) -> str:
    node = flow.nodes.get(node_id)
    if node and KINDS[node.kind].is_sent and labels.get(port):
        return labels[port]
    return plain(next((each.label for each in ports_of(node) if each.id == port), port)) if node else port
