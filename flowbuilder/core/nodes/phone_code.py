"""Phone code: proves that somebody holds a phone number. The code goes there by an approved outbound message for one-time codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node
from flowbuilder.core.nodes.base import Context, name_of
from flowbuilder.core.nodes.codes import CodeStep
from flowbuilder.core.template import CODE, Category
from flowbuilder.core.variables import CONTACT_PHONE


class PhoneCode(CodeStep):
    name = "phone_code"
    label = "Phone code"
    icon = "device-mobile-message"
    tone = "teal"
    order = 20
    category = Category.AUTHENTICATION

    def blank(self) -> dict[str, Any]:
        return super().blank() | {"to": f"{{{{{CONTACT_PHONE}}}}}", "message": ""}

    def request(self, node: Node, context: Context) -> dict[str, Any]:
        return {"message": node.data["message"]}

    def sends(self, node: Node) -> tuple[str, ...]:
        return (node.data["message"],) if node.data["message"] else ()

    def fills(self, node: Node) -> tuple[str, ...]:
        return (CODE,)

    def limits(self, node: Node) -> Iterator[Finding]:
        if not node.data["message"]:
            text = f"{name_of(self, node)}: choose the outbound message that carries the code."
            yield Finding("empty", text, node=node.id, field="message")
        yield from super().limits(node)


KIND = PhoneCode()
