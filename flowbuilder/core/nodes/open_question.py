"""Open question: takes a typed answer of a certain type and keeps it in a variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core import message
from flowbuilder.core.answers import TYPES, read_answer
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import OTHERWISE, Context, Ignore, Leave, Move, NodeKind, Wait, name_of
from flowbuilder.core.nodes.limits import text_limit, variable_name
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.variables import CONTACT_PHONE

ANSWERED = Port("answered", "Answered")


class OpenQuestion(NodeKind):
    name = "open_question"
    label = "Open question"
    icon = "help-circle"
    tone = "pink"
    group = "Frequent"
    order = 30
    waits = True

    def ports(self, node: Node) -> tuple[Port, ...]:
        return ANSWERED, OTHERWISE

    def blank(self) -> dict[str, Any]:
        retry = "Sorry, I did not understand that. Please answer again, or send {{exit_word}} to leave."
        return {"text": "", "answer": "text", "variable": "answer", "tries": 3, "retry_text": retry}

    def texts(self, node: Node) -> tuple[str, ...]:
        return node.data["text"], node.data["retry_text"]

    def assigns(self, node: Node) -> Mapping[str, str]:
        return {ANSWERED.id: node.data["variable"]} if node.data["variable"] else {}

    def heard(self, node: Node, port: Port) -> str:
        return TYPES[node.data["answer"]] if port == ANSWERED else super().heard(node, port)

    def enter(self, node: Node, context: Context) -> Move:
        context.say(message.Text(context.fill(node.data["text"])))
        return Wait()

    def take(self, node: Node, input: Input, context: Context) -> Move:
        if input.kind is InputKind.TAP:
            return Ignore("stale", "This button belongs to another message; the question is still open.")
        kind = node.data["answer"]
        text = input.text if input.kind is InputKind.TEXT else ""
        value = read_answer(kind, text, context.variables.get(CONTACT_PHONE, ""))
        if value is not None:
            context.assign(node.data["variable"], value)
            return Leave(ANSWERED.id)
        if context.missed(node.data["tries"], f"The answer is not {TYPES[kind]}."):
            return Leave(OTHERWISE.id)
        context.say(message.Text(context.fill(node.data["retry_text"] or node.data["text"])))
        return Wait()

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        yield from text_limit(node, owner, "text", "the question", data["text"], message.TEXT_MAX, required=True)
        yield from text_limit(node, owner, "retry_text", "the text after a wrong answer", data["retry_text"], message.TEXT_MAX)
        yield from variable_name(node, owner, "variable", data["variable"], required=True)


KIND = OpenQuestion()
