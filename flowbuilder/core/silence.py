"""How long a step waits for a person, and what it says meanwhile: the part that all steps share which wait for somebody.

A step's data may hold ``silence``: ``after`` so many seconds the conversation goes on through No reply, and ``reminders`` are
said before. Without ``after`` it is the flow's ``expires_after``, but where No reply leads on, 23 hours at most: WhatsApp still
takes then what is said there. Where No reply leads nowhere, the conversation expires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.message import TEXT_MAX
from flowbuilder.core.moments import span_words
from flowbuilder.core.variables import shortest

NO_REPLY = Port("no_reply", "No reply", must_lead=False)
IN_THE_WINDOW = 23 * 60 * 60


@dataclass(frozen=True, slots=True)
class Reminder:
    """Said ``after`` so many seconds without an answer."""

    after: int
    text: str


def patience(flow: Flow, node: Node) -> int:
    """The seconds after which silence is taken for the answer."""
    longest = flow.settings.expires_after
    return _of(node).get("after") or (min(longest, IN_THE_WINDOW) if flow.target(node.id, NO_REPLY.id) else longest)


def reminders(node: Node) -> tuple[Reminder, ...]:
    """In the order in which they are said."""
    told = _of(node).get("reminders", ())
    return tuple(sorted((Reminder(one["after"], one["text"]) for one in told), key=lambda one: one.after)) if told else ()


def texts(node: Node) -> tuple[str, ...]:
    return tuple(one.text for one in reminders(node))


def next_moment(node: Node, since: datetime, reminded: int) -> datetime | None:
    """When the next reminder is due, if one is left."""
    left = reminders(node)[reminded:]
    return since + timedelta(seconds=left[0].after) if left else None


def limits(node: Node, owner: str) -> Iterator[Finding]:
    after, told = _of(node).get("after"), reminders(node)
    for at, one in enumerate(told, 1):
        which = "the reminder" if len(told) == 1 else f"reminder {at}"
        if not one.text.strip():
            yield Finding("empty", f"{owner}: enter {which}, or remove it.", node=node.id, field="silence")
        elif (length := shortest(one.text)) > TEXT_MAX:
            text = f"{owner}: {which} has {length:,} characters, more than the {TEXT_MAX:,} that WhatsApp shows. Shorten it."
            yield Finding("too_long", text, node=node.id, field="silence")
        if after and one.after >= after:
            text = (
                f"{owner}: {which} comes after {span_words(one.after)}, when the step no longer waits (No reply comes after "
                f"{span_words(after)}). Let it come earlier, or wait longer."
            )
            yield Finding("late_reminder", text, node=node.id, field="silence")


def _of(node: Node) -> Mapping[str, Any]:
    return node.data.get("silence") or {}
