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
from flowbuilder.core.conditions import same_answer
from flowbuilder.core.events import Event, EventKind, Sprint
from flowbuilder.core.flow import Flow, Node, Settings
from flowbuilder.core.message import Content
from flowbuilder.core.nodes import KINDS, starts
from flowbuilder.core.nodes.base import End, GoOn, Ignore, Leave, Move, Quit, Wait
from flowbuilder.core.run import Input, InputKind, Run, RunStatus
from flowbuilder.core.variables import EXIT_WORD, fill

__all__ = ["Event", "EventKind", "Input", "InputKind", "Run", "RunStatus", "Sprint", "arrive", "begin", "resume"]

STEPS_MAX = 100
FLOWS_MAX = 20
"""So many flows a conversation may go through; live versions change, so no check can rule out that they call in a circle."""


def begin(
    flow: Flow,
    variables: Mapping[str, str],
    now: datetime,
    *,
    continue_option: str = "Continue",
    finish_option: str = "Cancel",
    person: str = "",
) -> Run:
    """A run that waits at the start for the answer to the initial message, whose two buttons read as given.

    ``variables`` are the message's parameters and the person's ``contact.name`` and ``contact.phone``;
    ``person`` is who they are, however they are called.
    """
    start = next(iter(starts(flow)), None)
    return Run(
        status=RunStatus.IN_PROGRESS if start else RunStatus.FAILED,
        node=start.id if start else None,
        started_at=now,
        expires_at=now + timedelta(seconds=flow.settings.expires_after) if start else None,
        variables={**variables, EXIT_WORD: flow.settings.exit_word},
        ended_at=None if start else now,
        labels={"continue": continue_option, "finish": finish_option},
        person=person,
    )


def resume(flow: Flow, run: Run, input: Input, now: datetime) -> Sprint:
    """What one input does to a run. An input that is not for it leaves it as it was."""
    if not run.is_waiting:
        return _ignored(run, "ended", "The conversation has ended or is with a person.", input)
    journey = _Journey(flow, run, now)
    if input.kind is InputKind.EXPIRE:
        return journey.expire()
    if run.expires_at and now >= run.expires_at:
        sprint = journey.expire()
        late = _ignored(sprint.run, "late", "The answer came after the conversation had expired.", input)
        return Sprint(late.run, sprint.events + late.events)
    return journey.go(input)


def go_on(flow: Flow | None, sprint: Sprint, now: datetime, *, version: str = "", left: str = "") -> Sprint:
    """The whole sprint of a run that goes over to ``flow``, as published in ``version``, having ``left`` another version."""
    run = replace(sprint.run, flows=sprint.run.flows + 1, turn=sprint.run.turn - 1)
    rest = _Journey(flow or Flow(""), run, now).go_on(sprint.goes_to or "", version, left)
    return Sprint(rest.run, sprint.events + rest.events, rest.goes_to)


def arrive(flow: Flow, run: Run, node: str, now: datetime) -> Sprint:
    """Put a run that waits at another step of ``flow``, as if it came there just now: the step says what it has to say."""
    journey = _Journey(flow, run, now)
    return journey.arrive(flow.nodes[node])


def _ignored(run: Run, reason: str, text: str, input: Input) -> Sprint:
    return Sprint(run, (Event(EventKind.IGNORED, run.node, {"reason": reason, "text": text, "input": input.to_json()}),))


