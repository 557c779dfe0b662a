"""What every kind of step is asked, and what it may do when a run comes by.

A kind is one object without state; ``node.data`` is all it knows. The engine calls ``enter`` when a run arrives and
``take`` when an answer comes to a run that waits there; both say through the context and return a move.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flowbuilder.core import message
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port, Settings
from flowbuilder.core.message import Content
from flowbuilder.core.run import Input
from flowbuilder.core.variables import names_in

NEXT = Port("next", "Next")
OTHERWISE = Port("otherwise", "Otherwise")
GROUPS = ("Start", "Frequent", "Logic", "Connected")
"""The palette's headings, in order."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Go on through a port."""

    port: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay until an answer comes."""


@dataclass(frozen=True, slots=True)
class End:
    outcome: str


@dataclass(frozen=True, slots=True)
class Quit:
    """The person chose to finish: go on through ``port`` if it leads anywhere; the run counts as cancelled."""

    port: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """The input was not meant for this step; the run stays as it is."""

    reason: str
    text: str


Move = Leave | Wait | End | Quit | Ignore


class Context(Protocol):
    """One run on its way through one input, as a kind sees it."""

    variables: Mapping[str, str]
    labels: Mapping[str, str]
    settings: Settings

    def fill(self, text: str) -> str:
        """``text`` with its variables filled in."""

    def say(self, content: Content) -> None: ...

    def assign(self, variable: str, value: str) -> None:
        """Keep an answer; without a name nothing is kept."""

    def missed(self, tries: int, reason: str) -> bool:
        """Count an answer that could not be taken; true when it was the last of ``tries``."""


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
    waits = False

    @abstractmethod
    def ports(self, node: Node) -> tuple[Port, ...]:
        """The ways out, in the order in which they are drawn."""

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

    def assigns(self, node: Node) -> Mapping[str, str]:
        """The variable that has a value once a run has left through a port, by port."""
        return {}

    def limits(self, node: Node) -> Iterable[Finding]:
        """What is missing in the step or does not fit WhatsApp."""
        return ()

    def summary(self, node: Node) -> str:
        """A few words that tell this step from others of its kind; may be empty."""
        return node.data.get("text", "")


def name_of(kind: NodeKind, node: Node) -> str:
    """What to call a step in a sentence."""
    words = " ".join(kind.summary(node).split())
    return f"{kind.label} “{message.cut(words, 40)}”" if words else kind.label
