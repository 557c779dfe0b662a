"""Validation: a provider checks a document, a face, a signature or a background. The person is sent a link; the run waits for
the provider's result, which comes later and from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import RESULT_WITHIN, Context, NodeKind, Stay, name_of
from flowbuilder.core.nodes.limits import no_variables, text_limit, variable_name
from flowbuilder.core.nodes.moves import Ask, Leave, Move, Wait
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.validations import CHECKS, reason_of

APPROVED, REJECTED, EXPIRED = Port("approved", "Approved"), Port("rejected", "Rejected"), Port("expired", "Expired")
LONGEST = 30 * 24 * 3600
AGAIN, BETWEEN = 3, timedelta(minutes=1)
_NO_TIME = "No result came in time."


class Validation(NodeKind):
    name = "validation"
    label = "Validation"
    icon = "id-badge-2"
    tone = "violet"
    group = "Connected"
    order = 30
    waits = True
    waits_for = "result"
    ports_tell = True
    rehearsed = {"link": "https://example.com/"}
    checks = CHECKS

    def ports(self, node: Node) -> tuple[Port, ...]:
        return APPROVED, REJECTED, EXPIRED

    def blank(self) -> dict[str, Any]:
        text = "Please open this link and follow what it asks. It takes about two minutes."
        return {"check": "document", "text": text, "label": "Open", "after": 12 * 3600, "variable": "validation"}

    def assigns(self, node: Node) -> Mapping[str, tuple[str, ...]]:
        variable = node.data["variable"]
        return {port.id: (variable, reason_of(variable)) for port in self.ports(node)} if variable else {}

    def keeps(self, node: Node) -> Mapping[str, tuple[str, ...] | str]:
        return {port.id: (port.id,) for port in self.ports(node)}

    def summary(self, node: Node) -> str:
        return CHECKS[node.data["check"]]

    def height(self, node: Node) -> int:
        return card.HEAD + card.words(node.data["text"]) + card.KEPT

    def enter(self, node: Node, context: Context) -> Move:
        ends = context.now + timedelta(seconds=node.data["after"])
        context.scratch["until"] = ends.isoformat()
        asked = {"provider": node.data.get("provider", ""), "check": node.data["check"], "expires_at": ends.isoformat()}
        return Ask({"kind": "validation"} | asked, until=ends)

    def take(self, node: Node, input: Input, context: Context) -> Move:
        """First what became of starting it, with the link; then the result."""
        if input.kind is InputKind.TIMER:
            return _ended(node, context, EXPIRED.id, _NO_TIME)
        result = input.result or {}
        if result.get("error"):
            return _ended(node, context, EXPIRED.id, result["error"])
        if result.get("status") in (port.id for port in self.ports(node)):
            return _ended(node, context, result["status"], result.get("reason", ""))
        if (link := result.get("link")) and not context.scratch.get("link"):
            context.scratch["link"] = link
            context.say(_link(node, context))
        return Wait(until=datetime.fromisoformat(context.scratch["until"]), for_more=True)

    def meanwhile(self, node: Node, context: Context) -> bool:
        """The link once more, a few times and once for what is written in one go: whoever writes may have lost sight of it."""
        again = context.scratch.get("again", [])
        if not context.scratch.get("link") or len(again) >= AGAIN:
            return False
        if again and context.now < datetime.fromisoformat(again[-1]) + BETWEEN:
            return False
        context.scratch["again"] = [*again, context.now.isoformat()]
        context.say(_link(node, context))
        return True

    def says(self, node: Node) -> int:
        return super().says(node) + AGAIN

    def lasts(self, node: Node, port: str) -> Stay:
        return Stay(0, node.data["after"])

    def asked(self, node: Node) -> dict[str, str]:
        """The link leads to it."""
        return {"check": node.data["check"]}

    def speaks(self, node: Node) -> tuple[int, ...]:
        """Once it is known by which link."""
        return (min(RESULT_WITHIN, node.data["after"]),)

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        yield from text_limit(node, owner, "text", "the text that comes with the link", data["text"], message.BODY_MAX, required=True)
        yield from text_limit(node, owner, "label", "the words on the button", data["label"], message.LINK_LABEL_MAX, required=True)
        yield from no_variables(node, owner, "label", "the button", data["label"])
        yield from variable_name(node, owner, "variable", data["variable"], required=True)
        if len(data["variable"]) > 25:
            yield Finding("variable_name", f"{owner}: the name of the result has at most 25 characters.", node=node.id, field="variable")


def _link(node: Node, context: Context) -> message.Link:
    return message.Link(context.fill(node.data["text"]), node.data["label"], context.scratch["link"])


def _ended(node: Node, context: Context, status: str, reason: str) -> Move:
    context.assign(node.data["variable"], status)
    context.assign(reason_of(node.data["variable"]), reason[: message.TEXT_MAX])
    return Leave(status)


KIND = Validation()
