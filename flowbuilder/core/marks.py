"""WhatsApp's marks in texts: *bold*, _italic_, ~struck~, ```code``` and `code`."""

from __future__ import annotations

import re

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


def _bare(text: str, depth: int = 0) -> str:
    return PAIR.sub(lambda found: _bare(found[2], depth + 1), text) if depth < DEEPEST else text
