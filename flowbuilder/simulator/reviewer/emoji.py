"""Counting emoji as people see them: a flag, a family or a tinted hand is one."""

from __future__ import annotations

import re
import unicodedata

_JOINER, _VARIANT = "\u200d", "\ufe0f"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def count(text: str) -> int:
    """How many emoji stand in a text."""
    text = _FLAG.sub("\U0001f3f3", text).replace(_VARIANT, "")
    return sum(_is_emoji(c) and text[i - 1 : i] != _JOINER for i, c in enumerate(text))


def _is_emoji(character: str) -> bool:
    point = ord(character)
    if 0x1F3FB <= point <= 0x1F3FF:  # a skin tone belongs to the sign before it
        return False
    return 0x1F000 <= point <= 0x1FAFF or (point > 0x2000 and unicodedata.category(character) == "So")
