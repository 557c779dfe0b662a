"""Cures that are certain, applied to a message; and taking one back without losing what was typed since."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.lint.buttons import LABEL_MAX
from flowbuilder.core.lint.otp import nearest_lifetime
from flowbuilder.core.lint.texts import FOOTER_MAX, HEADER_MAX, NAME_MAX, without_emoji
from flowbuilder.core.lint.words import GREETINGS, THANKS, proper_name
from flowbuilder.core.template import Category, Reply, TemplateContent, rename, words_in

_LONGEST = {"name": NAME_MAX, "header": HEADER_MAX, "footer": FOOTER_MAX}


def fixed(content: TemplateContent, finding: Finding) -> TemplateContent:
    """The message with this cure applied; unchanged when the finding has none."""
    if finding.fix is None or finding.field is None:
        return content
    do, _, what = finding.fix.do.partition(":")
    return _CURES[do](content, finding.field, what)


def undo_of(before: TemplateContent, after: TemplateContent) -> str:
    """What is needed to take a change back, as text that travels through a form."""
    was, now = before.to_json(), after.to_json()
    changed = [name for name in was if was[name] != now[name]]
    return json.dumps({name: [was[name], now[name]] for name in changed})


def undone(content: TemplateContent, undo: str) -> TemplateContent:
    """The message as it was before, except where something else was typed meanwhile."""
    try:
        changes = json.loads(undo)
    except (ValueError, RecursionError):
        return content
    present = content.to_json()
    if not isinstance(changes, dict):
        return content
    pairs = {name: pair for name, pair in changes.items() if name in present and isinstance(pair, list) and len(pair) == 2}
    same = json.loads(json.dumps(present))
    return TemplateContent.from_json({**present, **{name: was for name, (was, now) in pairs.items() if same[name] == now}})


def _cut(content: TemplateContent, field: str, _what: str) -> TemplateContent:
    most = _LONGEST.get(field, LABEL_MAX)
    return _changed(content, field, lambda text: _shortened(text, most))


def _shortened(text: str, most: int) -> str:
    """At the end of a word where there is one, and never inside of braces."""
    cut = text[:most]
    if text[most : most + 1].strip() and " " in cut.strip():
        cut = cut[: cut.rindex(" ")]
    if cut.count("{{") > cut.count("}}"):
        cut = cut[: cut.rindex("{{")]
    return cut.rstrip() or text[:most]


def _plain(content: TemplateContent, field: str, _what: str) -> TemplateContent:
    strip = _without_marks if field == "header" else _in_one_line
    return _changed(content, field, strip)


def _without_marks(text: str) -> str:
    """Words in braces keep their names, which may have an underscore in them."""
    pieces = re.split(r"(\{\{[^{}]*\}\})", text)
    return _in_one_line("".join(piece if words_in(piece) else re.sub(r"[*_~]|```", "", piece) for piece in pieces))


def _in_one_line(text: str) -> str:
    return " ".join(without_emoji(text).split())


def _gather(content: TemplateContent, _field: str, _what: str) -> TemplateContent:
    """Answers first, each kind in the order in which it was."""
    return replace(content, actions=tuple(sorted(content.actions, key=lambda action: not isinstance(action, Reply))))


def _plus(content: TemplateContent, field: str, _what: str) -> TemplateContent:
    return _changed(content, field, lambda phone: "+" + phone.strip())


def _https(content: TemplateContent, field: str, _what: str) -> TemplateContent:
    return _changed(content, field, lambda url: "https://" + url.strip())


def _nearest(content: TemplateContent, _field: str, _what: str) -> TemplateContent:
    return replace(content, otp=replace(content.otp, lifetime_minutes=nearest_lifetime(content.otp.lifetime_minutes or 1)))


def _rename(content: TemplateContent, _field: str, name: str) -> TemplateContent:
    return rename(content, name, proper_name(content, name))


def _greet(content: TemplateContent, _field: str, _what: str) -> TemplateContent:
    return replace(content, body=f"{GREETINGS[content.language.partition('_')[0]]} {content.body.lstrip()}")


def _thank(content: TemplateContent, _field: str, _what: str) -> TemplateContent:
    body = content.body.rstrip()
    stop = "" if body.endswith((".", "!", "?", "…")) else "."
    return replace(content, body=f"{body}{stop} {THANKS[content.language.partition('_')[0]]}.")


def _marketing(content: TemplateContent, _field: str, _what: str) -> TemplateContent:
    return replace(content, category=Category.MARKETING)


def _language(content: TemplateContent, _field: str, code: str) -> TemplateContent:
    return replace(content, language=code)


_CURES: dict[str, Callable[[TemplateContent, str, str], TemplateContent]] = {
    "cut": _cut,
    "plain": _plain,
    "gather": _gather,
    "plus": _plus,
    "https": _https,
    "nearest": _nearest,
    "rename": _rename,
    "greet": _greet,
    "thank": _thank,
    "marketing": _marketing,
    "language": _language,
}


def _changed(content: TemplateContent, field: str, change: Callable[[str], str]) -> TemplateContent:
    """``content`` with the text of one form field put through ``change``."""
    first, *rest = field.split(".")
    if first == "actions":
        index, name = int(rest[0]), rest[1]
        actions: list[Any] = list(content.actions)
        actions[index] = replace(actions[index], **{name: change(getattr(actions[index], name))})
        return replace(content, actions=tuple(actions))
    if first == "variables":
        return replace(
            content, variables=tuple(replace(v, example=change(v.example)) if v.name == rest[0] else v for v in content.variables)
        )
    if first == "otp":
        return replace(content, otp=replace(content.otp, **{rest[0]: change(getattr(content.otp, rest[0]))}))
    return replace(content, **{first: change(getattr(content, first))})
