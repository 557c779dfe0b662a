"""User sends it: the opening by a person's own words. Which live flow a message starts is found by ``services.flows.openings``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowbuilder.core import consent
from flowbuilder.core.conditions import as_spoken
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import NEXT, ON, Context, NodeKind, Stay, name_of
from flowbuilder.core.nodes.limits import no_variables, repeated, text_limit
from flowbuilder.core.nodes.moves import Move, Wait
from flowbuilder.core.run import Input

PHRASE_MAX = 100


class UserSendsIt(NodeKind):
    name = "user_sends_it"
    label = "User sends it"
    icon = "message-circle-question"
    tone = "teal"
    group = "Start"
    order = 20
    is_start = True
    opening = NEXT.id
    waits = True
    phrase_max = PHRASE_MAX

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (NEXT,)

    def blank(self) -> dict[str, Any]:
        return {"phrases": [{"id": "p1", "text": ""}]}

    def texts(self, node: Node) -> tuple[str, ...]:
        return ()

    def summary(self, node: Node) -> str:
        return ", ".join(one["text"] for one in node.data["phrases"] if one["text"])

    def lasts(self, node: Node, port: str) -> Stay:
        """The conversation begins with what the person says."""
        return Stay(hears=True)

    def shows(self, node: Node) -> str:
        return ""

    def heard(self, node: Node, port: Port) -> str:
        return next((one["text"] for one in node.data["phrases"] if one["text"]), "a phrase")

    def enter(self, node: Node, context: Context) -> Move:
        return Wait()

    def take(self, node: Node, input: Input, context: Context) -> Move:
        return ON

    def phrases(self, node: Node) -> tuple[str, ...]:
        return tuple(dict.fromkeys(spoken for one in node.data["phrases"] if (spoken := as_spoken(one["text"]))))

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, phrases = name_of(self, node), [one["text"] for one in node.data["phrases"]]
        if not phrases:
            yield Finding("empty", f"{owner}: add a phrase that starts the conversation.", node=node.id, field="phrases")
        for at, phrase in enumerate(phrases, 1):
            yield from text_limit(node, owner, "phrases", f"phrase {at}", phrase, PHRASE_MAX, required=True)
            yield from no_variables(node, owner, "phrases", f"phrase {at}", phrase)
            if consent.wish(phrase):
                text = f"{owner}: “{phrase}” asks for no more messages, and is heeded as that. Choose another phrase."
                yield Finding("wish", text, node=node.id, field="phrases")
        for spoken in repeated(as_spoken(phrase) for phrase in phrases if phrase.strip()):
            yield Finding("repeated", f"{owner}: two phrases read “{spoken}”. Remove one.", node=node.id, field="phrases")


KIND = UserSendsIt()
