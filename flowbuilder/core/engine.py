"""Moves a run on: one input in, the new run and what happened out. Sends, saves and asks the time nowhere.

Every run ends: the graph has no circle, a step takes a bounded number of wrong answers, and one input passes at
most ``STEPS_MAX`` steps. What a kind of step does is in ``core.nodes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flowbuilder.core import message
from flowbuilder.core.beginning import begin
from flowbuilder.core.conditions import same_answer
from flowbuilder.core.events import Event, EventKind, Sprint, event
from flowbuilder.core.flow import Flow, Node, Settings
from flowbuilder.core.message import Content
from flowbuilder.core.nodes import KINDS, starts
from flowbuilder.core.nodes.moves import Ask, End, Expire, GoOn, HandOver, Ignore, Leave, Move, Quit, Wait
from flowbuilder.core.run import Input, InputKind, Run, RunStatus
from flowbuilder.core.silence import NO_REPLY, next_moment, patience, reminders
from flowbuilder.core.variables import EXIT_WORD, fill
from flowbuilder.core.ways import entered, ways

__all__ = ["Event", "EventKind", "Input", "InputKind", "Run", "RunStatus", "Sprint", "arrive", "begin", "resume"]

_SAID, _HEARD, _ASSIGNED = EventKind.SAID, EventKind.HEARD, EventKind.ASSIGNED  # Of nearly every step: not looked up for each.
_BY_TIME, _BY_OTHERS = frozenset({InputKind.EXPIRE, InputKind.TIMER}), frozenset({InputKind.RESULT, InputKind.COLLEAGUE})
STEPS_MAX = 100
FLOWS_MAX = 20
"""So many flows a conversation may go through; live versions change, so no check can rule out that they call in a circle."""


def resume(flow: Flow, run: Run, input: Input, now: datetime) -> Sprint:
    """What one input does to a run. An input that is not for it leaves it as it was."""
    if not run.is_waiting:
        return _ignored(run, "ended", "The conversation has ended.", input)
    journey = _Journey(flow, run, now)
    if input.kind in _BY_TIME:
        return journey.wake() if input.kind is InputKind.TIMER else journey.give_up()
    if run.expires_at and now >= run.expires_at:
        sprint = journey.give_up()
        late = _ignored(sprint.run, "late", "The answer came after the step had stopped waiting for it.", input)
        return Sprint(late.run, sprint.events + late.events)
    return journey.go(input)


def go_on(flow: Flow | None, sprint: Sprint, now: datetime, *, version: str = "", left: str = "") -> Sprint:
    """The whole sprint of a run that goes over to ``flow``, as published in ``version``, having ``left`` another version."""
    run = sprint.run._replace(flows=sprint.run.flows + 1, turn=sprint.run.turn - 1)
    rest = _Journey(flow or Flow(""), run, now).go_on(sprint.goes_to or "", version, left)
    return Sprint(rest.run, sprint.events + rest.events, rest.goes_to)


def arrive(flow: Flow, run: Run, node: str, now: datetime) -> Sprint:
    """Put a run that waits at another step of ``flow``, as if it came there just now: the step says what it has to say."""
    return _Journey(flow, run, now).arrive(flow.nodes[node])


def _ignored(run: Run, reason: str, text: str, input: Input) -> Sprint:
    """What a result holds is kept with its request, not in events."""
    shown = replace(input, result=None).to_json()
    return Sprint(run, (Event(EventKind.IGNORED, run.node, {"reason": reason, "text": text, "input": shown}),))


def _first(*moments: datetime | None) -> datetime | None:
    return min(filter(None, moments), default=None)


class _Journey:
    """One run on its way through one input: the ``Context`` that kinds of steps see."""

    def __init__(self, flow: Flow, run: Run, now: datetime) -> None:
        self.settings: Settings = flow.settings
        self.variables: dict[str, str] = dict(run.variables)
        self.labels = run.labels
        self.now, self.person = now, run.person
        self.scratch: dict[str, Any] = dict(run.scratch)
        self._flow, self._run = flow, run
        self._node, self._tries, self._asks, self._asked = run.node, run.tries, run.asks, run.asked
        self._told, self._is_leaving, self._cancelled_by = 0, run.is_leaving, "finish"
        self.since, self._reminded = run.since or run.started_at, run.reminded
        self._events: list[Event] = []

    @property
    def tries(self) -> int:
        return self._tries

    def fill(self, text: str) -> str:
        return fill(text, self.variables)

    def say(self, content: Content) -> None:
        if (ready := message.ready(content)) is not None:
            self._events.append(event((_SAID, self._node, {"content": ready})))

    def assign(self, variable: str, value: str, why: str = "") -> None:
        if variable:
            self.variables[variable] = value
            known = {"variable": variable, "value": value}
            self._events.append(event((_ASSIGNED, self._node, known | {"why": why} if why else known)))

    def authorize(self, answer: str, wording: Mapping[str, str]) -> None:
        self._happened(EventKind.AUTHORIZED, answer=answer, wording=dict(wording))

    def missed(self, tries: int, reason: str) -> bool:
        self._tries += 1
        self._happened(EventKind.RETRIED, tries=self._tries, of=tries, reason=reason)
        return self._tries >= tries

    def go(self, input: Input) -> Sprint:
        node = self._flow.nodes.get(self._node or "")
        if node is None:
            return self._fail("no_such_step", "The step at which the conversation waited is not in the flow.")
        if input.kind in _BY_OTHERS:
            return self._be_told(node, input) if input.kind is InputKind.RESULT else self._be_handled(node, input)
        self._happened(_HEARD, input=input.to_json())
        self.since, self._reminded = self.now, 0
        if self._is_exit(input):
            self.say(message.Text(self.fill(self.settings.exit_text)))
            return self._cancel("exit")
        if self._run.status is RunStatus.WITH_PERSON:
            return Sprint(self._run._replace(since=self.now), tuple(self._events))
        if not KINDS[node.kind].hears:
            unheard = _ignored(self._run, "busy", "Nothing was asked at that moment, so this changed nothing.", input)
            return self._wait(node, self._run.until) if KINDS[node.kind].meanwhile(node, self) else unheard
        move = KINDS[node.kind].take(node, input, self)
        if isinstance(move, Leave) and KINDS[node.kind].is_start:
            self._happened(EventKind.STARTED)
        return _ignored(self._run, move.reason, move.text, input) if isinstance(move, Ignore) else self._follow(node, move)

    def arrive(self, node: Node) -> Sprint:
        return self._follow(node, self._enter(node, entered(node)))

    def go_on(self, flow: str, version: str, left: str) -> Sprint:
        """Past the opening of this flow."""
        start = next(iter(starts(self._flow)), None)
        if start is None:
            return self._fail("no_such_flow", "The flow in which the conversation was to go on is not published any more.")
        if self._run.flows > FLOWS_MAX:
            return self._fail("too_many_flows", f"The conversation went from flow to flow more than {FLOWS_MAX} times.")
        self._node, self._tries, self._asked = start.id, 0, 0
        self.scratch = {}
        self.variables[EXIT_WORD] = self.settings.exit_word
        self._happened(EventKind.WENT_ON, flow=flow, version=version, left=left)
        self._events.append(entered(start))
        return self._follow(start, Leave(KINDS[start.kind].opening))

    def give_up(self) -> Sprint:
        """The person has been silent for too long: go on through No reply where it leads somewhere."""
        node = self._flow.nodes.get(self._node or "")
        if node and KINDS[node.kind].hears and self._flow.target(node.id, NO_REPLY.id):
            return self._follow(node, Leave(NO_REPLY.id))
        return self._expire()

    def wake(self) -> Sprint:
        """Do what is due by now; of several reminders that are, say the last. Nothing happens to a run that is woken too early."""
        run, node = self._run, self._flow.nodes.get(self._node or "")
        if run.wake_at is None or self.now < run.wake_at:
            return Sprint(run, ())
        if node is None:
            return self._fail("no_such_step", "The step at which the conversation waited is not in the flow.")
        if run.until and self.now >= run.until:
            return self._follow(node, KINDS[node.kind].take(node, Input(InputKind.TIMER), self))
        if run.expires_at and self.now >= run.expires_at:
            return self.give_up()
        since = run.since or run.started_at
        reminded = run.reminded
        while (moment := next_moment(node, since, reminded)) and moment <= self.now:
            reminded += 1
        if reminded > run.reminded:
            self._happened(EventKind.REMINDED, number=reminded)
            self.say(message.Text(self.fill(reminders(node)[reminded - 1].text)))
        wake_at = _first(next_moment(node, since, reminded), run.until, run.expires_at)
        return self._now_is(
            RunStatus.IN_PROGRESS, expires_at=run.expires_at, wake_at=wake_at, until=run.until, since=run.since, reminded=reminded
        )

    def _be_told(self, node: Node, input: Input) -> Sprint:
        """The result of a request, or news of an earlier one where the step hears them; of any other, nothing is made."""
        if input.request == self._asked:
            self._asked, self._told = 0, input.request
        elif not KINDS[node.kind].hears_news:
            return _ignored(self._run, "left", "The conversation no longer waited for this result.", input)
        self._happened(EventKind.TOLD, number=input.request)
        move = KINDS[node.kind].take(node, input, self)
        return _ignored(self._run, move.reason, move.text, input) if isinstance(move, Ignore) else self._follow(node, move)

    def _be_handled(self, node: Node, input: Input) -> Sprint:
        """What a colleague did; the person's silence counts for nothing meanwhile."""
        if self._run.status is not RunStatus.WITH_PERSON:
            return _ignored(self._run, "left", "The conversation was no longer with a person.", input)
        self._happened(EventKind.HANDLED, did=input.option, by=input.title)
        return self._follow(node, KINDS[node.kind].take(node, input, self))

    def _follow(self, node: Node, move: Move) -> Sprint:
        """Go from step to step until one waits or the run ends."""
        through, happened = ways(self._flow), self._events.append
        for passed in count():
            if isinstance(move, Quit):
                self._is_leaving, self._cancelled_by = True, move.reason
                move = Leave(move.port, End(None))
            if not isinstance(move, Leave):
                return self._rest(node, move)
            left, target, came = through[node.id, move.port]
            if target is None and move.unled:
                return self._rest(node, move.unled)
            if passed == STEPS_MAX:
                break
            happened(left)
            if target is None:
                return self._fail("not_connected", "The conversation came to an answer that is not connected to a step.")
            node, move = target, self._enter(target, came)
        return self._fail("too_many_steps", f"The conversation passed more than {STEPS_MAX} steps without waiting for an answer.")

    def _rest(self, node: Node, move: Move) -> Sprint:
        """Come to rest at a step, or end there."""
        match move:
            case Wait(until, for_more):
                self._asked = self._told if for_more else self._asked
                return self._wait(node, until)
            case End(outcome):
                return self._finish(outcome)
            case Expire():
                return self._expire()
            case GoOn(flow):
                return self._wait(node, None)._replace(goes_to=flow)
            case Ask(request, until):
                self._asks += 1
                self._asked = self._asks
                self._happened(EventKind.ASKED, number=self._asked, request=dict(request))
                return self._wait(node, until)
            case HandOver(team, note, until):
                self._happened(EventKind.HANDED, team=team, note=note)
                return self._wait(node, until)
        return self._wait(node, None)

    def _enter(self, node: Node, came: Event) -> Move:
        self._node, self._tries, self._asked, self.scratch = node.id, 0, 0, {}
        self.since, self._reminded = self.now, 0
        self._events.append(came)
        return KINDS[node.kind].enter(node, self)

    def _is_exit(self, input: Input) -> bool:
        word = self.settings.exit_word
        return bool(word.strip()) and input.kind is InputKind.TEXT and same_answer(input.text, word)

    def _happened(self, kind: EventKind, /, **data: Any) -> None:
        self._events.append(event((kind, self._node, data)))

    def _wait(self, node: Node, until: datetime | None) -> Sprint:
        """For a person from when it came there or they were last heard, also by what could not be taken; no result lengthens that."""
        kind, since, reminded = KINDS[node.kind], self.since, self._reminded
        expires_at = reminder = None
        if kind.hears:
            expires_at = since + timedelta(seconds=patience(self._flow, node))
            reminder = next_moment(node, since, reminded)
        wake_at = _first(until, reminder, expires_at) if until or reminder else expires_at
        status = RunStatus.WITH_PERSON if kind.waits_for == "colleague" else RunStatus.IN_PROGRESS
        return self._now_is(status, expires_at=expires_at, wake_at=wake_at, until=until, since=since, reminded=reminded)

    def _finish(self, outcome: str | None) -> Sprint:
        if self._is_leaving:
            return self._cancel(self._cancelled_by, outcome)
        self._happened(EventKind.FINISHED, outcome=outcome)
        return self._end(RunStatus.FINISHED, outcome)

    def _cancel(self, reason: str, outcome: str | None = None) -> Sprint:
        self._happened(EventKind.CANCELLED, reason=reason)
        return self._end(RunStatus.CANCELLED, outcome)

    def _expire(self) -> Sprint:
        self._happened(EventKind.EXPIRED)
        return self._end(RunStatus.EXPIRED)

    def _fail(self, reason: str, text: str) -> Sprint:
        self._happened(EventKind.FAILED, reason=reason, text=text)
        return self._end(RunStatus.FAILED)

    def _end(self, status: RunStatus, outcome: str | None = None) -> Sprint:
        return self._now_is(status, outcome=outcome, ended_at=self.now)

    def _now_is(
        self, status: RunStatus, *, outcome: str | None = None, ended_at: datetime | None = None, expires_at: datetime | None = None,
        wake_at: datetime | None = None, until: datetime | None = None, since: datetime | None = None, reminded: int = 0,
    ) -> Sprint:  # fmt: skip
        before = self._run
        run = Run(
            status, self._node, before.started_at, expires_at, self.variables, self._tries, before.turn + 1, outcome, ended_at,
            self._is_leaving, before.labels, before.person, before.flows, wake_at, until, since, reminded, self._asks, self._asked,
            self.scratch,
        )  # fmt: skip
        return Sprint(run, tuple(self._events))
