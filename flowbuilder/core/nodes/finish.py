"""Finish: ends the conversation, with a closing text if there is one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flowbuilder.core import card
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.message import TEXT_MAX, Text
from flowbuilder.core.nodes.base import Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import text_limit
from flowbuilder.core.nodes.moves import End, Move

OUTCOMES = {"success": "Success", "failure": "Failure", "neutral": "Neutral"}
USUAL = {"finish": "neutral"} | dict.fromkeys(
    ("no_reply", "otherwise", "failure", "failed", "rejected", "expired", "declined", "nobody"), "failure"
)
"""What a new Finish counts as, by the port at which it is added; elsewhere, and after a Condition, as a success."""


class Finish(NodeKind):
    name = "finish"
    label = "Finish"
    icon = "flag"
    group = "Frequent"
    order = 90

    def ports(self, node: Node) -> tuple[Port, ...]:
        return ()

    def blank(self) -> dict[str, Any]:
        return {"outcome": "success", "text": ""}

    def summary(self, node: Node) -> str:
        return node.data.get("text") or OUTCOMES.get(node.data.get("outcome", ""), "")

    def height(self, node: Node) -> int:
        text = node.data.get("text", "")
        return card.HEAD + (card.words(text) if text else 0) + card.OUTCOME

    def enter(self, node: Node, context: Context) -> Move:
        if text := node.data.get("text", ""):
            context.say(Text(context.fill(text)))
        return End(node.data["outcome"])

    def limits(self, node: Node) -> Iterable[Finding]:
        return text_limit(node, name_of(self, node), "text", "the closing text", node.data.get("text", ""), TEXT_MAX)


KIND = Finish()
