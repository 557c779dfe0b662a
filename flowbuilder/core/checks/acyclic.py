"""A conversation only goes forward: no way leads back to a step. One finding for each tangle of circles."""

from __future__ import annotations

from collections.abc import Iterator

import networkx

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding

NAMED_MAX = 6


def find(study: Study) -> Iterator[Finding]:
    if study.ways.is_acyclic:
        return
    for tangle in networkx.strongly_connected_components(study.ways.graph):
        first = min(tangle, key=lambda id: (len(study.ways.to(id)) if id in study.ways.reached else len(study.flow.nodes), id))
        circle = _circle(study, first, tangle)
        if circle:
            words = study.names(circle[:NAMED_MAX]) + (" → …" if len(circle) > NAMED_MAX else "")
            text = f"The conversation goes in a circle: {words}. Remove one of these connections."
            yield Finding("cycle", text, node=first, path=(*study.ways.to(first)[:-1], *circle))


def _circle(study: Study, first: str, tangle: set[str]) -> tuple[str, ...]:
    """The shortest way from a step back to itself."""
    if len(tangle) == 1:
        return (first, first) if study.ways.graph.has_edge(first, first) else ()
    nexts = (id for id in study.ways.graph.successors(first) if id in tangle)
    return first, *min((networkx.shortest_path(study.ways.graph, id, first) for id in nexts), key=len)
