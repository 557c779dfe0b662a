"""Meta's description of a template read as one of our messages: what we can hold of it, or why we can't.

The other direction is ``payloads.create``. Types and formats come in either case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from flowbuilder.core.actions import Reply
from flowbuilder.core.template import (
    CODE,
    Action,
    Call,
    Category,
    Conversation,
    Format,
    Kind,
    Link,
    Otp,
    TemplateContent,
    Variable,
    fill,
    words_in,
)
from flowbuilder.whatsapp.incoming import object_in, objects_in, text_in

_PARTS = ("HEADER", "BODY", "FOOTER", "BUTTONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A template of the account. ``unheld`` says in a sentence what of it we cannot send; then ``content`` is only a part."""

    meta_id: str
    name: str
    language: str
    status: str
    category: str
    reason: str
    quality: str
    correct_category: str
    content: TemplateContent
    unheld: str
    components: list[dict[str, Any]]


class _Unheld(Exception):
    """The sentence that says what we have no place for."""


def read(document: dict[str, Any]) -> Held:
    """One element of the account's list."""
    name, language = text_in(document, "name"), text_in(document, "language").replace("-", "_")
    category = text_in(document, "category").upper()
    components = [_upper(part) for part in objects_in(document, "components")]
    reason = text_in(document, "rejected_reason").upper()
    content, unheld = _content(name, language, category, components, _is_named(document, components))
    return Held(
        meta_id=text_in(document, "id"),
        name=name,
        language=language,
        status=text_in(document, "status").upper(),
        category=category,
        reason="" if reason == "NONE" else reason,
        quality=text_in(object_in(document, "quality_score"), "score").upper(),
        correct_category=text_in(document, "correct_category").upper(),
        content=content,
        unheld=unheld,
        components=objects_in(document, "components"),
    )


def _is_named(document: dict[str, Any], components: list[dict[str, Any]]) -> bool:
    """Where Meta does not say, numbers are positional words and all else is named."""
    said = text_in(document, "parameter_format").upper()
    words = [word for part in components for word in words_in(text_in(part, "text"))]
    return said == "NAMED" or (not said and any(not word.isdecimal() for word in words))


def _content(name: str, language: str, category: str, components: list[dict[str, Any]], is_named: bool) -> tuple[TemplateContent, str]:
    known = category if category in set(Category) else Category.UTILITY
    start = TemplateContent(name=name, category=Category(known), language=language or "en_US")
    parts = {part["type"]: part for part in components}
    reader = _Reader(is_named)
    try:
        for part in components:
            if part["type"] not in _PARTS:
                raise _Unheld(f"It has a part of the kind {_plain(part['type'])}.")
        content = _code(start, parts) if known == Category.AUTHENTICATION else reader.message(start, parts)
    except _Unheld as why:
        body = text_in(parts.get("BODY", {}), "text")
        return replace(start, body=body), f"{why} FlowBuilder cannot send that."
    return content, ""


