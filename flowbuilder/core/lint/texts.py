"""Rules for the name, the language and the texts of a message (pages templates/overview and templates/components)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowbuilder.core.finding import Finding, Fix
from flowbuilder.core.languages import LANGUAGES
from flowbuilder.core.template import Category, TemplateContent, fill, words_in

HEADER_MAX, BODY_MAX, FOOTER_MAX, NAME_MAX = 60, 1024, 60, 120
EMOJI_MAX = {Category.MARKETING: 10, Category.UTILITY: 6}

_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|[\U0001f000-\U0001faff\u2600-\u27bf\u231a\u231b\u23e9-\u23fa\u2b50\u2b55\u2b1b\u2b1c]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d[\U0001f000-\U0001faff\u2600-\u27bf][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
_MARKUP = re.compile(r"[*_~]|```")
_LINK = re.compile(r"(?:https?://|www\.)\S|\b[a-z0-9-]+\.(?:com|net|org|io|co|me|ly|app)\b", re.IGNORECASE)


TAKE_OUT = Fix("plain", "Take them out")


def cut_to(most: int) -> Fix:
    return Fix("cut", f"Cut it to {most}")


def without_emoji(text: str) -> str:
    return _EMOJI.sub("", text)


def emoji_in(text: str) -> int:
    """How many emoji stand in ``text``; a flag or a joined family counts once."""
    return len(_EMOJI.findall(text))


def without_words(text: str) -> str:
    return fill(text, {name: " " for name in words_in(text)})


def name(content: TemplateContent) -> Iterator[Finding]:
    """Ours: a name for people; Meta's own is made of it."""
    if not content.name.strip():
        yield Finding("missing_name", "Give the message a name, so that you find it again. Customers do not see it.", field="name")
    elif len(content.name) > NAME_MAX:
        yield Finding(
            "name_too_long", f"The name has {len(content.name)} characters. Shorten it to {NAME_MAX}.", field="name", fix=cut_to(NAME_MAX)
        )


def language(content: TemplateContent) -> Iterator[Finding]:
    """templates/supported-languages."""
    if content.language not in LANGUAGES:
        yield Finding("unknown_language", "WhatsApp does not offer this language. Choose one from the list.", field="language")


def sample(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: a media header needs an uploaded sample (subcode 2388043)."""
    if content.shows_medium and not content.fitting_sample:
        word = content.kind.value.lower()
        text = f"Upload {'an' if word == 'image' else 'a'} {word} as a sample: Meta's reviewer sees it, and you may send another one later."
        yield Finding("missing_sample", text, field="sample")


def header(content: TemplateContent) -> Iterator[Finding]:
    """templates/components, text header; markup and emoji: subcode 2388047."""
    if len(content.header) > HEADER_MAX:
        text = f"The header has {len(content.header)} characters. Shorten it to {HEADER_MAX}."
        yield Finding("header_too_long", text, field="header", fix=cut_to(HEADER_MAX))
    fixed = without_words(content.header)
    faults = (
        ("a line break", "\n" in fixed or "\r" in fixed),
        ("formatting marks (* _ ~)", bool(_MARKUP.search(fixed))),
        ("emoji", emoji_in(fixed) > 0),
    )
    for words, is_there in faults:
        if is_there:
            yield Finding(
                "header_form", f"The header may not have {words}. Take them out, or say it in the message.", field="header", fix=TAKE_OUT
            )


def body(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: one body of at most 1024 characters."""
    if not content.body.strip():
        yield Finding("missing_body", "Write the message that is sent.", field="body")
    elif len(content.body) > BODY_MAX:
        over = len(content.body) - BODY_MAX
        text = f"The message has {len(content.body):,} characters, {BODY_MAX:,} is the most. Take out {over:,}."
        yield Finding("body_too_long", text, field="body")


def body_emoji(content: TemplateContent) -> Iterator[Finding]:
    """Client: ten emoji in marketing, six in utility messages."""
    count, most = emoji_in(content.body), EMOJI_MAX.get(content.category, 6)
    if count > most:
        text = f"The message has {count} emoji. WhatsApp takes at most {most} in a {content.category.value.lower()} message."
        yield Finding("too_many_emoji", text, field="body")


def footer(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: no variables; client: no links, no emoji."""
    text = content.footer
    if len(text) > FOOTER_MAX:
        words = f"The footer has {len(text)} characters. Shorten it to {FOOTER_MAX}."
        yield Finding("footer_too_long", words, field="footer", fix=cut_to(FOOTER_MAX))
    faults = (
        ("customizable words", bool(words_in(text)), "Put them into the message.", None),
        ("line breaks", "\n" in text or "\r" in text, "Write it in one line.", TAKE_OUT),
        ("links", bool(_LINK.search(text)), "Use the action Link instead.", None),
        ("emoji", emoji_in(text) > 0, "Take them out.", TAKE_OUT),
    )
    for words, is_there, advice, fix in faults:
        if is_there:
            yield Finding("footer_form", f"The footer may not have {words}. {advice}", field="footer", fix=fix)
