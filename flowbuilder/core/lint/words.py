"""Rules for customizable words (pages templates/components, templates/template-review, support/error-codes)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from flowbuilder.core.finding import Finding, Fix, Severity
from flowbuilder.core.lint.texts import TAKE_OUT, without_words
from flowbuilder.core.template import Link, TemplateContent, variables_used, words_in
from flowbuilder.core.variables import UNPAIRED, unpaired

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,31}\Z")
GREETINGS = {"en": "Hello", "es": "Hola", "pt": "Olá", "fr": "Bonjour", "de": "Hallo", "it": "Ciao", "nl": "Hallo", "id": "Halo"}
THANKS = {
    "en": "Thank you", "es": "Gracias", "pt": "Obrigado", "fr": "Merci", "de": "Danke", "it": "Grazie", "nl": "Dank u",
    "id": "Terima kasih",
}  # fmt: skip
_ADJACENT = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}\s*\{\{\s*([^{}]*?)\s*\}\}")
_CHARACTERS_PER_WORD = {"th": 7, "zh": 2, "ja": 3, "lo": 7}
"""Languages written without spaces between words. Seven for Thai is WhatsApp Manager's; the others are estimates."""


def is_name(text: str) -> bool:
    """Whether Meta takes this as a word's name."""
    return bool(_NAME.match(text))


def proper_name(content: TemplateContent, name: str) -> str:
    """The nearest name that Meta takes and that no other word of the message has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:28] or "word"
    base = base if is_name(base) else f"word_{base}"[:28]
    taken = set(variables_used(content)) - {name}
    return next(found for found in (base, *(f"{base}_{n}" for n in range(2, 1000))) if found not in taken)


def _texts(content: TemplateContent) -> Iterator[tuple[str, str]]:
    yield "header", content.header
    yield "body", content.body
    for index, action in enumerate(content.actions):
        if isinstance(action, Link):
            yield f"actions.{index}.url", action.url


def braces(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: braces come in matched pairs."""
    for field, text in _texts(content):
        if unpaired(without_words(text)):
            yield Finding("unmatched_braces", f"A {UNPAIRED.format('customizable words')}", field=field)


def names(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: lower case, digits and _; client: at most 32 characters."""
    for field, text in _texts(content):
        for name in dict.fromkeys(words_in(text)):
            if not is_name(name):
                shown = f"“{name}”" if name else "An empty pair of braces"
                words = f"{shown} is no name for a customizable word. Use small letters, digits and _, at most 32, and no digit first."
                yield Finding("word_name", words, field=field, fix=Fix("rename:" + name, f"Call it {proper_name(content, name)}"))


def examples(content: TemplateContent) -> Iterator[Finding]:
    """Subcode 2388043: each word needs an example."""
    known = {v.name: v.example for v in content.variables}
    for name in filter(is_name, variables_used(content)):
        example = known.get(name, "")
        if not example.strip():
            words = f"Give an example for {name}. Meta's reviewer reads it in place of the word."
            yield Finding("missing_example", words, field=f"variables.{name}.example")
        elif re.search(r"[\n\r\t]| {5,}", example):
            words = f"The example for {name} has a line break, a tab or more than four spaces in a row. Take them out."
            yield Finding("example_form", words, field=f"variables.{name}.example", fix=TAKE_OUT)


def edges(content: TemplateContent) -> Iterator[Finding]:
    """Subcode 2388299: spaces and punctuation around the word do not help."""
    text = _core(content.body)
    if text.startswith("{{") and words_in(text):
        words = "The message may not begin with a customizable word. Put some text before it; a space or a full stop is not enough."
        greeting = GREETINGS.get(content.language.partition("_")[0])
        yield Finding("word_at_edge", words, field="body", fix=Fix("greet", f"Put “{greeting}” before it") if greeting else None)
    if text.endswith("}}") and words_in(text):
        words = "The message may not end with a customizable word. Put some text after it; a space or a full stop is not enough."
        thanks = THANKS.get(content.language.partition("_")[0])
        yield Finding("word_at_edge", words, field="body", fix=Fix("thank", f"Put “{thanks}” after it") if thanks else None)


def adjacent(content: TemplateContent) -> Iterator[Finding]:
    """Review reason INVALID_FORMAT: words side by side."""
    for field, text in _texts(content):
        found = _ADJACENT.search(text)
        if found:
            words = f"{found[1]} and {found[2]} stand side by side. Put some text between them, or make one word of the two."
            yield Finding("adjacent_words", words, field=field)


def header_count(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: at most one variable in a text header."""
    if len(words_in(content.header)) > 1:
        yield Finding("header_words", "The header may have one customizable word. Move the others into the message.", field="header")


def ratio(content: TemplateContent) -> Iterator[Finding]:
    """Subcode 2388293. Meta publishes no number; measured: at least three words for each variable, and one more."""
    count = len(set(words_in(content.body)))
    if not count:
        return
    per_word = _CHARACTERS_PER_WORD.get(content.language.partition("_")[0])
    fixed = "".join(without_words(content.body).split())
    written = len(fixed) // per_word + count if per_word else len(content.body.split())
    if written < 3 * count + 1:
        words = f"{count} customizable {'word' if count == 1 else 'words'} for so short a text: Meta is likely to refuse it. "
        missing = 3 * count + 1 - written
        advice = f"Add about {missing} other word{'' if missing == 1 else 's'}."
        yield Finding("too_many_words_for_text", words + advice, field="body", severity=Severity.WARNING)


def _core(text: str) -> str:
    """``text`` without the spaces, punctuation and formatting marks at its ends, which Meta does not count."""
    start, end = 0, len(text)
    while start < end and _is_filling(text[start]) and text[start] != "{":
        start += 1
    while end > start and _is_filling(text[end - 1]) and text[end - 1] != "}":
        end -= 1
    return text[start:end]


def _is_filling(character: str) -> bool:
    return unicodedata.category(character)[0] in "PZC" or character in "~`"