class _Reader:
    """Gathers words and their examples while the parts are read; numbered words get names that end with their number."""

    def __init__(self, is_named: bool) -> None:
        self.is_named = is_named
        self.examples: dict[str, str] = {}

    def message(self, start: TemplateContent, parts: dict[str, dict[str, Any]]) -> TemplateContent:
        header = parts.get("HEADER", {})
        shape = text_in(header, "format") or "TEXT"
        if shape not in set(Kind):
            raise _Unheld(f"Its header is a {_plain(shape)}.")
        title = self.text(header, "header_text", "header") if header and shape == "TEXT" else ""
        body = self.text(parts.get("BODY", {}), "body_text", "word")
        actions = tuple(self.button(button) for button in objects_in(parts.get("BUTTONS", {}), "buttons"))
        return TemplateContent(
            name=start.name,
            category=start.category,
            language=start.language,
            kind=Kind(shape),
            conversation=Conversation.NOTIFICATION,
            header=title,
            body=body,
            footer=text_in(parts.get("FOOTER", {}), "text"),
            variables=tuple(Variable(name, example) for name, example in self.examples.items()),
            actions=actions,
            format=Format.NAMED if self.is_named else Format.POSITIONAL,
        )

    def text(self, part: dict[str, Any], key: str, prefix: str) -> str:
        text, example = text_in(part, "text"), object_in(part, "example")
        words = list(dict.fromkeys(words_in(text)))
        if self.is_named:
            said = {text_in(one, "param_name"): text_in(one, "example") for one in objects_in(example, f"{key}_named_params")}
            self.examples |= {word: said.get(word, "") for word in words}
            return fill(text, {word: "{{" + word + "}}" for word in words})
        if not all(word.isdecimal() and len(word) < 4 for word in words):
            raise _Unheld("Its customizable words have neither names nor numbers.")
        values = example.get(key) if isinstance(example.get(key), list) else []
        values = values[0] if values and isinstance(values[0], list) else values
        order = sorted(words, key=int)
        self.examples |= {f"{prefix}_{word}": str(value) for word, value in zip(order, values, strict=False)}
        return fill(text, {word: "{{" + f"{prefix}_{word}" + "}}" for word in words})

    def button(self, button: dict[str, Any]) -> Action:
        kind, label = text_in(button, "type"), text_in(button, "text")
        match kind:
            case "QUICK_REPLY":
                return Reply(label)
            case "PHONE_NUMBER":
                return Call(label, "+" + text_in(button, "phone_number").lstrip("+ "))
            case "URL":
                return Link(label, self.address(text_in(button, "url"), button.get("example")))
        raise _Unheld(f"It has a button of the kind {_plain(kind)}.")

    def address(self, url: str, example: Any) -> str:
        """The word of a link has no name at Meta; the example may be the word's or the whole address."""
        words = words_in(url)
        if not words:
            return url
        count = sum(name.startswith("link_") for name in self.examples) + 1
        name = next(f"link_{n}" for n in range(count, count + 100) if f"link_{n}" not in self.examples)
        said = example[0] if isinstance(example, list) and example else example
        fixed = url.partition("{{")[0]
        self.examples[name] = said.removeprefix(fixed) if isinstance(said, str) else ""
        return fill(url, {words[0]: "{{" + name + "}}"})


def _code(start: TemplateContent, parts: dict[str, dict[str, Any]]) -> TemplateContent:
    body, footer = text_in(parts.get("BODY", {}), "text"), parts.get("FOOTER", {})
    words = list(dict.fromkeys(words_in(body)))
    buttons = objects_in(parts.get("BUTTONS", {}), "buttons")
    if len(words) > 1 or "HEADER" in parts or len(buttons) != 1:
        raise _Unheld("It is not built like the one-time codes of today.")
    minutes = footer.get("code_expiration_minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        found = re.search(r"\d{1,2}", text_in(footer, "text"))
        minutes = int(found[0]) if found else None
    return TemplateContent(
        name=start.name,
        category=start.category,
        language=start.language,
        otp=Otp(
            lifetime_minutes=minutes,
            security_advice=bool(parts.get("BODY", {}).get("add_security_recommendation")),
            button_label=text_in(buttons[0], "text") or "Copy code",
            body=fill(body, {word: "{{" + CODE + "}}" for word in words}),
            footer=text_in(footer, "text"),
        ),
    )


def _upper(part: dict[str, Any]) -> dict[str, Any]:
    """The part with its type and format in capitals, those of its buttons too."""
    raised = {**part, "type": text_in(part, "type").upper(), "format": text_in(part, "format").upper()}
    buttons = objects_in(part, "buttons")
    return {**raised, "buttons": [{**button, "type": text_in(button, "type").upper()} for button in buttons]} if buttons else raised


def _plain(word: str) -> str:
    return word.replace("_", " ").lower() or "unknown"
