"""The content of an outbound message as a value: its parts, its customizable words, and what it reads like filled in.

The rules for writing one live in ``core.lint``, the review in ``core.review``, Meta's JSON in ``whatsapp.payloads``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from flowbuilder.core import otp
from flowbuilder.core.actions import Action, Call, Link, read_action
from flowbuilder.core.actions import Reply as Reply
from flowbuilder.core.finding import Finding
from flowbuilder.core.medium import Kind, Medium, linked

_E = TypeVar("_E", bound=StrEnum)
_UNFIT = re.compile(r"[\n\r\t]| {5,}")
_WORD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
CODE = "code"


class Category(StrEnum):
    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


class Conversation(StrEnum):
    NOTIFICATION = "NOTIFICATION"
    FLOW = "FLOW"


class Format(StrEnum):
    """How Meta knows the words of a message: by name, or (only in those that came from elsewhere) by number."""

    NAMED = "NAMED"
    POSITIONAL = "POSITIONAL"


@dataclass(frozen=True, slots=True)
class Variable:
    """A customizable word and the example that Meta's reviewer sees in its place."""

    name: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Otp:
    """What a designer may set of a one-time code; ``body`` and ``footer`` are Meta's words where it has told them."""

    lifetime_minutes: int | None = 5
    security_advice: bool = True
    button_label: str = "Copy code"
    body: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateContent:
    """An outbound message as it was typed: possibly incomplete, possibly wrong, never lost."""

    name: str = ""
    category: Category = Category.UTILITY
    language: str = "en_US"
    kind: Kind = Kind.TEXT
    conversation: Conversation = Conversation.NOTIFICATION
    header: str = ""
    body: str = ""
    footer: str = ""
    variables: tuple[Variable, ...] = ()
    continue_option: str = ""
    finish_option: str = ""
    actions: tuple[Action, ...] = ()
    otp: Otp = Otp()
    format: Format = Format.NAMED
    sample: Medium | None = None
    """What Meta's reviewer sees at the head of the message. It may be of another kind than the message, which then lacks one."""

    @property
    def is_otp(self) -> bool:
        return self.category is Category.AUTHENTICATION

    @property
    def starts_flow(self) -> bool:
        return self.conversation is Conversation.FLOW and not self.is_otp

    @property
    def shows_medium(self) -> bool:
        """Whether a picture, a video or a document stands at its head."""
        return self.kind is not Kind.TEXT and not self.is_otp

    @property
    def fitting_sample(self) -> Medium | None:
        return self.sample if self.sample and self.shows_medium and self.sample.kind is self.kind else None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TemplateContent:
        """Read stored content; what is missing or of a wrong type takes its default."""
        variables = [v for v in _items(data, "variables") if _text(v, "name")]
        code = data.get("otp") if isinstance(data.get("otp"), Mapping) else {}
        minutes = code.get("lifetime_minutes", 5)
        return cls(
            name=_text(data, "name"),
            category=_choice(Category, data.get("category"), Category.UTILITY),
            language=_text(data, "language") or "en_US",
            kind=_choice(Kind, data.get("kind"), Kind.TEXT),
            conversation=_choice(Conversation, data.get("conversation"), Conversation.NOTIFICATION),
            header=_text(data, "header"),
            body=_text(data, "body"),
            footer=_text(data, "footer"),
            variables=tuple(Variable(_text(v, "name"), _text(v, "example")) for v in variables),
            continue_option=_text(data, "continue_option"),
            finish_option=_text(data, "finish_option"),
            actions=tuple(read_action(a) for a in _items(data, "actions")),
            otp=Otp(
                lifetime_minutes=minutes if isinstance(minutes, int) and not isinstance(minutes, bool) else None,
                security_advice=bool(code.get("security_advice", True)),
                button_label=_text(code, "button_label") if "button_label" in code else "Copy code",
                body=_text(code, "body"),
                footer=_text(code, "footer"),
            ),
            format=_choice(Format, data.get("format"), Format.NAMED),
            sample=Medium.from_json(data.get("sample")),
        )

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        return {**data, "variables": list(data["variables"]), "actions": list(data["actions"])}

    def settled(self) -> TemplateContent:
        """Without what this kind of message does not have: a one-time code keeps none of the free texts, and so on."""
        if self.is_otp:
            return TemplateContent(name=self.name, category=self.category, language=self.language, otp=self.otp)
        used = set(variables_used(self))
        kept = replace(self, variables=tuple(v for v in self.variables if v.name in used), otp=Otp(), sample=self.fitting_sample)
        kept = replace(kept, header="") if self.shows_medium else kept
        return kept if self.starts_flow else replace(kept, continue_option="", finish_option="")


@dataclass(frozen=True, slots=True)
class Button:
    """One button under a message as people see it; ``kind`` is reply, link, call or copy."""

    kind: str
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    header: str
    body: str
    footer: str
    buttons: tuple[Button, ...]
    medium: Medium | None = None


def words_in(text: str) -> tuple[str, ...]:
    """What stands between double braces, in order, as it was typed, repetitions included."""
    return tuple(_WORD.findall(text)) if "{{" in text else ()


