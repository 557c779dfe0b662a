"""What every kind of step is asked, and what it may do when a run comes by.

A kind is one object without state; ``node.data`` is all it knows. The engine calls ``enter`` when a run arrives and
``take`` when an answer comes to a run that waits there; both say through the context and return a move.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from flowbuilder.core import card, message
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port, Settings
from flowbuilder.core.marks import named
from flowbuilder.core.nodes.moves import Leave, Move
from flowbuilder.core.run import Input
from flowbuilder.core.silence import NO_REPLY
from flowbuilder.core.variables import names_in

NEXT = Port("next", "Next")
OTHERWISE = Port("otherwise", "Otherwise")
ON = Leave(NEXT.id)
RESULT_WITHIN = 300
"""Seconds within which something that is done outside at once has its result, also where it is done anew."""
PIECES_MAX = 10
"""So many texts are joined to one answer at most."""
GROUPS = ("Start", "Frequent", "Logic", "Connected", "Notes")
"""The palette's headings, in order."""


class Context(Protocol):
    """One run on its way through one input, as a kind sees it."""

    variables: Mapping[str, str]
    labels: Mapping[str, str]
    settings: Settings
    now: datetime
    person: str

    since: datetime
    """When the run came to this step or, if that is later, the person was last heard."""
    tries: int
    """How many answers this step could not take so far."""
    scratch: dict[str, Any]
    """What the step writes down for itself, as JSON, while the run waits there."""

    def fill(self, text: str) -> str:
        """``text`` with its variables filled in."""

    def say(self, content: message.Content) -> None: ...

    def assign(self, variable: str, value: str, why: str = "") -> None:
        """Keep a value, or an empty one with the reason; without a name nothing is kept."""

    def authorize(self, answer: str, wording: Mapping[str, str]) -> None:
        """Keep as proof what the person answered to a question about their data."""

    def missed(self, tries: int, reason: str) -> bool:
        """Count an answer that could not be taken; true when it was the last of ``tries``."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How many seconds pass at a step until a run leaves it through a certain port: at ``least``, and at ``most`` (None: as long
    as the flow lets it), and then ``lingers`` at most. ``hears`` means that it leaves because of something that the person sent, ``after``
    seconds ago at most, or nevertheless ``unheard`` in so many seconds; ``within`` that it leaves only so many seconds after their last
    message at most.
    """

    least: int = 0
    most: int | None = 0
    hears: bool = False
    within: int | None = None
    after: int = 0
    lingers: int = 0
    unheard: int | None = None

    @property
    def is_surely_heard(self) -> bool:
        return self.hears and self.unheard is None


INSTANT = Stay()


UNSEEN = ("silence", "tries", "retry_text", "later_texts", "variable")
"""The parts of a step's data that nobody who waits there was shown or need know of to answer."""


