"""RapidPro's expressions in texts: ``@results.age`` or ``@(fields.district)`` become our variables, what is no mere name is told."""

from __future__ import annotations

import re

from flowbuilder.core.imports.building import Builder
from flowbuilder.core.imports.steps import json_path
from flowbuilder.core.message import cut
from flowbuilder.core.variables import CONTACT_FIRST_NAME, CONTACT_NAME, CONTACT_PHONE, as_variable, is_attribute

_ROOTS = "child|contact|fields|globals|input|legacy_extra|locals|node|parent|results|resume|run|ticket|trigger|urns|webhook"
_EXPRESSION = re.compile(rf"@@|@\(|@((?:{_ROOTS})(?![a-z0-9_])(?:\.[a-z0-9_]+|\[\d+\])*)", re.IGNORECASE)
_PART = re.compile(r"[a-z0-9_]+|(?<=\[)\d+(?=\])", re.IGNORECASE)
_PATH = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+|\[\d+\])*", re.IGNORECASE)
_ENCODED = re.compile(r"url_encode\(\s*(.+?)\s*\)", re.IGNORECASE)
_CONTACT = {
    "contact": CONTACT_NAME, "contact.name": CONTACT_NAME, "contact.first_name": CONTACT_FIRST_NAME, "contact.urn": CONTACT_PHONE,
    "contact.tel": CONTACT_PHONE, "urns.whatsapp": CONTACT_PHONE, "urns.tel": CONTACT_PHONE,
}  # fmt: skip
_PROPERTIES = frozenset({"category_localized", "category", "value", "input"})


class Texts:
    """``outputs`` are the parts of a web answer that texts speak of, by path, with the variables that stand for them."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.outputs: dict[str, str] = {}

    def variable(self, name: str) -> str:
        """Results are named freely and spoken of in small letters."""
        return self.builder.variable(re.sub(r"[^a-z0-9]+", "_", name.lower()) or "answer")

    def field(self, name: str) -> str:
        """A field of the contact, which is an attribute here."""
        found = as_variable(self.variable(name))
        return found if is_attribute(found) else f"{found}_field"

    def names(self, text: str) -> str:
        parts, at = [], 0
        for found in _EXPRESSION.finditer(text):
            if found.start() < at:
                continue
            parts.append(text[at : found.start()])
            end = found.end() if found[1] or found[0] == "@@" else _closing(text, found.end())
            parts.append("@" if found[0] == "@@" else self._named(text[found.start() : end], text))
            at = end
        return "".join(parts) + text[at:]

    def name_of(self, expression: str) -> str:
        """The variable that is meant by a mere name; empty where nothing here is."""
        inner = expression.removeprefix("@").removeprefix("(").removesuffix(")").strip()
        if encoded := _ENCODED.fullmatch(inner):
            inner = encoded[1]
        return self._name(inner.lower()) if _PATH.fullmatch(inner) else ""

    def _named(self, expression: str, text: str) -> str:
        name = self.name_of(expression)
        if not name:
            self.builder.changed(cut(text, 40), f"The expression {cut(expression, 200)} is not known here. Write it anew.")
        return f"{{{{{name}}}}}" if name else expression

    def _name(self, path: str) -> str:
        if path in _CONTACT:
            return _CONTACT[path]
        match _PART.findall(path):
            case ["webhook", "status" | "headers", *_]:
                return ""
            case ["webhook", "json", *parts] | ["webhook" | "legacy_extra", *parts]:
                return self._output("webhook", parts)
            case ["results", result, "extra", *parts]:
                return self._output(result, parts)
            case ["fields", name, *_] | ["contact" | "child" | "parent", "fields", name, *_]:
                return self.field(name)
            case ["results" | "locals", name, *parts] if set(parts) <= _PROPERTIES:
                return self.variable(name)
            case ["child" | "parent", "results", name, *_] | ["child" | "parent", "run", "results", name, *_]:
                return self.variable(name)
        return ""

    def _output(self, result: str, parts: list[str]) -> str:
        path = json_path(parts)
        if path not in self.outputs:
            self.outputs[path] = self.variable("_".join((result, *parts)))
        return self.outputs[path]


def _closing(text: str, at: int) -> int:
    """Behind the bracket that closes the one before ``at``, texts in quotes apart; the end where none does."""
    depth, is_quoted = 1, False
    for place in range(at, len(text)):
        sign = text[place]
        if sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return place + 1
    return len(text)
