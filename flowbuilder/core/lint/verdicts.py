"""What Meta's reviewer is likely to say of a message that breaks no written rule: warnings only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from flowbuilder.core.finding import Finding, Fix, Severity
from flowbuilder.core.languages import LANGUAGES, scripts
from flowbuilder.core.lint import tongue
from flowbuilder.core.lint.buttons import CHAT_HOSTS, SHORTENERS
from flowbuilder.core.lint.texts import without_words
from flowbuilder.core.template import Category, TemplateContent

_PROMOTIONAL = re.compile(
    r"\b(discount\w*|sale|offers?|promo\w*|coupon\w*|deals?|% off|buy now|shop now|free|cheap\w*|bargain\w*|black friday"
    r"|descuentos?|ofertas?|rebajas?|gratis|cupón|cupones|compra ya|desconto\w*|promoç\w+|grátis|cupom|compre agora)\b|\d ?% off",
    re.IGNORECASE,
)

_LETTERS_MIN = 12
_CURE = "Translate it, or choose the language of the text."


def promotional(content: TemplateContent) -> Iterator[Finding]:
    """templates/template-categorization: what sells is marketing, and is approved as such since April 2025."""
    if content.category is not Category.UTILITY:
        return
    for field, text in (("header", content.header), ("body", content.body), ("footer", content.footer)):
        found = _PROMOTIONAL.search(text)
        if found:
            words = (
                f"“{found[0]}” reads like advertising: Meta is likely to make this a Marketing message. Change the text or the category."
            )
            fix = Fix("marketing", "Make it Marketing")
            yield Finding("promotional_words", words, field=field, severity=Severity.WARNING, fix=fix)


def chat_links(content: TemplateContent) -> Iterator[Finding]:
    """templates/template-review: raw wa.me links are a common reason for a refusal."""
    if any(host in content.body.lower() for host in CHAT_HOSTS):
        words = "A wa.me link in the text is a common reason for a refusal. Leave it out: people can answer right here."
        yield Finding("chat_link_in_text", words, field="body", severity=Severity.WARNING)


def short_links(content: TemplateContent) -> Iterator[Finding]:
    """templates/template-review: shortened links hide where they lead."""
    found = re.search(rf"\b(?:{'|'.join(map(re.escape, sorted(SHORTENERS)))})/", content.body.lower())
    if found:
        words = f"A shortened link ({found[0]}…) is a common reason for a refusal. Write the whole address, or use the action Link."
        yield Finding("short_link_in_text", words, field="body", severity=Severity.WARNING)


def many_buttons(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: from four buttons on WhatsApp's desktop program shows none of them."""
    total = len(content.actions) + (2 if content.starts_flow else 0)
    if content.starts_flow and content.actions:
        words = "Options and actions together are not shown by WhatsApp on a desktop computer. Phones show them all."
        yield Finding("mixed_buttons", words, field="actions", severity=Severity.WARNING)
    elif total > 3:
        words = "From four buttons on, phones show two and a list, and desktop computers none."
        yield Finding("many_buttons", words, field="actions", severity=Severity.WARNING)


def foreign_letters(content: TemplateContent) -> Iterator[Finding]:
    """Review reason TAG_CONTENT_MISMATCH. Certain only by letters: fewer than a quarter are those of the language."""
    letters = [character for character in without_words(content.body) if character.isalpha()]
    ours = scripts(content.language)
    if content.language not in LANGUAGES or len(letters) < _LETTERS_MIN:
        return
    if 4 * sum(unicodedata.name(letter, "").startswith(ours) for letter in letters) < len(letters):
        language = LANGUAGES[content.language].partition(" (")[0]
        words = f"The message is not in the letters of {language}: Meta is likely to reject it. {_CURE}"
        yield Finding("language_mismatch", words, field="language", severity=Severity.WARNING)


def foreign_words(content: TemplateContent) -> Iterator[Finding]:
    """Review reason TAG_CONTENT_MISMATCH. Judged by the small words that a language cannot do without."""
    seen = tongue.of(without_words(content.body), instead_of=content.language)
    if seen is None:
        return
    code, (was, now) = tongue.CODES[seen], (_plain(content.language), _plain(tongue.CODES[seen]))
    words = f"The message reads like {now}, not like {was}: Meta is likely to reject it. {_CURE}"
    fix = Fix(f"language:{code}", f"Choose {now}")
    yield Finding("language_mismatch", words, field="language", severity=Severity.WARNING, fix=fix)


def _plain(language: str) -> str:
    return LANGUAGES.get(language, language).partition(" (")[0]


def same_text(name: str, is_rejected: bool) -> Finding:
    """templates/template-review: the body and footer of another message of the account. Which these are, services know."""
    other = f"“{name}”" if name else "Another message"
    if is_rejected:
        words = f"{other} has the same message and footer, and Meta rejected it. Change the words before you submit them again."
    else:
        words = f"{other} has the same message and footer: Meta is likely to reject a second one. Send that one, or change the words."
    return Finding("same_text", words, field="body", severity=Severity.WARNING)
