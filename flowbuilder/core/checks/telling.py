"""A way through a flow told as the chat that a person would have on it: "Hi → 2 → silence"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.leaving import as_said
from flowbuilder.core.marks import plain
from flowbuilder.core.message import cut
from flowbuilder.core.nodes import assigns, kind_of, ports
from flowbuilder.core.nodes.base import NodeKind

WORDS_MAX = 48
SILENCE = "silence"


class Voice(StrEnum):
    """Who speaks: we, the person, or the flow that decides without either of them."""

    US = "us"
    THEM = "them"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Turn:
    voice: Voice
    words: str


def tell(
    flow: Flow, path: Sequence[str], through: Sequence[str] = (), *, tapped: Mapping[str, str] | None = None, most: int = 9
) -> tuple[Turn, ...]:
    """What is seen and said on ``path``, which leaves its steps through the ports ``through``, or else through the first that leads on.
    ``tapped`` is what the buttons of the initial message say, by port.

    Of more than ``most`` turns the middle is left out; of a long way it is not even looked at.
    """
    flow = as_said(flow)
    if len(path) <= 3 * most:
        turns = _turns(flow, path, through, tapped or {}, range(len(path)))
        if len(turns) <= most:
            return tuple(turns)
        first, last = turns, turns
    else:
        first = _turns(flow, path, through, tapped or {}, range(most))
        last = _turns(flow, path, through, tapped or {}, range(len(path) - most, len(path)))
    return *first[:2], Turn(Voice.FLOW, "…"), *last[3 - most :]


def _turns(flow: Flow, path: Sequence[str], through: Sequence[str], tapped: Mapping[str, str], places: range) -> list[Turn]:
    turns: list[Turn] = []
    known: dict[str, str] = {}
    for at in places:
        node = flow.nodes[path[at]]
        kind = kind_of(node)
        if words := _words(_shown(kind, node, known)):
            turns.append(Turn(Voice.US, words))
        elif kind.hears and not kind.is_start:
            turns.append(Turn(Voice.US, kind.label))
        port = _port(flow, node, path[at + 1] if at + 1 < len(path) else None, through[at] if at < len(through) else None)
        if port is None:
            continue
        values, names = kind.keeps(node).get(port.id), assigns(node).get(port.id)
        if names and isinstance(values, tuple) and len(values) == 1:
            known[names[0]] = values[0]
        if heard := _words((tapped.get(port.id) if kind.is_sent else "") or kind.heard(node, port)):
            turns.append(Turn(Voice.THEM if kind.hears else Voice.FLOW, heard))
        if flow.target(node.id, port.id) is None:
            turns.append(Turn(Voice.FLOW, SILENCE))
    return turns


def _shown(kind: NodeKind, node: Node, known: Mapping[str, str]) -> str:
    """What the person sees first there; of a step with a text for each case the one of the case that is known on this way."""
    for text, case in zip(kind.texts(node), kind.imagined(node).values(), strict=False):
        if case and case.items() <= known.items():
            return text
    return kind.shows(node)


def in_line(turns: Sequence[Turn]) -> str:
    return " → ".join(turn.words for turn in turns)


def _port(flow: Flow, node: Node, target: str | None, through: str | None) -> Port | None:
    ways = ports(node)
    if through is not None:
        return next((port for port in ways if port.id == through), None)
    return next((port for port in ways if flow.target(node.id, port.id) == target), None) if target else None


def _words(text: str) -> str:
    return cut(plain(" ".join(text.split())), WORDS_MAX)
