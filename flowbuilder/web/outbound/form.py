"""The form of an outbound message read into content. Fields that a form does not show keep what was stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from flowbuilder.core.finding import Finding
from flowbuilder.core.lint import lint
from flowbuilder.core.lint.fixes import undone
from flowbuilder.core.lint.words import is_name
from flowbuilder.core.otp import label_for, relabelled
from flowbuilder.core.template import (
    Action,
    Call,
    Category,
    Conversation,
    Kind,
    Link,
    Otp,
    Reply,
    TemplateContent,
    Variable,
    rename,
    variables_used,
)

_LONGEST = 10_000
_LONGEST_UNDO = 100_000
_MOST_ACTIONS = 20
_EXAMPLE = re.compile(r"variables\.([a-z0-9_]{1,32})\.example\Z")


def content_from(form: Mapping[str, str], stored: TemplateContent) -> TemplateContent:
    """What the form says now: typed texts, then the wish of a button (add, remove) or of the word dialog (rename)."""

    def text(name: str, before: str) -> str:
        return form[name].replace("\r\n", "\n").replace("\x00", "")[:_LONGEST] if name in form else before

    language = text("language", stored.language)
    otp = _otp(form, stored.otp) if "otp.shown" in form else stored.otp
    content = replace(
        stored,
        name=text("name", stored.name),
        category=_choice(Category, form.get("category"), stored.category),
        language=language,
        kind=_choice(Kind, form.get("kind"), stored.kind),
        conversation=_choice(Conversation, form.get("conversation"), stored.conversation),
        header=text("header", stored.header),
        body=text("body", stored.body),
        footer=text("footer", stored.footer),
        continue_option=text("continue_option", stored.continue_option),
        finish_option=text("finish_option", stored.finish_option),
        actions=_actions(form) if "actions.shown" in form else stored.actions,
        variables=_variables(form, stored),
        otp=replace(otp, button_label=relabelled(otp.button_label, was=stored.language, now=language)),
    )
    return _with_wish(form, _renamed(form, content))


def cured_by(form: Mapping[str, str], content: TemplateContent) -> Finding | None:
    """The finding whose button was pressed, if the message still has it."""
    wish, _, which = form.get("do", "").partition(":")
    if wish != "fix":
        return None
    return next((f for f in lint(content) if f.fix and f"{f.code}:{f.field}:{f.fix.do}" == which), None)


def shape(content: TemplateContent) -> dict[str, str]:
    """What each part of the form is built for; a part is drawn anew only when its word here changes."""
    words = ",".join(words_shown(content))
    return {
        "type": str(content.is_otp),
        "sample": f"{content.kind}{content.sample.file if content.sample else ''}" if content.shows_medium else "",
        "text": f"{content.is_otp}{content.shows_medium}{label_for(content.language) if content.is_otp else ''}",
        "words": words,
        "options": f"{content.is_otp}{content.starts_flow}",
        "actions": ("otp" if content.is_otp else "") + ",".join(action.kind for action in content.actions),
    }


def words_shown(content: TemplateContent) -> list[str]:
    """The customizable words that have a row of their own below the text."""
    return [] if content.is_otp else [name for name in variables_used(content) if is_name(name)]


def _actions(form: Mapping[str, str]) -> tuple[Action, ...]:
    found: list[Action] = []
    for index in range(_MOST_ACTIONS):
        kind = form.get(f"actions.{index}.kind")
        label = form.get(f"actions.{index}.label", "")[:_LONGEST]
        if kind == "call":
            found.append(Call(label, form.get(f"actions.{index}.phone", "")[:200]))
        elif kind == "link":
            found.append(Link(label, form.get(f"actions.{index}.url", "")[:_LONGEST]))
        elif kind == "reply":
            found.append(Reply(label))
    return tuple(found)


def _variables(form: Mapping[str, str], stored: TemplateContent) -> tuple[Variable, ...]:
    """Examples of words that are not in the text any more are kept for a while: they may come back."""
    known = {v.name: v.example for v in stored.variables}
    for key, value in form.items():
        found = _EXAMPLE.match(key)
        if found:
            known[found[1]] = value[:_LONGEST].replace("\x00", "")
    return tuple(Variable(name, example) for name, example in list(known.items())[-60:])


def _otp(form: Mapping[str, str], stored: Otp) -> Otp:
    minutes = form.get("otp.lifetime_minutes", "").strip()
    return Otp(
        lifetime_minutes=int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 6 else None,
        security_advice="otp.security_advice" in form,
        button_label=form.get("otp.button_label", stored.button_label)[:_LONGEST],
    )


def _renamed(form: Mapping[str, str], content: TemplateContent) -> TemplateContent:
    old, new = form.get("word.was", ""), form.get("word.now", "")
    taken = variables_used(content)
    if old == new or old not in taken or new in taken or not is_name(new):
        return content
    kept = replace(content, variables=tuple(v for v in content.variables if v.name != new))
    return rename(kept, old, new)


def _with_wish(form: Mapping[str, str], content: TemplateContent) -> TemplateContent:
    wish, _, number = form.get("do", "").partition(":")
    if wish == "add_call":
        return replace(content, actions=(*content.actions, Call()))
    if wish == "add_link":
        return replace(content, actions=(*content.actions, Link()))
    if wish == "add_reply":
        return replace(content, actions=(*content.actions, Reply()))
    if wish == "remove_sample":
        return replace(content, sample=None)
    if wish == "undo":
        return undone(content, form.get("undo", "")[:_LONGEST_UNDO])
    if wish == "remove" and number.isdecimal():
        return replace(content, actions=tuple(a for i, a in enumerate(content.actions) if i != int(number)))
    return content


def _choice(kind: type, value: str | None, before):  # type: ignore[no-untyped-def]
    return kind(value) if value in set(kind) else before