class _Journey:
    """One run on its way through one input: the ``Context`` that kinds of steps see."""

    def __init__(self, flow: Flow, run: Run, now: datetime) -> None:
        self.settings: Settings = flow.settings
        self.variables: dict[str, str] = dict(run.variables)
        self.labels = run.labels
        self.now, self.person = now, run.person
        self._flow, self._run = flow, run
        self._node, self._tries = run.node, run.tries
        self._is_leaving = run.is_leaving
        self._cancelled_by = "finish"
        self._events: list[Event] = []

    @property
    def tries(self) -> int:
        return self._tries

    def fill(self, text: str) -> str:
        return fill(text, self.variables)

    def say(self, content: Content) -> None:
        if fitting := message.fitted(content):
            self._happened(EventKind.SAID, content=message.to_json(fitting))

    def assign(self, variable: str, value: str, why: str = "") -> None:
        if variable:
            self.variables[variable] = value
            self._happened(EventKind.ASSIGNED, variable=variable, value=value, **({"why": why} if why else {}))

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
        self._happened(EventKind.HEARD, input=input.to_json())
        if self._is_exit(input):
            self.say(message.Text(self.fill(self.settings.exit_text)))
            return self._cancel("exit")
        move = KINDS[node.kind].take(node, input, self)
        if isinstance(move, Ignore):
            return _ignored(self._run, move.reason, move.text, input)
        if isinstance(move, Leave) and KINDS[node.kind].is_start:
            self._happened(EventKind.STARTED)
        return self._follow(node, move)

    def arrive(self, node: Node) -> Sprint:
        return self._follow(node, self._enter(node))

    def go_on(self, flow: str, version: str, left: str) -> Sprint:
        """Past the opening of this flow."""
        start = next(iter(starts(self._flow)), None)
        if start is None:
            return self._fail("no_such_flow", "The flow in which the conversation was to go on is not published any more.")
        if self._run.flows > FLOWS_MAX:
            return self._fail("too_many_flows", f"The conversation went from flow to flow more than {FLOWS_MAX} times.")
        self._node, self._tries = start.id, 0
        self.variables[EXIT_WORD] = self.settings.exit_word
        self._happened(EventKind.WENT_ON, flow=flow, version=version, left=left)
        self._happened(EventKind.ENTERED, kind=start.kind)
        return self._follow(start, Leave(KINDS[start.kind].opening))

    def expire(self) -> Sprint:
        self._happened(EventKind.EXPIRED)
        return self._end(RunStatus.EXPIRED)

    def _follow(self, node: Node, move: Move) -> Sprint:
        """Go from step to step until one waits or the run ends."""
        for passed in count():
            if isinstance(move, Wait):
                return self._wait()
            if isinstance(move, End):
                return self._finish(move.outcome)
            if isinstance(move, GoOn):
                return replace(self._wait(), goes_to=move.flow)
            target = self._flow.target(node.id, move.port)
            if isinstance(move, Quit):
                self._is_leaving, self._cancelled_by = True, move.reason
                if target is None:
                    return self._cancel(move.reason)
            if passed == STEPS_MAX:
                break
            self._happened(EventKind.LEFT, port=move.port, target=target)
            if target is None:
                return self._fail("not_connected", "The conversation came to an answer that is not connected to a step.")
            node = self._flow.nodes[target]
            move = self._enter(node)
        return self._fail("too_many_steps", f"The conversation passed more than {STEPS_MAX} steps without waiting for an answer.")

    def _enter(self, node: Node) -> Move:
        self._node, self._tries = node.id, 0
        self._happened(EventKind.ENTERED, kind=node.kind)
        return KINDS[node.kind].enter(node, self)

    def _is_exit(self, input: Input) -> bool:
        word = self.settings.exit_word
        return bool(word.strip()) and input.kind is InputKind.TEXT and same_answer(input.text, word)

    def _happened(self, kind: EventKind, /, **data: Any) -> None:
        self._events.append(Event(kind, self._node, data))

    def _wait(self) -> Sprint:
        expires_at = self.now + timedelta(seconds=self.settings.expires_after)
        return self._now_is(RunStatus.IN_PROGRESS, expires_at=expires_at)

    def _finish(self, outcome: str) -> Sprint:
        if self._is_leaving:
            return self._cancel(self._cancelled_by)
        self._happened(EventKind.FINISHED, outcome=outcome)
        return self._end(RunStatus.FINISHED, outcome)

    def _cancel(self, reason: str) -> Sprint:
        self._happened(EventKind.CANCELLED, reason=reason)
        return self._end(RunStatus.CANCELLED)

    def _fail(self, reason: str, text: str) -> Sprint:
        self._happened(EventKind.FAILED, reason=reason, text=text)
        return self._end(RunStatus.FAILED)

    def _end(self, status: RunStatus, outcome: str | None = None) -> Sprint:
        return self._now_is(status, outcome=outcome, ended_at=self.now, expires_at=None)

    def _now_is(self, status: RunStatus, **changes: Any) -> Sprint:
        run = replace(
            self._run,
            status=status,
            node=self._node,
            variables=self.variables,
            tries=self._tries,
            turn=self._run.turn + 1,
            is_leaving=self._is_leaving,
            **changes,
        )
        return Sprint(run, tuple(self._events))