class NodeKind(ABC):
    """A kind of step. ``icon`` is a Tabler icon's name, ``tone`` a colour of ``canvas.css`` (``--tone-<tone>``); ``group`` is the
    palette's heading, within which the kinds stand by ``order``.
    """

    name: str
    label: str
    icon: str
    tone = "slate"
    group: str
    order = 50
    is_start = False
    opening = ""
    """The port of a start through which a conversation comes in that goes on from another flow."""
    is_sent = False
    """A start that opens with an outbound message."""
    is_apart = False
    """Lies on the canvas for designers only: no run ever comes by."""
    waits = False
    waits_for = "person"
    """Who waits for a person has a way out for silence (``core.silence``); others wait for a "time", a "result" or a "colleague"."""
    hears_news = False
    """Whether it is told more of a request whose result it had already."""
    category = ""
    """The category of which the outbound messages that it sends must be, if it is to be a certain one."""
    ports_tell = False
    """What it keeps is told by its ways out too: nobody need read it."""
    rehearsed: Mapping[str, Any] = {}
    """A result from outside after which it says something: what a preview shows."""
    says_again = 1
    """So many messages come after an answer that it cannot take."""
    reminds = True
    """Whether it may send reminders meanwhile, which WhatsApp allows only once the person has written."""

    @cached_property
    def hears(self) -> bool:
        return self.waits and self.waits_for == "person"

    @cached_property
    def may_wait_in_vain(self) -> bool:
        """Whether the person may be silent there: not where it is the person who opens the conversation."""
        return self.hears and (self.is_sent or not self.is_start)

    @abstractmethod
    def ports(self, node: Node) -> tuple[Port, ...]:
        """The ways out, in the order in which they are drawn; No reply is added by itself where a person is waited for."""

    @abstractmethod
    def blank(self) -> dict[str, Any]:
        """The data of a new step: in order by its schema, though not yet complete."""

    @abstractmethod
    def enter(self, node: Node, context: Context) -> Move: ...

    def take(self, node: Node, input: Input, context: Context) -> Move:
        raise TypeError(f"{self.name} never waits")

    def texts(self, node: Node) -> tuple[str, ...]:
        """The texts in which variables are filled in."""
        return (node.data.get("text", ""),)

    def reads(self, node: Node) -> tuple[str, ...]:
        """The variables that must have a value when a run comes by."""
        return names_in(*self.texts(node))

    def assigns(self, node: Node) -> Mapping[str, str | tuple[str, ...]]:
        """The variable, or several, that has a value once a run has left through a port, by port."""
        return {}

    def phrases(self, node: Node) -> tuple[str, ...]:
        """The words by which people start a conversation here, as messages are compared with them."""
        return ()

    def limits(self, node: Node) -> Iterable[Finding]:
        """What is missing in the step or does not fit WhatsApp."""
        return ()

    def summary(self, node: Node) -> str:
        """A few words that tell this step from others of its kind; may be empty."""
        return node.data.get("text", "")

    def height(self, node: Node) -> int:
        """Of its card, in pixels, without the ways out."""
        return card.HEAD + card.words(self.summary(node))

    def width(self, node: Node) -> int:
        return card.WHOLE

    # What the checks ask besides; a kind says more where it knows more.

    def lasts(self, node: Node, port: str) -> Stay:
        """How long a run stays when it leaves through ``port``, each answer taken at once."""
        if not self.hears:
            return Stay(hears=self.is_start)
        silence = node.data.get("silence", {}).get("after")
        if port == NO_REPLY.id:
            return Stay(silence or 0, silence)
        return Stay(0, silence, hears=True)

    def asked(self, node: Node) -> Mapping[str, Any]:
        """The parts of its data by which somebody who waits there knows what an answer means."""
        return {name: part for name, part in node.data.items() if part and name not in UNSEEN} if self.hears else {}

    def asks_the_same(self, before: Node, after: Node) -> bool:
        """Whether what somebody was shown by ``before`` may be answered to ``after``, and means the same."""
        return self.asked(before) == self.asked(after)

    def meanwhile(self, node: Node, context: Context) -> bool:
        """Whether something is said to whoever writes while no answer of theirs is waited for."""
        return False

    def resends(self, node: Node) -> int:
        """How often its outbound message may be sent and arrive anew."""
        return 0

    def turns(self, node: Node) -> int:
        """How often it waits for the person at most: once, and again after each answer that it cannot take."""
        return node.data.get("tries", 1)

    def says(self, node: Node) -> int:
        """How many messages come from there at most, with what is said after wrong answers and all reminders."""
        reminders = len(node.data.get("silence", {}).get("reminders", ()))
        return len(self.sends(node)) + len(self.speaks(node)) + (self.turns(node) - 1) * (self.says_again + reminders)

    def unsent(self, node: Node) -> tuple[str, ...]:
        """The ways out by which a run may leave though its outbound message could not be sent."""
        return ()

    def speaks(self, node: Node) -> tuple[int, ...]:
        """When it says something that the 24-hour window must be open for, in seconds since a run came by; not counted is what
        follows at once on something heard."""
        reminders = node.data.get("silence", {}).get("reminders", ())
        return *((0,) if self.shows(node) and not self.is_start else ()), *(one["after"] for one in reminders)

    def shows(self, node: Node) -> str:
        """What the person sees first when a run comes by; empty when that is nothing."""
        return node.data.get("text", "")

    def imagined(self, node: Node) -> Mapping[str, Mapping[str, str]]:
        """By case, in the order of its texts, the variables with which it says another one: a preview shows all."""
        return {"": {}}

    def heard(self, node: Node, port: Port) -> str:
        """What the person does so that a run leaves through ``port``, as in "no reply"; of a step that does not wait, what decides."""
        if not self.hears:
            return port.label if len(self.ports(node)) > 1 else ""
        return {NO_REPLY.id: "no reply", OTHERWISE.id: "something else"}.get(port.id, port.label)

    def keeps(self, node: Node) -> Mapping[str, tuple[str, ...] | str]:
        """By port, the only values that the first variable assigned there can get, or their type (number or date); left out where it
        may be any."""
        return {}

    def typed(self, node: Node) -> Mapping[str, tuple[str, ...]]:
        """By port, what a person may type to leave through it, in the order in which it is looked for."""
        return {}

    def branches(self, node: Node) -> Sequence[Mapping[str, Any]]:
        """The branches that look at variables, in order, if it goes on by such."""
        return ()

    def sends(self, node: Node) -> tuple[str, ...]:
        """The ids of the outbound messages that it sends."""
        template = node.data.get("template")
        return (template,) if template else ()

    def replies(self, node: Node) -> tuple[str, ...] | None:
        """The quick replies that it takes the outbound message to have; None where it takes them as they are."""
        return None

    def fills(self, node: Node) -> tuple[str, ...] | None:
        """The variables of the outbound message that get a value here; None where whoever starts the conversation gives them."""
        parameters = node.data.get("parameters")
        return None if parameters is None else tuple(parameters)

    def files(self, node: Node) -> tuple[str, ...]:
        """The ids of the files that it shows."""
        medium = node.data.get("medium") or {}
        return (medium["file"],) if medium.get("file") else ()

    def keeps_a_file(self, node: Node) -> bool:
        """Whether the answer that it keeps is a file, which people look at."""
        return False

    def team(self, node: Node) -> str:
        """The id of the team that it gives conversations to, if it names one."""
        return ""

    def secrets(self, node: Node) -> tuple[str, ...]:
        """The names of the secrets of the workspace that it sends."""
        return ()

    def hands_over(self, node: Node) -> tuple[str, ...]:
        """The variables that it gives a value for the flow that it goes over to."""
        return ()

    def calls(self, node: Node) -> tuple[str, ...]:
        """The ids of the flows that it goes over to."""
        return ()


def name_of(kind: NodeKind, node: Node) -> str:
    """What to call a step in a sentence."""
    return named(kind.label, kind.summary(node))
