"""Set variable: gives a variable a value: a text with variables, or the result of a formula (``core.expressions``). An attribute
of the contact, such as ``contact.city``, is kept beyond the conversation.

What cannot be calculated for somebody leaves the variable empty, which a Condition can ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core import card, expressions
from flowbuilder.core.attributes import LONGEST
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.message import TEXT_MAX
from flowbuilder.core.moments import wall_clock
from flowbuilder.core.nodes.base import NEXT, ON, Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import target_name, text_limit
from flowbuilder.core.nodes.moves import Move
from flowbuilder.core.variables import is_attribute, names_in

TYPES = {"text": "Text", expressions.NUMBER: "Number", expressions.DATE: "Date"}


class SetVariable(NodeKind):
    name = "set_variable"
    label = "Set variable"
    icon = "variable"
    tone = "indigo"
    group = "Logic"
    order = 30

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (NEXT,)

    def blank(self) -> dict[str, Any]:
        return {"variable": "", "type": "text", "value": ""}

    def texts(self, node: Node) -> tuple[str, ...]:
        return (node.data["value"],)

    def summary(self, node: Node) -> str:
        return f"{node.data['variable']} = {node.data['value']}" if node.data["variable"] else ""

    def assigns(self, node: Node) -> Mapping[str, str]:
        return {NEXT.id: node.data["variable"]} if node.data["variable"] else {}

    def keeps(self, node: Node) -> Mapping[str, tuple[str, ...]]:
        """A text without variables is the only value."""
        is_fixed = node.data["type"] == "text" and not names_in(node.data["value"])
        return {NEXT.id: (node.data["value"][:TEXT_MAX],)} if is_fixed else {}

    def height(self, node: Node) -> int:
        return card.HEAD + card.words(self.summary(node), most=None)

    def enter(self, node: Node, context: Context) -> Move:
        data = node.data
        if data["type"] == "text":
            most = LONGEST if is_attribute(data["variable"]) else TEXT_MAX
            context.assign(data["variable"], context.fill(data["value"])[:most])
        else:
            now = wall_clock(context.now, context.settings.zone)
            found = expressions.evaluate(data["type"], data["value"], context.variables, now)
            context.assign(data["variable"], found.value, found.why)
        return ON

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        yield from target_name(node, owner, "variable", data["variable"])
        if data["type"] == "text":
            yield from text_limit(node, owner, "value", "the text", data["value"], TEXT_MAX)
        elif words := expressions.problem(data["type"], data["value"]):
            text = f"{owner}: the {data['type']} cannot be calculated: {words}. Correct the formula."
            yield Finding("formula", text, node=node.id, field="value")


KIND = SetVariable()
