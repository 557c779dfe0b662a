"""Open question: takes an answer of a certain type, within limits if there are any, and keeps it in a variable.

A text may come in pieces: they are joined once nothing more has come for some seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.answers import FILES, TYPES, read_answer, read_place
from flowbuilder.core.bounds import BOUNDED, Bounds, bound_problems
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.leaving import CLAUSES, without_leaving
from flowbuilder.core.nodes.base import OTHERWISE, PIECES_MAX, Context, NodeKind, Stay, name_of
from flowbuilder.core.nodes.limits import text_limit, variable_name
from flowbuilder.core.nodes.moves import Ignore, Leave, Move, Wait
from flowbuilder.core.nodes.retries import retry_limits, retry_text, retry_texts
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.variables import CONTACT_PHONE, names_in

PIECES = "pieces"
ANSWERED = Port("answered", "Answered")
ANSWERS = {
    "text": "Any text", "number": "Number", "email": "E-mail address", "date": "Date", "phone": "Phone number",
    "image": "Image", "file": "File", "audio": "Voice or audio", "location": "Location",
}  # fmt: skip
_WRONG = {
    "number": "Please answer with a number in digits", "email": "Please send an e-mail address, such as ana@example.com",
    "date": "Please send a date, such as 2026-12-31", "phone": "Please send a phone number with its country code",
    "image": "Please send a picture", "file": "Please send a file", "audio": "Please send a voice message",
    "location": "Please send your location",
}  # fmt: skip
_LEAVING = f"{CLAUSES['en']}."
RETRIES = {name: f"{_WRONG.get(name, 'Sorry, I did not understand that. Please answer again')}{_LEAVING}" for name in ANSWERS}
"""Kept for what is said after an answer that cannot be taken, as long as the designer has no other words: see ``after_wrong``."""
_OURS = frozenset((*RETRIES.values(), *map(without_leaving, RETRIES.values())))
SHORT = {"text": "any text", "email": "e-mail", "image": "image", "audio": "audio", "location": "location"}
_ON = Leave(ANSWERED.id)


class OpenQuestion(NodeKind):
    name = "open_question"
    label = "Open question"
    icon = "help-circle"
    tone = "pink"
    group = "Frequent"
    order = 30
    waits = True
    answers, bounded = ANSWERS, BOUNDED

    def ports(self, node: Node) -> tuple[Port, ...]:
        return ANSWERED, OTHERWISE

    def blank(self) -> dict[str, Any]:
        return {"text": "", "answer": "text", "variable": "answer", "tries": 3, "retry_text": RETRIES["text"]}

    def texts(self, node: Node) -> tuple[str, ...]:
        return node.data["text"], *retry_texts(node)

    def reads(self, node: Node) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().reads(node), *names_in(*Bounds.of(node.data).formulas))))

    def assigns(self, node: Node) -> Mapping[str, str]:
        return {ANSWERED.id: node.data["variable"]} if node.data["variable"] else {}

    def keeps(self, node: Node) -> Mapping[str, tuple[str, ...] | str]:
        return {ANSWERED.id: node.data["answer"]} if node.data["answer"] in ("number", "date") else {}

    def asked(self, node: Node) -> Mapping[str, Any]:
        return {name: part for name, part in super().asked(node).items() if name != "joins"}

    def heard(self, node: Node, port: Port) -> str:
        pieces = ", in pieces" if _joins(node.data) else ""
        return TYPES[node.data["answer"]] + pieces if port == ANSWERED else super().heard(node, port)

    def asks_for(self, node: Node) -> str:
        """What an answer must be, in the fewest words."""
        answer = node.data["answer"]
        return Bounds.of(node.data).words or SHORT.get(answer, answer)

    def after_wrong(self, data: Mapping[str, Any], text: str) -> str:
        """What is said where ``text`` is kept for it: in place of ours what an answer must be, with its limits."""
        if text not in _OURS:
            return text
        wanted = Bounds.of(data).wanted
        said = f"{wanted}{_LEAVING}" if wanted else RETRIES[data["answer"]]
        return said if text in RETRIES.values() else without_leaving(said)

    def keeps_a_file(self, node: Node) -> bool:
        return node.data["answer"] in FILES

    def lasts(self, node: Node, port: str) -> Stay:
        stay = super().lasts(node, port)
        return replace(stay, after=_joins(node.data), lingers=_joins(node.data) * PIECES_MAX) if stay.hears else stay

    def height(self, node: Node) -> int:
        return card.HEAD + card.words(node.data["text"]) + card.KEPT

    def enter(self, node: Node, context: Context) -> Move:
        context.say(message.Text(context.fill(node.data["text"])))
        return Wait()

    def take(self, node: Node, input: Input, context: Context) -> Move:
        if input.kind is InputKind.TAP:
            return Ignore("stale", "This button belongs to another message; the question is still open.")
        whole = _gathered(input, _joins(node.data), context)
        if not isinstance(whole, Input):
            return whole
        value, reason = _read(node.data, whole, context)
        if value is not None:
            context.assign(node.data["variable"], value)
            return _ON
        if context.missed(node.data["tries"], reason):
            return Leave(OTHERWISE.id)
        said = self.after_wrong(node.data, retry_text(node, context.tries))
        context.say(message.Text(context.fill(said or node.data["text"])))
        return Wait()

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        yield from text_limit(node, owner, "text", "the question", data["text"], message.TEXT_MAX, required=True)
        yield from retry_limits(node, owner)
        yield from variable_name(node, owner, "variable", data["variable"], required=True)
        for field, words in bound_problems(data):
            yield Finding("bound", f"{owner}: {words}", node=node.id, field=field)


def _joins(data: Mapping[str, Any]) -> int:
    """The seconds for which more of a text may come; other types come in one piece."""
    return data.get("joins", 0) if data["answer"] == "text" else 0


def _gathered(input: Input, joins: int, context: Context) -> Input | Move:
    """All pieces of a text as one answer, once nothing more of it is waited for."""
    before = context.scratch.pop(PIECES, [])
    if not (joins or before):
        return input
    if input.kind not in (InputKind.TEXT, InputKind.TIMER):
        return Ignore("busy", "More of a text is waited for, and nothing else is joined to it.") if before else input
    pieces = [*before, input.text] if input.kind is InputKind.TEXT else before
    if joins and input.kind is InputKind.TEXT and len(pieces) < PIECES_MAX:
        context.scratch[PIECES] = pieces
        return Wait(context.now + timedelta(seconds=joins))
    return Input(InputKind.TEXT, text="\n".join(pieces))


def _read(data: Mapping[str, Any], input: Input, context: Context) -> tuple[str | None, str]:
    """The answer as it is kept, or None with the reason."""
    kind = data["answer"]
    wrong = f"The answer is not {TYPES[kind]}."
    if kind == "location":
        return (read_place(input.media) if input.kind is InputKind.LOCATION else None), wrong
    if kind in FILES:
        is_one = input.kind is InputKind.MEDIA and (input.media or {}).get("type") in FILES[kind]
        return (input.media.get("url") or input.media["id"] if is_one else None), wrong
    value = read_answer(kind, input.text if input.kind is InputKind.TEXT else "", context.variables.get(CONTACT_PHONE, ""))
    if value is None:
        return None, wrong
    beyond = Bounds.of(data).broken_by(value, context)
    return (None, beyond) if beyond else (value, "")


KIND = OpenQuestion()
