"""Where the cards of a flow go when nobody has placed them: in columns, so that every connection leads to the right.

Columns come from the longest way to a step (networkx); within a column, cards lie near those that lead to them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import networkx

from flowbuilder.core import card
from flowbuilder.core.flow import Flow, Node, Point
from flowbuilder.core.graph import FlowGraph
from flowbuilder.core.nodes import KINDS, ports

COLUMN, GAP = 340, 48
SWEEPS = 4


def arrange(flow: Flow) -> dict[str, Point]:
    """A place for every step."""
    graph = FlowGraph.of(flow)
    columns = _columns(graph)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        _order(graph, columns if forward else columns[::-1], forward=forward)
    return _places(flow, columns)


def arrange_some(flow: Flow, ids: Collection[str]) -> dict[str, Point]:
    """New places for these steps only, in the corner of the plane that they are in."""
    nodes = {id: node for id, node in flow.nodes.items() if id in ids}
    if not nodes:
        return {}
    left = min(flow.layout.get(id, (0, 0))[0] for id in nodes)
    top = min(flow.layout.get(id, (0, 0))[1] for id in nodes)
    places = arrange(flow.with_(nodes=nodes))
    highest = min(y for _, y in places.values())
    return {id: (x + left, y - highest + top) for id, (x, y) in places.items()}


def arrange_missing(flow: Flow) -> Flow:
    """The flow with a place for every step; kept as it is when all have one."""
    return flow if flow.nodes.keys() <= flow.layout.keys() else flow.with_(layout=arrange(flow))


def height(node: Node) -> int:
    """Of its card, by what stands on it."""
    return KINDS[node.kind].height(node) + card.ways(len(ports(node)))


def _columns(graph: FlowGraph) -> list[list[str]]:
    """Steps by the length of the longest way to them; connections that lead back, where there are any, do not count."""
    rank = {id: at for at, id in enumerate(reversed(list(networkx.dfs_postorder_nodes(graph))))}
    straight = networkx.DiGraph((source, target) for source, target in graph.edges() if rank[source] < rank[target])
    straight.add_nodes_from(graph)
    return [sorted(column) for column in networkx.topological_generations(straight)]


def _order(graph: FlowGraph, columns: list[list[str]], *, forward: bool) -> None:
    """Sort each column by the middle of the cards before it (or after it); the first one stays."""
    place: dict[str, float] = {}
    neighbours = graph.predecessors if forward else graph.successors
    for column in columns:
        middles = {
            id: _middle([place[one] for one in neighbours(id) if one in place], at - len(column) / 2) for at, id in enumerate(column)
        }
        column.sort(key=lambda id: middles[id])
        place |= {id: at - len(column) / 2 for at, id in enumerate(column)}


def _middle(places: list[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _places(flow: Flow, columns: list[list[str]]) -> dict[str, Point]:
    heights = {id: height(node) for id, node in flow.nodes.items()}
    tallest = max((_height(column, heights) for column in columns), default=0)
    places: dict[str, Point] = {}
    for at, column in enumerate(columns):
        y = (tallest - _height(column, heights)) // 2
        for id in column:
            places[id] = (at * COLUMN, y)
            y += heights[id] + GAP
    return places


def _height(column: list[str], heights: Mapping[str, int]) -> int:
    return sum(heights[id] + GAP for id in column) - GAP
