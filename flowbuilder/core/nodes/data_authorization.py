"""Data authorization: asks whether somebody's data may be used. What was answered, when, and to which wording is kept as proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.conditions import number_spoken, same_answer
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.links import link_problem
from flowbuilder.core.nodes.base import Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import no_variables, text_limit
from flowbuilder.core.nodes.moves import Ignore, Leave, Move, Wait
from flowbuilder.core.run import Input, InputKind

ACCEPTED, DECLINED = "accepted", "declined"
CHOICES = (ACCEPTED, DECLINED)


class DataAuthorization(NodeKind):
    name = "data_authorization"
    label = "Data authorization"
    icon = "shield-check"
    tone = "green"
    group = "Frequent"
    order = 40
    waits = True
    says_again = 2

    def ports(self, node: Node) -> tuple[Port, ...]:
        return Port(ACCEPTED, node.data[ACCEPTED] or "Accepted"), Port(DECLINED, node.data[DECLINED] or "Declined")

    def blank(self) -> dict[str, Any]:
        text = "Before we go on we need your permission to use your data."
        again = "Please choose one of the two, or send {{exit_word}} to leave."
        return {"text": text, "policy": "", ACCEPTED: "I accept", DECLINED: "I do not accept", "tries": 3, "retry_text": again}

    def texts(self, node: Node) -> tuple[str, ...]:
        return node.data["text"], node.data["retry_text"]

    def typed(self, node: Node) -> Mapping[str, tuple[str, ...]]:
        return {choice: (node.data[choice], str(at)) for at, choice in enumerate(CHOICES, 1)}

    def height(self, node: Node) -> int:
        return card.HEAD + card.words(node.data["text"]) + card.KEPT

    def enter(self, node: Node, context: Context) -> Move:
        context.say(_question(node, context))
        return Wait()

    def take(self, node: Node, input: Input, context: Context) -> Move:
        """An answer that is neither, given too often, goes the way of declining, but nobody declined: nothing is kept."""
        choice = _chosen(node, input)
        if choice:
            context.authorize(choice, wording(node))
            return Leave(choice)
        if input.kind is InputKind.TAP:
            return Ignore("stale", "This button belongs to another message.")
        if context.missed(node.data["tries"], "The answer is neither of the two."):
            return Leave(DECLINED)
        context.say(message.Text(context.fill(node.data["retry_text"])))
        context.say(_question(node, context))
        return Wait()

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        most = message.BODY_MAX - len(_below(data["policy"]))
        yield from text_limit(node, owner, "text", "the text", data["text"], most, required=True)
        yield from text_limit(node, owner, "retry_text", "the text after a wrong answer", data["retry_text"], message.TEXT_MAX)
        for field, words in ((ACCEPTED, "the button for accepting"), (DECLINED, "the button for declining")):
            yield from text_limit(node, owner, field, words, data[field], message.BUTTON_TITLE_MAX, required=True)
            yield from no_variables(node, owner, field, words, data[field])
        if data[ACCEPTED].strip() and same_answer(data[ACCEPTED], data[DECLINED]):
            yield Finding("repeated", f"{owner}: both buttons read alike. Make each different.", node=node.id, field=DECLINED)
        if not data["policy"].strip():
            yield Finding("empty", f"{owner}: enter the address of your data policy.", node=node.id, field="policy")
        elif words := link_problem(data["policy"].strip(), with_variables=False):
            yield Finding("link", f"{owner}: {words}", node=node.id, field="policy")


def wording(node: Node) -> dict[str, str]:
    """What somebody answers to, as it was written: without the values that are filled in for one person."""
    return {name: node.data[name] for name in ("text", "policy", *CHOICES)}


def _question(node: Node, context: Context) -> message.Content:
    body = context.fill(node.data["text"]) + _below(node.data["policy"])
    return message.Buttons(body, tuple(message.Button(f"{node.id}:{choice}", node.data[choice]) for choice in CHOICES))


def _below(policy: str) -> str:
    return f"\n\n{policy.strip()}" if policy.strip() else ""


def _chosen(node: Node, input: Input) -> str:
    """By a tap on this very question; typed, by the words of a button or by its number."""
    for at, choice in enumerate(CHOICES, 1):
        if input.kind is InputKind.TAP and input.option == f"{node.id}:{choice}":
            return choice
        if input.kind is InputKind.TEXT and (same_answer(input.text, node.data[choice]) or number_spoken(input.text) == at):
            return choice
    return ""


KIND = DataAuthorization()
