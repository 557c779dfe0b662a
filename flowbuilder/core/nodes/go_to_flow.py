"""Go to flow: the conversation goes on in another flow's live version, past its opening. All variables come along; some may
be given a value on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.message import TEXT_MAX
from flowbuilder.core.nodes.base import Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import repeated, text_limit, variable_name
from flowbuilder.core.nodes.moves import GoOn, Move


class GoToFlow(NodeKind):
    name = "go_to_flow"
    label = "Go to flow"
    icon = "route-2"
    tone = "olive"
    group = "Logic"
    order = 60

    def ports(self, node: Node) -> tuple[Port, ...]:
        return ()

    def blank(self) -> dict[str, Any]:
        return {"values": []}

    def texts(self, node: Node) -> tuple[str, ...]:
        return tuple(one["value"] for one in node.data["values"])

    def summary(self, node: Node) -> str:
        return ""

    def calls(self, node: Node) -> tuple[str, ...]:
        return (node.data["flow"],) if node.data.get("flow") else ()

    def hands_over(self, node: Node) -> tuple[str, ...]:
        return tuple(one["variable"] for one in node.data["values"])

    def enter(self, node: Node, context: Context) -> Move:
        filled = [(one["variable"], context.fill(one["value"])[:TEXT_MAX]) for one in node.data["values"]]
        for variable, value in filled:
            context.assign(variable, value)
        return GoOn(node.data.get("flow", ""))

    def limits(self, node: Node) -> Iterator[Finding]:
        owner = name_of(self, node)
        if not node.data.get("flow"):
            yield Finding("no_flow", f"{owner}: choose the flow in which the conversation goes on.", node=node.id, field="flow")
        for one in node.data["values"]:
            yield from variable_name(node, owner, "values", one["variable"], required=True)
            yield from text_limit(node, owner, "values", f"the value of {one['variable'] or 'a variable'}", one["value"], TEXT_MAX)
        for name in repeated(one["variable"] for one in node.data["values"] if one["variable"]):
            yield Finding("repeated", f"{owner}: {name} is handed over twice. Remove one.", node=node.id, field="values")


KIND = GoToFlow()
