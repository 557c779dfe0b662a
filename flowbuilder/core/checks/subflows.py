"""The flows that steps go over to exist, are published, and lead in no circle, neither back here nor among themselves."""

from __future__ import annotations

from collections.abc import Iterator

import networkx

from flowbuilder.core.checks.facts import Facts
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding

NAMED_MAX = 6


def find(study: Study) -> Iterator[Finding]:
    if study.facts.flows is None:
        return
    calls = {id: profile.calls for id, profile in study.having["calls"].items()}
    graph = _graph(study.facts, {target for targets in calls.values() for target in targets}) if calls else None
    for id, targets in calls.items():
        for target in targets:
            if problem := _problem(study, graph, target):
                code, text = problem
                yield Finding(code, f"{study.name(id)} {text}", node=id, field="flow", path=study.ways.to(id))


def _graph(facts: Facts, called: set[str]) -> networkx.DiGraph:
    """Which flow leads on to which; this one as it is drawn now, the others as they are published."""
    graph = networkx.DiGraph((one.id, target) for one in facts.flows.values() if one.id != facts.id for target in one.calls)
    graph.add_edges_from((facts.id, target) for target in called)
    return graph


def _problem(study: Study, graph: networkx.DiGraph, target: str) -> tuple[str, str] | None:
    facts = study.facts
    known = facts.flows.get(target)
    if target != facts.id and known is None:
        return "no_subflow", "leads to a flow that no longer exists. Choose another."
    if target != facts.id and not known.is_published:
        return "subflow_unpublished", f"leads to “{known.name}”, which is not published now. Publish it first, or choose another."
    if circle := _circle(graph, target):
        names = " → ".join(study.flow.name if id == facts.id else _name(facts, id) for id in circle[:NAMED_MAX])
        more = " → …" if len(circle) > NAMED_MAX else ""
        return "subflow_circle", f"leads into a circle of flows: {names}{more}. Let one of them end instead."
    return None


def _circle(graph: networkx.DiGraph, target: str) -> tuple[str, ...]:
    """The shortest circle among all that can be reached from a flow."""
    circles = []
    for tangle in networkx.strongly_connected_components(graph.subgraph({target, *networkx.descendants(graph, target)})):
        first = min(tangle)
        if graph.has_edge(first, first):
            circles.append((first, first))
        elif len(tangle) > 1:
            ways = (networkx.shortest_path(graph, next, first) for next in graph.successors(first) if next in tangle)
            circles.append((first, *min(ways, key=len)))
    return min(circles, key=lambda circle: (len(circle), circle), default=())


def _name(facts: Facts, id: str) -> str:
    return facts.flows[id].name if id in facts.flows else "a flow that is gone"