@lru_cache(maxsize=512)
def variables_used(content: TemplateContent) -> tuple[str, ...]:
    """The names of all customizable words that this message asks for, each once, in order of appearance."""
    if content.is_otp:
        return (CODE,)
    texts = [content.header if content.kind is Kind.TEXT else "", content.body]
    texts += [a.url for a in content.actions if isinstance(a, Link)]
    return tuple(dict.fromkeys(name for text in texts for name in words_in(text)))


def examples(content: TemplateContent) -> dict[str, str]:
    """Each customizable word with its example, as a preview fills it in; a word without one stays as it is."""
    if content.is_otp:
        return {CODE: "123456"}
    return {v.name: v.example for v in content.variables if v.example}


def fill(text: str, parameters: Mapping[str, str]) -> str:
    """``text`` with its words replaced; a word without a value stays visible in its braces."""
    if "{{" not in text:
        return text
    return _WORD.sub(lambda found: str(parameters.get(found[1]) or found[0]), text)


def medium_of(content: TemplateContent, parameters: Mapping[str, str], chosen: Medium | None) -> Medium | None:
    """What stands at the head of this very message: the link of its row, else what was ``chosen`` for the send."""
    if not content.shows_medium:
        return None
    return linked(content.kind, parameters) or (chosen if chosen and chosen.kind is content.kind else None)


def render(content: TemplateContent, parameters: Mapping[str, str], medium: Medium | None = None) -> Rendered:
    """What a customer reads when the message is sent with these values; without a ``medium`` of its own, the sample stands for it."""
    if content.is_otp:
        return _render_otp(content, parameters)
    replies = [content.continue_option, content.finish_option] if content.starts_flow else []
    buttons = [Button("reply", label) for label in replies]
    for action in content.actions:
        value = action.phone if isinstance(action, Call) else fill(action.url, parameters) if isinstance(action, Link) else ""
        buttons.append(Button(action.kind, action.label, value))
    header = fill(content.header, parameters) if content.kind is Kind.TEXT else ""
    seen = medium_of(content, parameters, medium or content.sample) or (Medium(kind=content.kind) if content.shows_medium else None)
    return Rendered(header, fill(content.body, parameters), content.footer, tuple(buttons), seen)


def check_parameters(content: TemplateContent, parameters: Mapping[str, str]) -> tuple[Finding, ...]:
    """What Meta would refuse of these values at sending (codes 131008, 132018, 132005); ``field`` is the word's name."""
    findings = []
    for name in variables_used(content):
        value = str(parameters.get(name) or "")
        if not value.strip():
            findings.append(Finding("missing_value", f"Fill in {name}: the message needs a value for it.", field=name))
        elif _UNFIT.search(value):
            text = f"{name} has a line break, a tab or more than four spaces in a row. Take them out: WhatsApp refuses them in a value."
            findings.append(Finding("whitespace_in_value", text, field=name))
        elif content.is_otp and len(value) > 15:
            text = f"The code has {len(value)} characters. WhatsApp takes at most 15."
            findings.append(Finding("code_too_long", text, field=name))
    return tuple(findings) or _too_long(content, parameters)


def _too_long(content: TemplateContent, parameters: Mapping[str, str]) -> tuple[Finding, ...]:
    filled = render(content, parameters)
    links = [button.value for button in filled.buttons if button.kind == "link"]
    parts = [("body", "message", filled.body, 1024), ("header", "header", filled.header, 60)]
    parts += [("actions", "link", url, 2000) for url in links]
    return tuple(
        Finding(
            "filled_too_long",
            f"With these values the {word} has {len(text)} characters, {most:,} is the most. Use shorter values.",
            field=field,
        )
        for field, word, text, most in parts
        if len(text) > most
    )


def quick_replies(content: TemplateContent) -> tuple[str, ...]:
    """The labels of the buttons that answer."""
    return tuple(button.label for button in render(content, {}).buttons if button.kind == "reply")


def rename(content: TemplateContent, old: str, new: str) -> TemplateContent:
    """Call a customizable word ``new`` wherever it was called ``old``."""

    def renamed(text: str) -> str:
        return _WORD.sub(lambda found: "{{" + new + "}}" if found[1] == old else found[0], text)

    return replace(
        content,
        header=renamed(content.header),
        body=renamed(content.body),
        variables=tuple(replace(v, name=new) if v.name == old else v for v in content.variables),
        actions=tuple(replace(a, url=renamed(a.url)) if isinstance(a, Link) else a for a in content.actions),
    )


def _render_otp(content: TemplateContent, parameters: Mapping[str, str]) -> Rendered:
    code = content.otp
    ours = otp.shipped(content.language, has_advice=code.security_advice, minutes=code.lifetime_minutes)
    body, footer = code.body or ours.body, (code.footer or ours.footer) if code.lifetime_minutes else ""
    return Rendered("", fill(body, parameters), footer, (Button("copy", code.button_label, parameters.get(CODE, "")),))


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _items(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = data.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _choice(kind: type[_E], value: Any, default: _E) -> _E:
    return kind(value) if isinstance(value, str) and value in set(kind) else default
