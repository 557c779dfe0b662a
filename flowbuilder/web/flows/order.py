"""The order in which a flow is read aloud and walked by keyboard: along its connections, answer by answer."""

from __future__ import annotations

from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import ports, starts


def in_order(flow: Flow) -> list[str]:
    """Every step once: from the opening depth first, then what nothing leads to, from left to right."""
    rest = sorted(flow.nodes, key=lambda id: (flow.layout.get(id, (0, 0)), id))
    stack = [*reversed(rest), *(node.id for node in starts(flow))]
    seen: dict[str, None] = {}
    while stack:
        id = stack.pop()
        if id in seen:
            continue
        seen[id] = None
        ways = (flow.target(id, port.id) for port in reversed(ports(flow.nodes[id])))
        stack += [target for target in ways if target and target not in seen]
    return list(seen)
