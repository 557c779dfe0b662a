"""Meta's fixed words of one-time codes: asked for once per line, language and setting, and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flowbuilder import clock
from flowbuilder.core.otp import CodeText, shipped
from flowbuilder.core.template import CODE, TemplateContent, fill, words_in
from flowbuilder.errors import FlowBuilderError, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import CodeWords, TemplateMessage

_FRESH = timedelta(days=30)


def kept(line_id: str, content: TemplateContent) -> CodeText | None:
    """Meta's words for this code if they are known; Meta is not asked."""
    words = db.session.get(CodeWords, _key(line_id, content)) if content.is_otp else None
    return CodeText(words.body, words.footer, words.button) if words and words.at > clock.now() - _FRESH else None


_AUTOFILL = ("otp_type=ONE_TAP", "otp_type=ZERO_TAP")
"""In the button of a code that goes into an app of its owner by itself, as is set up in WhatsApp Manager only."""


def lost_autofill(row: TemplateMessage) -> bool:
    """Whether the message that this one was copied from fills its code in by itself, which no copy does."""
    original = db.session.get(TemplateMessage, row.copied_from) if row.copied_from else None
    return original is not None and any(way in str(original.components) for way in _AUTOFILL)


def spoken(line_id: str, content: TemplateContent) -> TemplateContent:
    """The message with Meta's words in it, where they are known."""
    text = kept(line_id, content)
    return replace(content, otp=replace(content.otp, body=text.body, footer=text.footer)) if text else content


def learn(workspace_id: str, line_id: str, content: TemplateContent) -> CodeText:
    """Meta's words, asked for unless they are known; our own copy when it does not answer."""
    line = db.session.get(Line, line_id)
    if line is None or line.workspace_id != workspace_id:
        raise NotFound()
    known = kept(line_id, content)
    if known:
        return known
    ours = shipped(content.language, has_advice=content.otp.security_advice, minutes=content.otp.lifetime_minutes)
    try:
        answer = lines.client(line).code_texts(
            content.language, has_advice=content.otp.security_advice, minutes=content.otp.lifetime_minutes
        )
    except FlowBuilderError:
        return ours
    shown = next((one for one in answer if str(one.get("language")).replace("-", "_") == content.language), None)
    if shown is None or len(words_in(str(shown.get("body")))) != 1:
        return ours
    return _keep(line_id, content, shown)


def _keep(line_id: str, content: TemplateContent, shown: dict) -> CodeText:
    body = str(shown["body"])
    buttons = shown.get("buttons")
    first = buttons[0] if isinstance(buttons, list) and buttons and isinstance(buttons[0], dict) else {}
    text = CodeText(
        fill(body, {word: "{{" + CODE + "}}" for word in words_in(body)}), str(shown.get("footer") or ""), str(first.get("text") or "")[:60]
    )
    own_line, language, has_advice, minutes = _key(line_id, content)
    with transaction() as session:
        session.merge(
            CodeWords(
                line_id=own_line,
                language=language,
                has_advice=has_advice,
                minutes=minutes,
                body=text.body,
                footer=text.footer,
                button=text.button,
                at=clock.now(),
            )  # fmt: skip
        )
    return text


def _key(line_id: str, content: TemplateContent) -> tuple[str, str, bool, int]:
    return line_id, content.language[:8], content.otp.security_advice, content.otp.lifetime_minutes or 0
