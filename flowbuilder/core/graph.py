"""The flow as a networkx graph, and what networkx finds out about the ways through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Self

import networkx

from flowbuilder.core.flow import Flow, Place

_NOTHING: dict[str, Any] = {}


class FlowGraph(networkx.MultiDiGraph):
    """Steps as nodes; connections as edges whose key is the port that they leave through.

    Neither has attributes, so all share one empty mapping: thousands of dictionaries fewer to make and to collect.
    """

    def _no_attributes(self) -> dict[str, Any]:
        return _NOTHING

    node_attr_dict_factory = _no_attributes
    edge_attr_dict_factory = _no_attributes

    @classmethod
    def of(cls, flow: Flow) -> Self:
        return cls.joining(flow.nodes, flow.edges)

    @classmethod
    def joining(cls, nodes: Iterable[str], edges: Mapping[Place, str]) -> Self:
        """Connections to steps that do not exist are left out."""
        graph = cls()
        graph.add_nodes_from(nodes)
        graph.add_edges_from((source, to, port, _NOTHING) for (source, port), to in edges.items() if source in graph and to in graph)
        return graph


class Ways:
    """All ways from one start, if there is one. What is asked after every gesture is found without a networkx graph, which takes
    longer to build than to ask.
    """

    def __init__(self, start: str | None, nodes: Iterable[str], places: Sequence[Place], targets: Sequence[str]) -> None:
        """``places`` are those from which the connections come, ``targets`` the steps to which each leads."""
        self.start = start
        self._found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self.leaving: dict[str, list[tuple[str, str]]] = {id: [] for id in nodes}
        """For each step its connections, as ports and targets."""
        leaving = self.leaving
        self._arriving: Counter[str] = Counter(targets)
        for (source, port), target in zip(places, targets, strict=True):
            if source in leaving and target in leaving:
                leaving[source].append((port, target))
            else:
                self._arriving[target] -= 1

    @cached_property
    def graph(self) -> FlowGraph:
        return FlowGraph.joining(self.leaving, {(id, port): target for id, ways in self.leaving.items() for port, target in ways})

    @cached_property
    def _sorted(self) -> tuple[str, ...] | None:
        """All steps, each after all that lead to it (Kahn); None when they go in a circle."""
        leaving, waiting = self.leaving, dict(self._arriving)
        found = [id for id in leaving if not waiting.get(id)]
        for id in found:
            for _, target in leaving[id]:
                waiting[target] = left = waiting[target] - 1
                if not left:
                    found.append(target)
        return tuple(found) if len(found) == len(leaving) else None

    @property
    def is_acyclic(self) -> bool:
        return self._sorted is not None

    @cached_property
    def reached(self) -> frozenset[str]:
        """The steps to which a way leads from the start."""
        return frozenset() if self.start is None else frozenset((self.start, *self._arrivals))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The reached steps, each after all that lead to it; in a graph with circles, nearest first."""
        if self.start is None:
            return ()
        if self._sorted is not None:
            reached = self.reached
            return self._sorted if len(reached) == len(self._sorted) else tuple([id for id in self._sorted if id in reached])
        return self.start, *self._arrivals

    @cached_property
    def _arrivals(self) -> Mapping[str, Place]:
        """For every reached step but the start, the step before it on a shortest way and the port that leads here; nearest first."""
        if self.start is None:
            return {}
        leaving, open_ends = self.leaving, [self.start]
        found: dict[str, Place] = {self.start: ("", "")}
        for id in open_ends:
            for port, target in leaving[id]:
                if target not in found:
                    found[target] = id, port
                    open_ends.append(target)
        del found[self.start]
        return found

    def to(self, id: str) -> tuple[str, ...]:
        """The shortest way from the start to a step; the step alone where none leads."""
        return self._shortest(id)[0]

    def through(self, id: str) -> tuple[str, ...]:
        """By which ports that way leaves its steps."""
        return self._shortest(id)[1]

    def _shortest(self, id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Found once, and only from the nearest step on to which the way is known already."""
        if id in self._found:
            return self._found[id]
        arrivals, steps, ports, at = self._arrivals, [id], [], id
        while at in arrivals:
            at, port = arrivals[at]
            ports.append(port)
            if at in self._found:
                break
            steps.append(at)
        way, through = self._found.get(at, ((), ()))
        self._found[id] = way + tuple(reversed(steps)), through + tuple(reversed(ports))
        return self._found[id]


def ways_through(flow: Flow, start: str | None) -> Ways:
    """The ways of a flow; remembered as long as only its texts change."""
    return ways(start, tuple(flow.nodes), tuple(flow.edges), tuple(flow.edges.values()))


@lru_cache(8)
def ways(start: str | None, nodes: tuple[str, ...], places: tuple[Place, ...], targets: tuple[str, ...]) -> Ways:
    return Ways(start, nodes, places, targets)


def closing_cycle(flow: Flow, source: str, target: str) -> tuple[str, ...] | None:
    """The shortest circle that a connection from ``source`` to ``target`` would close, as steps from ``source`` back to it."""
    try:
        return source, *networkx.shortest_path(FlowGraph.of(flow), target, source)
    except (networkx.NetworkXNoPath, networkx.NodeNotFound):
        return None


def before(flow: Flow, id: str) -> frozenset[str]:
    """The steps by which one comes to a step: led there, its way would go in a circle."""
    graph = FlowGraph.of(flow)
    return frozenset(networkx.ancestors(graph, id)) if id in graph else frozenset()
