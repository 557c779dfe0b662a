"""Get validation result: tells the person what came of a validation before, with a text for each result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import NEXT, Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import text_limit, variable_name
from flowbuilder.core.nodes.moves import Leave, Move
from flowbuilder.core.validations import RESULTS
from flowbuilder.core.variables import names_in


class ValidationResult(NodeKind):
    name = "validation_result"
    label = "Get validation result"
    icon = "shield-check"
    tone = "violet"
    group = "Connected"
    order = 31
    results = RESULTS

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (NEXT,)

    def blank(self) -> dict[str, Any]:
        approved, rejected = "Thank you: all is in order.", "We could not confirm it this time."
        return {"variable": "validation", "approved": approved, "rejected": rejected, "expired": "The time for it is over."}

    def texts(self, node: Node) -> tuple[str, ...]:
        return tuple(node.data[result] for result in RESULTS)

    def reads(self, node: Node) -> tuple[str, ...]:
        variable = node.data["variable"]
        return tuple(dict.fromkeys(filter(None, (variable, *names_in(*self.texts(node))))))

    def summary(self, node: Node) -> str:
        return node.data["variable"]

    def shows(self, node: Node) -> str:
        return next(filter(None, self.texts(node)), "")

    def imagined(self, node: Node) -> Mapping[str, Mapping[str, str]]:
        return {words: {node.data["variable"]: result} for result, words in RESULTS.items()}

    def height(self, node: Node) -> int:
        return card.HEAD + card.words("\n" * 2)

    def enter(self, node: Node, context: Context) -> Move:
        result = context.variables.get(node.data["variable"], "")
        if result in RESULTS:
            context.say(message.Text(context.fill(node.data[result])))
        return Leave(NEXT.id)

    def limits(self, node: Node) -> Iterator[Finding]:
        owner = name_of(self, node)
        yield from variable_name(node, owner, "variable", node.data["variable"], required=True)
        for result, words in RESULTS.items():
            text = node.data[result]
            yield from text_limit(node, owner, result, f"the text for “{words}”", text, message.TEXT_MAX, required=True)


KIND = ValidationResult()
