"""What Meta would refuse of an outbound message, known before it is submitted: one function per rule.

Each finding carries the form field that it belongs to. Sources name pages below
developers.facebook.com/documentation/business-messaging/whatsapp; "client" is what WhatsApp Manager itself refuses.
Errors forbid the submission; warnings foresee a likely verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from flowbuilder.core.finding import Finding
from flowbuilder.core.lint import buttons, otp, texts, verdicts, words
from flowbuilder.core.template import TemplateContent

Rule = Callable[[TemplateContent], Iterable[Finding]]

ALWAYS: tuple[Rule, ...] = (texts.name, texts.language)
FREE_TEXT: tuple[Rule, ...] = (
    texts.sample,
    texts.header,
    texts.body,
    texts.body_emoji,
    texts.footer,
    words.braces,
    words.names,
    words.examples,
    words.edges,
    words.adjacent,
    words.header_count,
    words.ratio,
    buttons.options,
    buttons.labels,
    buttons.unique,
    buttons.counts,
    buttons.together,
    buttons.calls,
    buttons.links,
    buttons.link_words,
    verdicts.promotional,
    verdicts.chat_links,
    verdicts.short_links,
    verdicts.many_buttons,
    verdicts.foreign_letters,
    verdicts.foreign_words,
)
ONE_TIME_CODE: tuple[Rule, ...] = (otp.lifetime, otp.button)

META_CODES: dict[str, str] = {
    "missing_example": "100/2388043",
    "missing_sample": "100/2388043",
    "word_at_edge": "100/2388299",
    "too_many_words_for_text": "100/2388293",
    "header_too_long": "100/2388040",
    "body_too_long": "100/2388040",
    "footer_too_long": "100/2388040",
    "header_form": "100/2388047",
    "footer_form": "100/2388073",
    "adjacent_words": "INVALID_FORMAT",
    "answers_apart": "100/2388060",
    "language_mismatch": "TAG_CONTENT_MISMATCH",
}
"""Meta's own code or reason for a finding, where one is known."""


def lint(content: TemplateContent) -> tuple[Finding, ...]:
    """Everything that is wrong or doubtful, in the order of the form."""
    content = replace(content, header="") if content.shows_medium else content
    rules = ALWAYS + (ONE_TIME_CODE if content.is_otp else FREE_TEXT)
    return tuple(finding for rule in rules for finding in rule(content))
