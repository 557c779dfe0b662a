"""Where the cards of a flow go when nobody has placed them: in columns, so that every connection leads to the right.

Columns come from the longest way to a step (networkx); the order within them from ``layout_order``, how far down the cards lie from
``layout_rows``. What the start does not reach lies below; notes stay beside the step that they lay next to (``layout_notes``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import networkx

from flowbuilder.core import card
from flowbuilder.core.flow import Flow, Node, Point
from flowbuilder.core.graph import FlowGraph, ways_through
from flowbuilder.core.layout_notes import beside
from flowbuilder.core.layout_order import Columns, put_in_order
from flowbuilder.core.layout_rows import GAP, rows
from flowbuilder.core.nodes import KINDS, ports

COLUMN = 340
LONE = 4
"""How many steps without any connection lie side by side, at least."""


def arrange(flow: Flow) -> dict[str, Point]:
    """A place for every step."""
    steps = {id: node for id, node in flow.nodes.items() if not KINDS[node.kind].is_apart}
    places: dict[str, Point] = {}
    heights = {id: height(node) for id, node in flow.nodes.items()}
    lone: list[str] = []
    bottom = 0
    for part in _parts(flow.with_(nodes=steps)):
        if len(part) == 1 and not KINDS[steps[part[0]].kind].is_start:
            lone += part
            continue
        found = _part(flow, part, heights)
        places |= {id: (x, y + bottom) for id, (x, y) in found.items()}
        bottom = max(places[id][1] + heights[id] for id in part) + 2 * GAP
    across = max([LONE, *(x // COLUMN + 1 for x, _ in places.values())])
    for at in range(0, len(lone), across):
        row = lone[at : at + across]
        places |= {id: (column * COLUMN, bottom) for column, id in enumerate(row)}
        bottom += max(heights[id] for id in row) + GAP
    return beside(flow, places, heights)


def arrange_some(flow: Flow, ids: Collection[str]) -> dict[str, Point]:
    """New places for these steps only, in the corner of the plane that they are in."""
    nodes = {id: node for id, node in flow.nodes.items() if id in ids}
    if not nodes:
        return {}
    left = min(flow.layout.get(id, (0, 0))[0] for id in nodes)
    top = min(flow.layout.get(id, (0, 0))[1] for id in nodes)
    places = arrange(flow.with_(nodes=nodes))
    first, highest = min(x for x, _ in places.values()), min(y for _, y in places.values())
    return {id: (x - first + left, y - highest + top) for id, (x, y) in places.items()}


def arrange_missing(flow: Flow) -> Flow:
    """The flow with a place for every step; kept as it is when all have one."""
    return flow if flow.nodes.keys() <= flow.layout.keys() else flow.with_(layout=arrange(flow))


def height(node: Node) -> int:
    """Of its card, by what stands on it."""
    return KINDS[node.kind].height(node) + card.ways(len(ports(node)))


def _parts(flow: Flow) -> Iterator[list[str]]:
    """Steps that hang together; those with a start come first, and in each the start."""
    graph = FlowGraph.joining(sorted(flow.nodes, key=lambda id: (not KINDS[flow.nodes[id].kind].is_start, id)), flow.edges)
    rank = {id: at for at, id in enumerate(graph)}
    parts = (sorted(part, key=rank.__getitem__) for part in networkx.weakly_connected_components(graph))
    yield from sorted(parts, key=lambda part: rank[part[0]])


def _part(flow: Flow, ids: list[str], heights: dict[str, int]) -> dict[str, Point]:
    ways = {id: [port.id for port in ports(flow.nodes[id])] for id in ids}
    columns = Columns.joining(_columns(FlowGraph.joining(ids, flow.edges)), flow.edges, ways)
    start = ids[0] if KINDS[flow.nodes[ids[0]].kind].is_start else None
    reached = ways_through(flow, start).reached
    put_in_order(columns, late=set(ids) - reached if start else ())
    down = rows(columns, heights, {id: len(found) for id, found in ways.items()})
    return {spot: (at * COLUMN, down[spot]) for at, column in enumerate(columns.order) for spot in column if isinstance(spot, str)}


def _columns(graph: FlowGraph) -> list[list[str]]:
    """Steps by the length of the longest way to them; connections that lead back, where there are any, do not count."""
    rank = {id: at for at, id in enumerate(reversed(list(networkx.dfs_postorder_nodes(graph))))}
    straight = networkx.DiGraph((source, target) for source, target in graph.edges() if rank[source] < rank[target])
    straight.add_nodes_from(graph)
    first = {id: at for at, id in enumerate(graph)}
    return [sorted(column, key=first.__getitem__) for column in networkx.topological_generations(straight)]
