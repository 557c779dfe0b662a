"""A flow laid open for the checks: each question is answered once, and what belongs to a single step is remembered
between checks by the step's content, so that after a change only the changed step is looked at again.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.graph import FlowGraph
from flowbuilder.core.nodes import kind_of, name_of, starts
from flowbuilder.core.variables import BUILT_IN

REMEMBERED_MAX = 20_000


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What is known of the initial message. Its ``status`` is the review's; without options it cannot open a flow."""

    id: str
    status: str
    variables: tuple[str, ...] = ()
    continue_option: str = ""
    finish_option: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a flow cannot know of itself: the template message that its start names, if there is one."""

    template: TemplateFacts | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """All that the checks ask of one step, whatever is around it."""

    ports: tuple[Port, ...]
    reads: tuple[str, ...]
    assigns: Mapping[str, str]
    limits: tuple[Finding, ...]
    waits: bool
    is_end: bool


_remembered: dict[bytes, Profile] = {}


def profile(node: Node) -> Profile:
    try:
        # Version 2 of marshal's format writes equal content as equal bytes, at a quarter of the time of json.
        key = marshal.dumps((node.id, node.kind, node.data), 2)
    except ValueError:
        return _profile(node)
    known = _remembered.get(key)
    if known is None:
        if len(_remembered) >= REMEMBERED_MAX:
            _remembered.clear()
        known = _remembered[key] = _profile(node)
    return known


def _profile(node: Node) -> Profile:
    kind = kind_of(node)
    ports = kind.ports(node)
    return Profile(ports, kind.reads(node), kind.assigns(node), tuple(kind.limits(node)), kind.waits, not ports)


class Study:
    def __init__(self, flow: Flow, facts: Facts | None) -> None:
        self.flow = flow
        self.facts = facts
        self.profiles = {id: profile(node) for id, node in flow.nodes.items()}

    @cached_property
    def graph(self) -> FlowGraph:
        return FlowGraph.of(self.flow)

    @cached_property
    def starts(self) -> tuple[Node, ...]:
        return starts(self.flow)

    @cached_property
    def start(self) -> str | None:
        return self.starts[0].id if self.starts else None

    @cached_property
    def is_acyclic(self) -> bool:
        return networkx.is_directed_acyclic_graph(self.graph)

    @cached_property
    def reached(self) -> frozenset[str]:
        """The steps to which a way leads from the start."""
        return frozenset() if self.start is None else frozenset(networkx.descendants(self.graph, self.start)) | {self.start}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The reached steps, each after all that lead to it; in a flow with circles, nearest first."""
        if self.start is None:
            return ()
        if self.is_acyclic:
            return tuple(id for id in networkx.topological_sort(self.graph) if id in self.reached)
        return self.start, *(target for _, target in networkx.bfs_edges(self.graph, self.start))

    @cached_property
    def given(self) -> frozenset[str]:
        """The variables that have a value when the conversation begins."""
        template = self.facts.template if self.facts else None
        return frozenset(BUILT_IN) | frozenset(template.variables if template else ())

    @cached_property
    def _ways(self) -> dict[str, str]:
        return self.ways(self.graph)

    def ways(self, graph: networkx.MultiDiGraph) -> dict[str, str]:
        """For every step that ``graph`` reaches, the step before it on a shortest way from the start."""
        return {} if self.start is None else dict(networkx.bfs_predecessors(graph, self.start))

    def way_to(self, id: str, ways: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """The shortest way from the start to a step; the step alone where none leads."""
        ways = self._ways if ways is None else ways
        way = [id]
        while way[-1] in ways:
            way.append(ways[way[-1]])
        return tuple(reversed(way))

    def name(self, id: str) -> str:
        return name_of(self.flow.nodes[id])

    def names(self, ids: Iterable[str]) -> str:
        return " → ".join(self.name(id) for id in ids)
