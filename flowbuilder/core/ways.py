"""The ways from step to step through a flow, with all that is the same for whoever takes them."""

from __future__ import annotations

from typing import NamedTuple

from flowbuilder.core.events import Event, EventKind
from flowbuilder.core.flow import Flow, Node, Place
from flowbuilder.core.memory import Beside


class Way(NamedTuple):
    """``left`` tells that somebody left a step by a port, ``entered`` that they came to ``target``; a port may lead nowhere."""

    left: Event
    target: Node | None
    entered: Event | None


class Ways(dict[Place, Way]):
    """By step and port, each made when it is first taken."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self._flow = flow

    def __missing__(self, place: Place) -> Way:
        target = self._flow.nodes.get(self._flow.edges.get(place, ""))
        left = Event(EventKind.LEFT, place[0], {"port": place[1], "target": target and target.id})
        self[place] = way = Way(left, target, entered(target) if target else None)
        return way


def entered(node: Node) -> Event:
    return Event(EventKind.ENTERED, node.id, {"kind": node.kind})


def ways(flow: Flow) -> Ways:
    """A version is gone through by thousands; what it is made of never changes."""
    return _KNOWN.get(flow, Ways, flow)


_KNOWN: Beside[Ways] = Beside(most=256)
