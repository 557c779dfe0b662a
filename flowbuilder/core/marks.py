"""WhatsApp's marks in texts: *bold*, _italic_, ~struck~, ```code``` and `code`."""

from __future__ import annotations

import re
from functools import lru_cache

from flowbuilder.core.message import cut

CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
PAIR = re.compile(r"(?<![\w*_~])([*_~])(?=\S)((?:(?!\1)[^\n])+?)(?<=\S)\1(?![\w])")
DEEPEST = 4
MARKS = "*_~`"
"""Each of them needs a partner."""


def plain(text: str) -> str:
    """What is read when the marks are drawn: for names in sentences."""
    if max(map(text.count, MARKS)) < 2:
        return text
    parts, place = [], 0
    for found in CODE.finditer(text):
        parts += [_bare(text[place : found.start()]), found[1] or found[2]]
        place = found.end()
    return "".join([*parts, _bare(text[place:])])


@lru_cache(1024)
def named(label: str, text: str, most: int = 40) -> str:
    """What to call something in a sentence, by its label and the first words of its text; it is asked for several times in a row."""
    words = plain(" ".join(text.split()))
    return f"{label} “{cut(words, most)}”" if words else label


def _bare(text: str, depth: int = 0) -> str:
    return PAIR.sub(lambda found: _bare(found[2], depth + 1), text) if depth < DEEPEST else text
