"""How high the card of a step stands, in pixels: its rows as ``static/css/steps.css`` draws them, and texts by the lines that they
take there. A guess on the safe side, so that cards keep apart without a browser to ask.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

HEAD = 44
TITLE, LIST, KEPT, REVIEW, OUTCOME, MEDIUM, FILE = 22, 36, 28, 26, 29, 128, 46
"""What may stand between the head and the ways out, besides texts."""

WHOLE, WIDTH = 260, 234
"""Of a card, and of the words on it."""
_LINE, _BELOW, _MOST = 20.3, 9, 5
_SMALL, _BETWEEN = 18.9, 3
_WAY, _AROUND_WAYS = 28, 9
_NARROW, _WIDE = 7.6, 14.5


def words(text: str, *, width: int = WIDTH, most: int | None = _MOST) -> int:
    """A text, or the hint that stands there without one; of long ones only the beginning shows."""
    count = sum(_lines(line, width) for line in text.split("\n"))
    return round(min(count, most or count) * _LINE) + _BELOW


def formula(lines: int) -> int:
    """Lines that are cut off instead of broken."""
    return round(max(lines, 1) * (_SMALL + _BETWEEN)) + _BELOW


def ways(count: int) -> int:
    return count * _WAY + _AROUND_WAYS if count else 0


def _lines(text: str, width: int) -> int:
    """As many as words take that go on in the next line where they don't fit; longer ones than a line are broken."""
    count, at = 1, 0.0
    for word in _words(text):
        size = sum(_WIDE if unicodedata.east_asian_width(sign) in "WF" else _NARROW for sign in word)
        if at and at + size > width:
            count, at = count + 1, 0.0
        count += int(size // width)
        at += size % width + _NARROW
    return count


def _words(text: str) -> Iterator[str]:
    """Between any two signs of scripts without spaces a line may end."""
    for word in text.split():
        if any(unicodedata.east_asian_width(sign) in "WF" for sign in word):
            yield from word
        else:
            yield word
