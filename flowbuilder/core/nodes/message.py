"""Message: says a text and goes on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.message import TEXT_MAX, Text
from flowbuilder.core.nodes.base import NEXT, Context, Leave, Move, NodeKind, name_of
from flowbuilder.core.nodes.limits import text_limit


class Message(NodeKind):
    name = "message"
    label = "Message"
    icon = "message"
    tone = "blue"
    group = "Frequent"
    order = 10

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (NEXT,)

    def blank(self) -> dict[str, Any]:
        return {"text": ""}

    def enter(self, node: Node, context: Context) -> Move:
        context.say(Text(context.fill(node.data["text"])))
        return Leave(NEXT.id)

    def limits(self, node: Node) -> Iterable[Finding]:
        return text_limit(node, name_of(self, node), "text", "the text", node.data["text"], TEXT_MAX, required=True)


KIND = Message()
