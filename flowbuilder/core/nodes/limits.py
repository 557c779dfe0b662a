"""The sentences that kinds share when a text is missing or too long. Variables count as one character each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node
from flowbuilder.core.variables import UNPAIRED, is_attribute, is_name, names_in, shortest, unpaired


def text_limit(node: Node, owner: str, field: str, words: str, text: str, limit: int, *, required: bool = False) -> Iterator[Finding]:
    """``words`` names the field in the sentence, as in "the footer"."""
    if required and not text.strip():
        yield Finding("empty", f"{owner}: enter {words}.", node=node.id, field=field)
    elif (length := shortest(text)) > limit:
        over = f"{length:,} characters, {length - limit:,} more than the {limit:,} that WhatsApp shows"
        yield Finding("too_long", f"{owner}: {words} has {over}. Shorten it.", node=node.id, field=field)


def paired_braces(node: Node, owner: str) -> Iterator[Finding]:
    """In every text of a step. The body of an HTTP request is JSON, in which braces close together by good right."""
    for field, value in node.data.items():
        by_right = ("}}",) if (node.kind, field) == ("http_request", "body") else ()
        if _is_unpaired(value, by_right):
            yield Finding("unmatched_braces", f"{owner}: a {UNPAIRED.format('variables')}", node=node.id, field=field)


def _is_unpaired(value: Any, by_right: tuple[str, ...]) -> bool:
    if isinstance(value, str):
        return ("{{" in value or "}}" in value) and not set(unpaired(value)).issubset(by_right)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return any([_is_unpaired(part, by_right) for part in value])


def no_variables(node: Node, owner: str, field: str, words: str, text: str) -> Iterator[Finding]:
    for name in names_in(text)[:1]:
        sentence = (
            f"{owner}: {words} cannot hold the variable {{{{{name}}}}}. Write the words themselves, or use the variable in the text above."
        )
        yield Finding("variable_in_title", sentence, node=node.id, field=field)


def variable_name(node: Node, owner: str, field: str, name: str, *, required: bool) -> Iterator[Finding]:
    if not name:
        if required:
            yield Finding("no_variable", f"{owner}: name the variable in which it is kept.", node=node.id, field=field)
    elif not is_name(name):
        rule = "Use small letters, digits and _, beginning with a letter, at most 32 characters"
        yield Finding("variable_name", f"{owner}: “{name[:40]}” cannot be the name of a variable. {rule}.", node=node.id, field=field)


def target_name(node: Node, owner: str, field: str, name: str) -> Iterator[Finding]:
    """A variable, or an attribute of the contact."""
    if name.startswith("contact.") and not is_attribute(name):
        text = f"{owner}: “{name[:40]}” cannot be set. Of a contact only attributes of its own can, such as contact.city."
        yield Finding("variable_name", text, node=node.id, field=field)
    elif not is_attribute(name):
        yield from variable_name(node, owner, field, name, required=True)


def repeated(values: Iterable[str]) -> Iterator[str]:
    """Each value that was there before, once."""
    seen: dict[str, int] = {}
    for value in values:
        seen[value] = seen.get(value, 0) + 1
        if seen[value] == 2:
            yield value
