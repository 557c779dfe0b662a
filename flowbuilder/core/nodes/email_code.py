"""E-mail code: proves that somebody reads the mail of an address. The code goes there by the workspace's mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node
from flowbuilder.core.nodes.base import Context, name_of
from flowbuilder.core.nodes.codes import CodeStep
from flowbuilder.core.variables import shortest

SUBJECT_MAX, MAIL_MAX = 200, 4000
PLACE = "{{code}}"
"""Where the code stands in the mail; no variable of the flow is meant by it there."""
_PLACE = re.compile(r"\{\{\s*code\s*\}\}")


class EmailCode(CodeStep):
    name = "email_code"
    label = "E-mail code"
    icon = "mail-check"
    tone = "cyan"
    order = 30
    subject_max, mail_max = SUBJECT_MAX, MAIL_MAX

    def blank(self) -> dict[str, Any]:
        mail = f"Your code is {PLACE}. It is for you alone: please show it to nobody.\n\nIf you did not ask for it, there is nothing to do."
        return super().blank() | {"subject": f"{PLACE} is your code", "mail": mail}

    def request(self, node: Node, context: Context) -> dict[str, Any]:
        return {name: _filled(node.data[name], context) for name in ("subject", "mail")}

    def texts(self, node: Node) -> tuple[str, ...]:
        return *super().texts(node), *(_PLACE.sub("", node.data[name]) for name in ("subject", "mail"))

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        yield from super().limits(node)
        for field, most in (("subject", SUBJECT_MAX), ("mail", MAIL_MAX)):
            if not data[field].strip():
                yield Finding("empty", f"{owner}: enter the {field}.", node=node.id, field=field)
            elif (length := shortest(data[field])) > most:
                text = f"{owner}: the {field} has {length:,} characters, and {most:,} is the most. Shorten it."
                yield Finding("too_long", text, node=node.id, field=field)
        if data["mail"].strip() and not _PLACE.search(data["mail"]):
            yield Finding("no_code", f"{owner}: the mail must hold {PLACE}, where the code stands.", node=node.id, field="mail")


def _filled(text: str, context: Context) -> str:
    return PLACE.join(context.fill(part) for part in _PLACE.split(text))


KIND = EmailCode()
