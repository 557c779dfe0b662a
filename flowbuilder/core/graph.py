"""The flow as a networkx graph, for the questions that are about ways."""

from __future__ import annotations

import networkx

from flowbuilder.core.flow import Flow


class FlowGraph(networkx.MultiDiGraph):
    """Steps as nodes; connections as edges whose key is the port that they leave through."""

    @classmethod
    def of(cls, flow: Flow) -> FlowGraph:
        """Connections to steps that do not exist are left out."""
        graph = cls(name=flow.name)
        graph.add_nodes_from(flow.nodes)
        nodes = flow.nodes
        graph.add_edges_from((source, target, port) for (source, port), target in flow.edges.items() if source in nodes and target in nodes)
        return graph


def closing_cycle(flow: Flow, source: str, target: str) -> tuple[str, ...] | None:
    """The shortest circle that a connection from ``source`` to ``target`` would close, as steps from ``source`` back to it."""
    try:
        return source, *networkx.shortest_path(FlowGraph.of(flow), target, source)
    except (networkx.NetworkXNoPath, networkx.NodeNotFound):
        return None
