"""Plays small flows with the engine in every way that may count, each input at the last moment, for judging what the checks say is
proved: it knows nothing of what steps tell the checks about themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf
from typing import Any

from flowbuilder.core.engine import EventKind, Input, InputKind, Run, RunStatus, Sprint, begin, resume
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.nodes.base import RESULT_WITHIN
from flowbuilder.core.nodes.codes import CodeStep

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOURS_OF_COLLEAGUES = (0, 10, 13, 30)
DEEDS = 3
"""So many things happen with a conversation that is with colleagues."""
RIGHT = {"number": "5", "email": "ann@example.com", "date": "2026-12-31", "phone": "+573001234567"}
SENT = {"sent": True}, {"sent": False}
COMPARED = {"is_right": True}, {"is_right": False}
PHOTO = Input(InputKind.MEDIA, media={"kind": "media", "type": "image", "id": "1", "url": "https://example.com/1"})


@dataclass(frozen=True, slots=True)
class Told:
    """The most messages, seconds (without those from when a colleague takes it), questions and dearest cost from here to an end, and
    the least cost. ``late`` are the steps that say something outside the window.
    """

    messages: int = 0
    seconds: float = 0
    questions: int = 0
    least: Decimal = Decimal()
    most: Decimal = Decimal()
    late: frozenset[str] = frozenset()

    def after(self, other: Told) -> Told:
        return Told(
            self.messages + other.messages, self.seconds + other.seconds, self.questions + other.questions,
            self.least + other.least, self.most + other.most, self.late | other.late,
        )  # fmt: skip

    def or_else(self, other: Told) -> Told:
        return Told(
            max(self.messages, other.messages), max(self.seconds, other.seconds), max(self.questions, other.questions),
            min(self.least, other.least), max(self.most, other.most), self.late | other.late,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands, with what a run does not know: when the person was last heard, when it asked for something outside,
    what ``deeds`` are left, whether a colleague ``took`` it, and the codes that were paid for.
    """

    run: Run
    now: datetime
    heard: datetime | None = None
    asked_at: datetime | None = None
    deeds: int = DEEDS
    took: bool = False
    paid: frozenset[int] = frozenset()

    @property
    def key(self) -> Any:
        run = self.run
        moments = (self._ago(at) for at in (run.expires_at, run.wake_at, run.until, run.since, self.heard, self.asked_at))
        scratch = repr(
            {name: self._ago(datetime.fromisoformat(value)) if name == "until" else value for name, value in run.scratch.items()}
        )
        return (
            run.node, run.status, run.tries, run.reminded, run.asks, run.asked, run.is_leaving, scratch, *moments,
            tuple(sorted(run.variables.items())), self.deeds, self.took, self.paid,
        )  # fmt: skip

    def _ago(self, moment: datetime | None) -> float | None:
        return (moment - self.now).total_seconds() if moment else None


