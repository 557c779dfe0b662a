"""Answer options: a question with up to 3 buttons or a list of up to 10 answers, each a way on of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.conditions import as_spoken, as_written, number_spoken
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.memory import Beside
from flowbuilder.core.nodes.base import OTHERWISE, Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import no_variables, repeated, text_limit, variable_name
from flowbuilder.core.nodes.moves import Ignore, Leave, Move, Wait
from flowbuilder.core.nodes.retries import retry_limits, retry_text, retry_texts
from flowbuilder.core.run import Input, InputKind

LIST_BUTTON = "Choose"
_SHOWN: Beside[tuple[message.Button, ...]] = Beside(most=20_000)


class AnswerOptions(NodeKind):
    name = "answer_options"
    label = "Answer options"
    icon = "list-check"
    tone = "violet"
    group = "Frequent"
    order = 20
    waits = True
    says_again = 2

    def ports(self, node: Node) -> tuple[Port, ...]:
        options = node.data["options"]
        return *(Port(one["id"], one["title"] or f"Answer {at}") for at, one in enumerate(options, 1)), OTHERWISE

    def blank(self) -> dict[str, Any]:
        return {
            "style": "buttons",
            "text": "",
            "options": [{"id": "o1", "title": ""}, {"id": "o2", "title": ""}],
            "tries": 3,
            "retry_text": "Please choose one of the answers, or send {{exit_word}} to leave.",
        }

    def texts(self, node: Node) -> tuple[str, ...]:
        data = node.data
        descriptions = (one.get("description", "") for one in data["options"])
        return data["text"], data.get("header", ""), data.get("footer", ""), *retry_texts(node), *descriptions

    def assigns(self, node: Node) -> Mapping[str, str]:
        variable = node.data.get("variable", "")
        return {one["id"]: variable for one in node.data["options"]} if variable else {}

    def keeps(self, node: Node) -> Mapping[str, tuple[str, ...] | str]:
        return {one["id"]: (one["title"],) for one in node.data["options"]}

    def typed(self, node: Node) -> Mapping[str, tuple[str, ...]]:
        return {one["id"]: (one["title"], str(at)) for at, one in enumerate(node.data["options"], 1)}

    def asked(self, node: Node) -> Mapping[str, Any]:
        return {name: part for name, part in super().asked(node).items() if name not in ("options", "style", "list_button")}

    def asks_the_same(self, before: Node, after: Node) -> bool:
        """More answers may follow those that were shown: their titles and numbers are what they were."""
        shown = before.data["options"]
        return after.data["options"][: len(shown)] == shown and super().asks_the_same(before, after)

    def height(self, node: Node) -> int:
        data = node.data
        has_medium = bool(data.get("medium")) and data["style"] == "buttons"
        above = (card.MEDIUM if has_medium else card.TITLE) if has_medium or data.get("header") else 0
        return card.HEAD + above + card.words(data["text"]) + (card.LIST if data["style"] == "list" else 0)

    def enter(self, node: Node, context: Context) -> Move:
        context.say(_question(node, context))
        return Wait()

    def take(self, node: Node, input: Input, context: Context) -> Move:
        option = _chosen(node, input)
        if option is not None:
            context.assign(node.data.get("variable", ""), option["title"])
            return Leave(option["id"])
        if input.kind is InputKind.TAP:
            return Ignore("stale", "This button belongs to another message.")
        if context.missed(node.data["tries"], "The answer is none of the options."):
            return Leave(OTHERWISE.id)
        context.say(message.Text(context.fill(retry_text(node, context.tries))))
        context.say(_question(node, context))
        return Wait()

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data, is_list = name_of(self, node), node.data, node.data["style"] == "list"
        yield from text_limit(node, owner, "text", "the text", data["text"], message.BODY_MAX, required=True)
        yield from text_limit(node, owner, "header", "the header", data.get("header", ""), message.HEADER_MAX)
        yield from text_limit(node, owner, "footer", "the footer", data.get("footer", ""), message.FOOTER_MAX)
        yield from retry_limits(node, owner)
        yield from variable_name(node, owner, "variable", data.get("variable", ""), required=False)
        if is_list:
            label = data.get("list_button", "")
            yield from text_limit(node, owner, "list_button", "the button that opens the list", label, message.LIST_BUTTON_MAX)
            yield from no_variables(node, owner, "list_button", "the button that opens the list", label)
            yield from _section_limits(node, owner, data["options"])
        if is_list and data.get("medium"):
            text = f"{owner}: a list cannot show a file at its head. Remove the file, or show the answers as buttons."
            yield Finding("list_with_medium", text, node=node.id, field="medium")
        yield from _option_limits(node, owner, data["options"], is_list=is_list)


def _option_limits(node: Node, owner: str, options: list[Mapping[str, Any]], *, is_list: bool) -> Iterable[Finding]:
    most = message.ROWS_MAX if is_list else message.BUTTONS_MAX
    longest = message.ROW_TITLE_MAX if is_list else message.BUTTON_TITLE_MAX
    if not options:
        yield Finding("empty", f"{owner}: add at least one answer.", node=node.id, field="options")
    if len(options) > most:
        cure = "Remove some, or show them as a list" if not is_list and len(options) <= message.ROWS_MAX else "Remove some"
        text = (
            f"{owner}: {len(options)} answers are more than the {most} that WhatsApp shows as {'a list' if is_list else 'buttons'}. {cure}."
        )
        yield Finding("too_many", text, node=node.id, field="options")
    for at, option in enumerate(options, 1):
        words = f"answer {at}"
        yield from text_limit(node, owner, "options", words, option["title"], longest, required=True)
        yield from no_variables(node, owner, "options", words, option["title"])
        if is_list:
            description = option.get("description", "")
            yield from text_limit(node, owner, "options", f"the description of {words}", description, message.ROW_DESCRIPTION_MAX)
    for title in repeated(as_spoken(one["title"]) for one in options if one["title"].strip()):
        yield Finding("repeated", f"{owner}: two answers read “{title}”. Make each different.", node=node.id, field="options")


def _section_limits(node: Node, owner: str, options: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """A heading begins a section; then the first answer needs one, too."""
    headings = [(at, one["section"]) for at, one in enumerate(options, 1) if one.get("section", "").strip()]
    for at, heading in headings:
        words = f"the heading above answer {at}"
        yield from text_limit(node, owner, "options", words, heading, message.SECTION_TITLE_MAX)
        yield from no_variables(node, owner, "options", words, heading)
    if headings and headings[0][0] != 1:
        text = f"{owner}: the list has sections, so its first answer needs a heading above it, too."
        yield Finding("no_heading", text, node=node.id, field="options")


def _question(node: Node, context: Context) -> message.Content:
    data = node.data
    body, header, footer = [context.fill(data.get(part, "")) for part in ("text", "header", "footer")]
    if data["style"] == "buttons":
        medium = data.get("medium")
        return message.Buttons(body, _SHOWN.get(node, _buttons, node), "" if medium else header, footer, medium)
    rows = tuple(
        message.Row(_sent(node, one), one["title"], context.fill(one.get("description", "")), one.get("section", "").strip())
        for one in data["options"]
    )
    return message.List(body, data.get("list_button") or LIST_BUTTON, rows, header, footer)


def _buttons(node: Node) -> tuple[message.Button, ...]:
    return tuple(message.Button(_sent(node, one), one["title"]) for one in node.data["options"])


def _sent(node: Node, option: Mapping[str, Any]) -> str:
    """The id that goes out with an answer, and comes back when it is tapped."""
    return f"{node.id}:{option['id']}"


def _chosen(node: Node, input: Input) -> Mapping[str, Any] | None:
    """By the id of this very step's button; typed, by title or else by number."""
    options = node.data["options"]
    if input.kind is InputKind.TAP:
        return next((one for one in options if input.option == _sent(node, one)), None)
    if input.kind is not InputKind.TEXT:
        return None
    typed = as_spoken(input.text)
    for option in options:
        if typed and typed == as_written(option["title"]):
            return option
    number = number_spoken(input.text)
    return options[number - 1] if number and number <= len(options) else None


KIND = AnswerOptions()
