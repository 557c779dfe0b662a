"""The one way in which a flow changes: new values are put on, the old ones from under them are the inverse.

Whatever is put on, the flow stays in order: steps fit their schema, connections join what exists, none closes a circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import networkx

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node, Place, Point, Settings, in_order, point, without_nulls
from flowbuilder.core.graph import FlowGraph
from flowbuilder.core.leaving import as_said
from flowbuilder.core.nodes import KINDS, name_of, ports
from flowbuilder.core.schema import node_problems, settings_problems


class Refused(Exception):
    """A change that cannot be made. ``findings`` say why; the first one's path names a circle that would close."""

    def __init__(self, code: str, text: str, path: tuple[str, ...] = (), *, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(text)
        self.code, self.text, self.path = code, text, path
        self.findings = findings or (Finding(code, text, path=path),)


@dataclass(frozen=True, slots=True)
class Applied:
    """``inverse`` is a command; ``touched`` lists the steps and connections to draw again and the steps to take away."""

    flow: Flow
    inverse: dict[str, Any]
    touched: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Patch:
    """New values by place; None takes away. ``data`` holds single keys of steps, so that undoing keeps the others."""

    nodes: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    edges: Mapping[Place, str | None] = field(default_factory=dict)
    layout: Mapping[str, Point | None] = field(default_factory=dict)
    name: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        edges = {(source, port): target for source, port, target in document.get("edges", ())}
        return cls(**{**document, "edges": edges})

    def to_json(self) -> dict[str, Any]:
        edges = [[*place, target] for place, target in sorted(self.edges.items())]
        parts = {
            "nodes": self.nodes,
            "data": self.data,
            "edges": edges,
            "layout": self.layout,
            "name": self.name,
            "settings": self.settings,
        }
        return {name: part for name, part in parts.items() if part}


def put_on(flow: Flow, patch: Patch) -> Applied:
    nodes = _nodes(flow, patch)
    edges = _edges(flow, patch, nodes)
    layout = {id: at for id, at in (flow.layout | patch.layout).items() if at is not None and id in nodes}
    new = flow.with_(nodes=in_order(nodes), edges=in_order(edges), layout={id: point(at) for id, at in layout.items()})
    if patch.name is not None or patch.settings:
        new = _renamed(new, patch)
    _only_forward(flow, new)
    return Applied(new, {"kind": "restore", "patch": _difference(new, flow, patch).to_json()}, _touched(flow, new))


def _nodes(flow: Flow, patch: Patch) -> dict[str, Node]:
    nodes = dict(flow.nodes)
    for id, step in patch.nodes.items():
        if (id in nodes) is (step is not None):
            raise Refused("conflict", "This step has been added or removed by somebody meanwhile.")
        if step is None:
            del nodes[id]
        else:
            nodes[id] = _in_order(step)
    for id, data in patch.data.items():
        if id not in flow.nodes or id not in nodes:
            raise Refused("no_such_step", "This step is no longer in the flow; somebody removed it meanwhile.")
        old = nodes[id]
        nodes[id] = _in_order({"id": id, "kind": old.kind, "data": without_nulls({**old.data, **data})})
    return nodes


def _in_order(step: Mapping[str, Any]) -> Node:
    if findings := node_problems(step):
        raise Refused(findings[0].code, findings[0].text, findings=findings)
    return Node.from_json(step)


def _edges(flow: Flow, patch: Patch, nodes: Mapping[str, Node]) -> dict[Place, str]:
    """Connections of steps and answers that go away go with them; new ones must fit."""
    changed = patch.data.keys() | patch.nodes.keys()
    left = {id: {port.id for port in ports(nodes[id])} for id in changed if id in nodes}
    edges = {
        (source, port): target
        for (source, port), target in flow.edges.items()
        if source in nodes and target in nodes and (source not in left or port in left[source])
    }
    for (source, port), target in patch.edges.items():
        if target is None:
            edges.pop((source, port), None)
            continue
        if source not in nodes or target not in nodes or all(port != one.id for one in ports(nodes[source])):
            raise Refused("no_such_step", "The step or the answer that was to be connected is no longer in the flow.")
        edges[source, port] = target
    return edges


def _renamed(flow: Flow, patch: Patch) -> Flow:
    name = flow.name if patch.name is None else patch.name
    settings = flow.settings.to_json() | patch.settings
    if findings := settings_problems(name, settings):
        raise Refused(findings[0].code, findings[0].text, findings=findings)
    return flow.with_(name=name, settings=Settings.from_json(settings))


def _only_forward(old: Flow, new: Flow) -> None:
    """No new connection closes a circle or leads to the opening."""
    added = [(source, target) for (source, port), target in new.edges.items() if old.edges.get((source, port)) != target]
    if not added:
        return
    graph = FlowGraph.of(new)
    is_acyclic = networkx.is_directed_acyclic_graph(graph)
    for source, target in added:
        if not is_acyclic and networkx.has_path(graph, target, source):
            circle = (source, *networkx.shortest_path(graph, target, source))
            way = " → ".join(name_of(new.nodes[id]) for id in circle[:6]) + (" → …" if len(circle) > 6 else "")
            text = f"This connection would close a circle: {way}. A conversation only goes forward; connect to another step."
            raise Refused("cycle", text, circle)
        if KINDS[new.nodes[target].kind].is_apart:
            raise Refused("into_note", "Nothing can lead to a note: it is no part of the conversation.")
        if KINDS[new.nodes[target].kind].is_start:
            raise Refused("into_start", f"Nothing can lead to {name_of(new.nodes[target])}: it opens the conversation.")


def _difference(new: Flow, old: Flow, patch: Patch) -> Patch:
    """The patch from ``new`` back to ``old``."""
    nodes = {id: old.nodes[id].to_json() if id in old.nodes else None for id in old.nodes.keys() ^ new.nodes.keys()}
    data = {id: {key: old.nodes[id].data.get(key) for key in keys} for id, keys in patch.data.items()}
    settings = {key: getattr(old.settings, key) for key in patch.settings}
    name = old.name if old.name != new.name else None
    layout = {id: None if (at := old.layout.get(id)) is None else list(at) for id in _differing(old.layout, new.layout)}
    return Patch(nodes, data, {place: old.edges.get(place) for place in _differing(old.edges, new.edges)}, layout, name, settings)


def _differing(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Any]:
    return (key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _touched(old: Flow, new: Flow) -> dict[str, list[Any]]:
    nodes = {id for id in (*_differing(old.nodes, new.nodes), *_differing(old.layout, new.layout)) if id in new.nodes}
    if bool(old.settings.exit_word.strip()) is not bool(new.settings.exit_word.strip()):
        nodes |= set(_differing(as_said(old).nodes, as_said(new).nodes)) & new.nodes.keys()
    edges = sorted(_differing(old.edges, new.edges))
    return {"nodes": sorted(nodes), "edges": [list(place) for place in edges], "removed": sorted(old.nodes.keys() - new.nodes.keys())}