@dataclass(slots=True)
class Play:
    """``prices`` are the least and the most that a message costs, by its id."""

    flow: Flow
    prices: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    seen: dict[Any, Told] = field(default_factory=dict)

    def whole(self) -> Told:
        run = begin(self.flow, {"a": "1", "b": "2", "c": "x", "contact.name": "Ann"}, NOW, continue_option="Go", finish_option="Stop")
        opening = self.flow.nodes[run.node].data.get("template")
        low, high = self.prices.get(opening, (Decimal(), Decimal()))
        return Told(int(opening is not None), least=low, most=high).after(self.from_(Place(run, NOW)))

    def from_(self, place: Place) -> Told:
        if not place.run.is_waiting:
            return Told()
        key = place.key
        if key not in self.seen:
            told = [self._then(place, input, at) for input, at in self._moves(place) if at >= place.now]
            best = told[0]
            for one in told[1:]:
                best = best.or_else(one)
            self.seen[key] = best
        return self.seen[key]

    def _then(self, place: Place, input: Input, at: datetime) -> Told:
        sprint = resume(self.flow, place.run, input, at)
        run, is_person = sprint.run, input.kind.is_from_person
        heard = at if is_person else place.heard
        has_left = run.node != place.run.node or not run.is_waiting
        asked_at = at if any(event.kind is EventKind.ASKED for event in sprint.events) else place.asked_at
        took = (place.took or input.option == "taken") and not has_left
        deeds = DEEDS if has_left else place.deeds - (place.run.status is RunStatus.WITH_PERSON and input.kind is not InputKind.TIMER)
        here = self._here(place, sprint, at, heard)
        paid, cost = self._codes(place, input)
        moved = Place(run, at, heard, asked_at, deeds, took, frozenset() if has_left else paid)
        if moved.key == place.key:
            assert not here.messages and not here.seconds, "It may go on like that for ever."
            return Told(least=Decimal("Infinity"))
        return here.after(cost).after(self.from_(moved))

    def _here(self, place: Place, sprint: Sprint, at: datetime, heard: datetime | None) -> Told:
        silence = (at - heard).total_seconds() if heard else inf
        said = [(event.node, event.data["content"]) for event in sprint.events if event.kind is EventKind.SAID]
        sent = [content["template_id"] for _, content in said if content.get("template_id")]
        free = [node for node, content in said if content["kind"] != "template"]
        late = free if silence >= 24 * 3600 else ()
        codes = [event for event in sprint.events if event.kind is EventKind.ASKED and event.data["request"].get("message")]
        asked = [event for event in sprint.events if event.kind is EventKind.ENTERED and KINDS[event.data["kind"]].hears]
        passed = 0 if place.took else (at - place.now).total_seconds()
        least, most = (sum((self.prices.get(id, (Decimal(),) * 2)[way] for id in sent), Decimal()) for way in (0, 1))
        return Told(len(free) + len(sent) + len(codes), passed, len(asked), least, most, frozenset(late))

    def _codes(self, place: Place, input: Input) -> tuple[frozenset[int], Told]:
        """Paid for is a code that left, and not one that did not arrive."""
        node = self.flow.nodes[place.run.node]
        low, high = self.prices.get(node.data.get("message", ""), (Decimal(), Decimal())) if node.kind == "phone_code" else (Decimal(),) * 2
        result = input.result or {}
        if result.get("sent"):
            return place.paid | {input.request}, Told(least=low, most=high)
        if result.get("arrived") is False and input.request in place.paid:
            return place.paid - {input.request}, Told(least=-low, most=-high)
        return place.paid, Told()

    def _moves(self, place: Place) -> Iterator[tuple[Input, datetime]]:
        run, node = place.run, self.flow.nodes[place.run.node]
        last = max(place.now, (run.wake_at or place.now) - SECOND)
        if run.asked and not run.scratch.get("has_link"):  # Once it is told where, the result comes when the person has been there.
            due = place.asked_at + timedelta(seconds=10 if node.kind == "http_request" else RESULT_WITHIN)
            last = min(last, due) if run.wake_at else due
        if run.wake_at and last >= run.wake_at - SECOND:
            yield Input(InputKind.TIMER), max(run.wake_at, place.now)
        yield Input(InputKind.TEXT, text=self.flow.settings.exit_word), place.now
        if run.asked:
            yield from ((Input(InputKind.RESULT, request=run.asked, result=one), last) for one in _results(node, run))
        for code in run.scratch.get("codes", ()):
            moments = {last, min(last, place.asked_at + timedelta(seconds=node.data["lifetime"]))}
            yield from ((Input(InputKind.RESULT, request=code, result={"arrived": False}), at) for at in moments)
        if run.status is RunStatus.WITH_PERSON:
            yield from self._handled(place)
        elif KINDS[node.kind].hears:
            yield from ((answer, last) for answer in _answers(node))

    def _handled(self, place: Place) -> Iterator[tuple[Input, datetime]]:
        if place.run.until is None and not place.deeds:
            yield Input(InputKind.COLLEAGUE, option="closed"), place.now
        for hours in HOURS_OF_COLLEAGUES if place.deeds else ():
            at = place.now + timedelta(hours=hours)
            if place.run.until and at >= place.run.until:
                at = place.run.until - SECOND
            is_soon = place.heard is not None and at - place.heard < timedelta(hours=12)
            deeds = ("released", *(("given_back", "finished") if is_soon else ("closed",))) if place.run.until is None else ("taken",)
            yield from ((Input(InputKind.COLLEAGUE, option=deed), at) for deed in deeds)
            yield Input(InputKind.TEXT, text="Are you there?"), at


def _answers(node: Node) -> list[Input]:
    """What fits one way out or another, and what fits none."""
    taps = [Input(InputKind.TAP, option=f"{node.id}:{port.id}") for port in KINDS[node.kind].ports(node)]
    match node.kind:
        case "you_send_it":
            return [*taps, _text("?")]
        case "open_question":
            kind = node.data["answer"]
            right = _text(RIGHT.get(kind, "Ann")) if kind in ("text", *RIGHT) else PHOTO
            return [right, PHOTO if right is not PHOTO else _text("?")]
        case "outbound_message":
            return [*(_text(one["title"]) for one in node.data["replies"]), _text("?")]
    if isinstance(KINDS[node.kind], CodeStep):
        return [_text("1" * node.data["digits"]), _text(node.data["again"]), _text("?")]
    return [*taps, _text("?")]


def _results(node: Node, run: Run) -> tuple[dict[str, Any], ...]:
    if isinstance(KINDS[node.kind], CodeStep):
        return SENT if run.scratch.get("doing") == "send" else COMPARED
    if node.kind == "validation":
        return {"link": "https://example.com/"}, {"status": "approved"}, {"status": "rejected"}, {"error": "It is down."}
    return {"error": "It is down."}, {"json": {}}


def _text(words: str) -> Input:
    return Input(InputKind.TEXT, text=words)
