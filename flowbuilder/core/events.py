"""What happens while a run moves on: the only thing the engine tells the outside.

What ``data`` holds, by kind:

=========  ==================================================================================================
started    nothing: the person chose to continue from the initial message
entered    ``kind`` of the step
heard      ``input`` as JSON: what the step ``node`` was answered
said       ``content`` as JSON (``core.message``), filled in and ready to be sent
assigned   ``variable``, ``value``; ``why`` it is empty, when a formula had no result
authorized ``answer`` accepted or declined, ``wording``: the text, policy and buttons that were answered to
retried    ``tries`` failed so far, ``of`` as many as are allowed, ``reason`` in words
went_on    ``flow`` in which the conversation goes on, its ``version``, and the version that it ``left``
reminded   ``number`` of the reminder that is said next
asked      ``number`` and ``request``: what is to be done outside; nothing secret is in it
told       ``number`` of the request whose result came
handed     ``team`` (an id, or empty for all) and ``note``: the conversation is now with people
handled    ``did``: taken, released, given_back or finished; ``by``, the colleague's name
left       ``port``, ``target`` (None when nothing is connected)
finished   ``outcome`` success, failure or neutral
cancelled  ``reason``: exit (the exit word), finish (the option for finishing) or tries (no choice was made)
expired    nothing: no answer came in time
failed     ``reason``, ``text``
moved      ``of``, the step of the version before, and ``version``, the number of the one that the run now goes through
ignored    ``reason``: ended, late, stale, unknown, consent, burst, busy, left; ``text`` in words; ``input`` as JSON
=========  ==================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, Self, cast

from flowbuilder.core.run import Run, RunStatus
from flowbuilder.core.variables import attribute_of, is_attribute


class EventKind(StrEnum):
    STARTED = "started"
    ENTERED = "entered"
    HEARD = "heard"
    SAID = "said"
    ASSIGNED = "assigned"
    AUTHORIZED = "authorized"
    RETRIED = "retried"
    REMINDED = "reminded"
    ASKED = "asked"
    TOLD = "told"
    HANDED = "handed"
    HANDLED = "handled"
    LEFT = "left"
    WENT_ON = "went_on"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    MOVED = "moved"
    IGNORED = "ignored"


class Event(NamedTuple):
    """A tuple, as several are made with each answer."""

    kind: EventKind
    node: str | None
    data: Mapping[str, Any]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(EventKind(document["kind"]), document.get("node"), document.get("data") or {})

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "node": self.node, "data": dict(self.data)}


event = cast("Callable[[tuple[EventKind, str | None, Mapping[str, Any]]], Event]", partial(tuple.__new__, Event))
"""The event of its three parts, in a third of the time that ``Event`` takes: a dozen are made with each answer."""


class Sprint(NamedTuple):
    """The answer to one input: the run as it now stands, and what happened, in order.

    With ``goes_to`` the run has not come to rest: it goes on in that flow, by ``engine.go_on``.
    """

    run: Run
    events: tuple[Event, ...]
    goes_to: str | None = None

    @property
    def asked(self) -> tuple[tuple[str | None, Mapping[str, Any]], ...]:
        """What is to be done outside, in order: the step, with ``number`` and ``request``."""
        return tuple((event.node, event.data) for event in self.events if event.kind is EventKind.ASKED)

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of the contact that got a value, by name."""
        given = (event.data for event in self.events if event.kind is EventKind.ASSIGNED)
        return {attribute_of(one["variable"]): one["value"] for one in given if is_attribute(one["variable"])}

    @property
    def handed(self) -> Event | None:
        """The conversation came to people and is still with them."""
        last = next((event for event in reversed(self.events) if event.kind is EventKind.HANDED), None)
        return last if self.run.status is RunStatus.WITH_PERSON else None

    @property
    def said(self) -> tuple[Mapping[str, Any], ...]:
        """The contents to be sent, in order, as JSON."""
        return tuple(event.data["content"] for event in self.events if event.kind is EventKind.SAID)

    @property
    def is_understood(self) -> bool:
        """Whether the input was no wrong answer."""
        return not any(event.kind is EventKind.RETRIED for event in self.events)

    @property
    def is_exit(self) -> bool:
        """Whether the person said the exit word."""
        return any(event.kind is EventKind.CANCELLED and event.data["reason"] == "exit" for event in self.events)
