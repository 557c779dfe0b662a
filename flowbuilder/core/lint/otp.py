"""Rules for one-time codes (pages templates/authentication-templates)."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.finding import Finding, Fix
from flowbuilder.core.lint.buttons import LABEL_MAX
from flowbuilder.core.lint.texts import TAKE_OUT, cut_to, emoji_in
from flowbuilder.core.template import TemplateContent, words_in


def lifetime(content: TemplateContent) -> Iterator[Finding]:
    """``code_expiration_minutes`` is 1 to 90."""
    minutes = content.otp.lifetime_minutes
    if minutes is None or not 1 <= minutes <= 90:
        text = "Say for how many minutes the code is valid: 1 to 90."
        fix = Fix("nearest", f"Make it {nearest_lifetime(minutes)}") if minutes is not None else None
        yield Finding("code_lifetime", text, field="otp.lifetime_minutes", fix=fix)


def nearest_lifetime(minutes: int) -> int:
    return max(1, min(90, minutes))


def button(content: TemplateContent) -> Iterator[Finding]:
    """The label of the copy-code button: at most 25 characters of plain text."""
    label = content.otp.button_label
    field = "otp.button_label"
    if not label.strip():
        yield Finding("missing_label", "Write what the button says that copies the code, such as Copy code.", field=field)
    if len(label) > LABEL_MAX:
        text = f"The button has {len(label)} characters. Shorten it to {LABEL_MAX}."
        yield Finding("label_too_long", text, field=field, fix=cut_to(LABEL_MAX))
    if words_in(label) or emoji_in(label) or "\n" in label:
        text = "The button may not have customizable words, emoji or line breaks. Write plain text."
        yield Finding("label_form", text, field=field, fix=None if words_in(label) else TAKE_OUT)
