"""You send it: the opening with an initial message. Its two buttons are the ways on; its variables may be filled in (``core.filling``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.conditions import same_answer
from flowbuilder.core.filling import Filling, is_of_contact
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import no_variables, text_limit
from flowbuilder.core.nodes.moves import Ignore, Leave, Move, Quit, Wait
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.variables import names_in

CONTINUE, FINISH = "continue", "finish"
TRIES = 3


class YouSendIt(NodeKind):
    name = "you_send_it"
    label = "You send it"
    icon = "send"
    tone = "teal"
    group = "Start"
    order = 10
    is_start = is_sent = True
    opening = CONTINUE
    waits = True
    reminds = False

    def turns(self, node: Node) -> int:
        return TRIES

    def ports(self, node: Node) -> tuple[Port, ...]:
        return Port(CONTINUE, "Continue"), Port(FINISH, "Cancel", must_lead=False)

    def blank(self) -> dict[str, Any]:
        return {}

    def texts(self, node: Node) -> tuple[str, ...]:
        return ()

    def summary(self, node: Node) -> str:
        return ""

    def asked(self, node: Node) -> dict[str, str]:
        """The initial message keeps the buttons with which it was sent."""
        return {}

    def shows(self, node: Node) -> str:
        return "The initial message"

    def height(self, node: Node) -> int:
        return card.HEAD + card.REVIEW + card.words("\n" * 4)

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, filling = name_of(self, node), Filling.of(node.data)
        for name, text in filling.values.items():
            other = filling.otherwise.get(name, "")
            if wrong := [one for one in names_in(text) if not is_of_contact(one)]:
                words = f"{owner}: “{wrong[0]}” is not known before the conversation. Fill “{name}” in with something of the contact."
                yield Finding("not_of_contact", words, node=node.id, field="filled")
            elif names_in(text) and not other.strip():
                words = f"{owner}: “{name}” comes from the contact, who may have none. Enter what stands there then."
                yield Finding("no_fallback", words, node=node.id, field="otherwise")
            yield from text_limit(node, owner, "filled", f"the words for {name}", text, message.BODY_MAX, required=True)
            yield from no_variables(node, owner, "otherwise", f"what stands for {name} otherwise", other)

    def enter(self, node: Node, context: Context) -> Move:
        return Wait()

    def take(self, node: Node, input: Input, context: Context) -> Move:
        choice = self._choice(node, input, context)
        if choice == CONTINUE:
            return Leave(CONTINUE)
        if choice == FINISH:
            return Quit(FINISH, "finish")
        if input.kind is InputKind.TAP:
            return Ignore("stale", "This button belongs to another message.")
        if context.missed(TRIES, "None of the two options was chosen."):
            return Quit(FINISH, "tries")
        context.say(message.Buttons(context.fill(context.settings.reprompt), self._buttons(node, context)))
        return Wait()

    def _choice(self, node: Node, input: Input, context: Context) -> str | None:
        """A tap carries the payload, or the label where the initial message was sent without payloads."""
        given = input.option.removeprefix(f"{node.id}:") if input.kind is InputKind.TAP else input.text
        for choice in (CONTINUE, FINISH):
            if input.kind is InputKind.TAP and given == choice:
                return choice
            if given and same_answer(given, context.labels.get(choice, "")):
                return choice
        return None

    def _buttons(self, node: Node, context: Context) -> tuple[message.Button, ...]:
        titles = [message.cut(context.labels[choice], message.BUTTON_TITLE_MAX) for choice in (CONTINUE, FINISH)]
        if same_answer(*titles):
            titles = ["Continue", "Cancel"]
        return tuple(message.Button(f"{node.id}:{choice}", title) for choice, title in zip((CONTINUE, FINISH), titles, strict=True))


KIND = YouSendIt()
