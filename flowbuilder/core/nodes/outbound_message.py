"""Outbound message: sends an approved one on the way, which also reaches people outside the 24-hour window, and goes on by the reply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.conditions import same_answer
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import OTHERWISE, Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import text_limit
from flowbuilder.core.nodes.moves import Ignore, Leave, Move, Wait
from flowbuilder.core.run import Input, InputKind


class OutboundMessage(NodeKind):
    name = "outbound_message"
    label = "Outbound message"
    icon = "speakerphone"
    tone = "teal"
    group = "Connected"
    order = 80
    waits = True
    reminds = False

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (*(Port(one["id"], one["title"]) for one in node.data["replies"]), OTHERWISE)

    def blank(self) -> dict[str, Any]:
        return {"parameters": {}, "replies": []}

    def texts(self, node: Node) -> tuple[str, ...]:
        return tuple(node.data["parameters"].values())

    def summary(self, node: Node) -> str:
        return ""

    def shows(self, node: Node) -> str:
        return "The outbound message"

    def speaks(self, node: Node) -> tuple[int, ...]:
        """Nothing that needs the window open."""
        return ()

    def sends(self, node: Node) -> tuple[str, ...]:
        return (node.data["message"],) if node.data.get("message") else ()

    def replies(self, node: Node) -> tuple[str, ...] | None:
        return tuple(one["title"] for one in node.data["replies"])

    def typed(self, node: Node) -> Mapping[str, tuple[str, ...]]:
        return {one["id"]: (one["title"],) for one in node.data["replies"]}

    def height(self, node: Node) -> int:
        return card.HEAD + card.REVIEW + card.words("\n" * 4)

    def enter(self, node: Node, context: Context) -> Move:
        """WhatsApp takes no line break in a value."""
        values = {name: " ".join(context.fill(text).split()) for name, text in node.data["parameters"].items()}
        context.say(message.Template(node.data.get("message", ""), values))
        return Wait()

    def take(self, node: Node, input: Input, context: Context) -> Move:
        given = (input.title or input.option) if input.kind is InputKind.TAP else input.text
        replies = node.data["replies"]
        for one in (*(one for one in replies if one["title"] == given), *replies):
            if given and same_answer(given, one["title"]):
                return Leave(one["id"])
        if input.kind is InputKind.TAP:
            return Ignore("stale", "This button belongs to another message.")
        return Leave(OTHERWISE.id)

    def limits(self, node: Node) -> Iterator[Finding]:
        owner = name_of(self, node)
        for name, text in node.data["parameters"].items():
            yield from text_limit(node, owner, "parameters", f"the value of {name}", text, message.BODY_MAX, required=True)


KIND = OutboundMessage()
