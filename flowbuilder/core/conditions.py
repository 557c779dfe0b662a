"""The closed set of tests that a condition may make, and how texts are compared: never a formula, never code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from flowbuilder.core.answers import read_moment, read_number


class Operator(StrEnum):
    """``label`` is read between the variable and the value, ``sign`` is its short form; ``sort`` is what it compares."""

    label: str
    sign: str
    sort: str

    def __new__(cls, value: str, sort: str, label: str, sign: str = "") -> Operator:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.sign, member.sort = label, sign or label, sort
        return member

    EQUALS = "equals", "Anything", "is", "="
    NOT_EQUALS = "not_equals", "Anything", "is not", "≠"
    ONE_OF = "one_of", "Anything", "is one of"
    NONE_OF = "none_of", "Anything", "is none of"
    IS_EMPTY = "is_empty", "Anything", "is empty"
    IS_FILLED = "is_filled", "Anything", "is filled"
    CONTAINS = "contains", "Text", "contains"
    NOT_CONTAINS = "not_contains", "Text", "does not contain", "lacks"
    STARTS_WITH = "starts_with", "Text", "starts with"
    ENDS_WITH = "ends_with", "Text", "ends with"
    GREATER = "greater", "Number", "is greater than", ">"
    AT_LEAST = "at_least", "Number", "is at least", "≥"
    LESS = "less", "Number", "is less than", "<"
    AT_MOST = "at_most", "Number", "is at most", "≤"
    AFTER = "after", "Date", "is after"
    SINCE = "since", "Date", "is on or after"
    BEFORE = "before", "Date", "is before"
    UNTIL = "until", "Date", "is on or before"


_UNHEARD = str.maketrans(dict.fromkeys(',;:!?¡¿"“”', " "))

UNARY = frozenset({Operator.IS_EMPTY, Operator.IS_FILLED})
LISTED = frozenset({Operator.ONE_OF, Operator.NONE_OF})
_BETWEEN = re.compile(r"[,;\n]")


def holds(operator: str, value: str, other: str) -> bool:
    """Whether ``value`` stands in this relation to ``other``; an order that cannot be told does not hold."""
    return _TESTS[operator](value, other)


def listed(text: str) -> tuple[str, ...]:
    """The values of a list, with commas, semicolons or lines between them."""
    return tuple(value.strip() for value in _BETWEEN.split(text) if value.strip())


def plain_text(text: str) -> str:
    """``text`` as it is compared: without case, accents, doubled spaces and closing punctuation."""
    letters = text.casefold()
    if not letters.isascii():
        plain = unicodedata.normalize("NFKD", letters).casefold()
        letters = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    words = " ".join(letters.split())
    return words.strip(" .,;:!?¡¿\"'“”") or words


def as_spoken(text: str) -> str:
    """``text`` as an answer is compared: what cannot be heard does not count either, as in “Yes, please” and “✅ Yes”."""
    if text.isascii() and text.isalnum():
        return text.lower()
    plain = plain_text(text)
    if not plain.isascii():
        plain = plain_text(_without_pictures(plain))
    return " ".join(plain.translate(_UNHEARD).split()) or plain


@lru_cache(4096)
def as_written(words: str) -> str:
    """``as_spoken`` of a flow's own words, which answers are compared with again and again."""
    return as_spoken(words)


def number_spoken(answer: str) -> int | None:
    """The number by which somebody chooses, also written as “2)”, “#2” or 2️⃣."""
    number = as_spoken(answer).strip(".)( #")
    return int(number) if number.isdecimal() and len(number) < 3 else None


def same_answer(answer: str, words: str) -> bool:
    """Whether a person's answer is these words of a flow."""
    return as_spoken(answer) == as_written(words)


def _without_pictures(text: str) -> str:
    """Without emoji and signs that nobody types along with words; those that stand alone keep only their colour to themselves."""
    bare = "".join(sign for sign in text if sign.isascii() or not _is_finish(sign))
    words = "".join(" " if unicodedata.category(sign) == "So" else sign for sign in bare)
    return words if any(sign.isalnum() for sign in words) else bare


def _is_finish(sign: str) -> bool:
    """What changes only how the sign before it looks: a keycap, a colour of skin, a variation, a joint."""
    return unicodedata.category(sign) in ("Sk", "Me", "Cf") or "\ufe00" <= sign <= "\ufe0f"


def _equal(value: str, other: str) -> bool:
    return plain_text(value) == plain_text(other) or _order(value, other) == 0


def _order(value: str, other: str) -> int | None:
    """-1, 0 or 1 when both are numbers or both are dates."""
    for read in (read_number, read_moment):
        left, right = read(value), read(other)
        if left is not None and right is not None:
            left, right = _alike(left, right)
            return (left > right) - (left < right)
    return None


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """A day and a moment compare as days."""
    if isinstance(left, datetime) == isinstance(right, datetime):
        return left, right
    return (left.date(), right) if isinstance(left, datetime) else (left, right.date())


def _ordered(*wanted: int) -> Callable[[str, str], bool]:
    return lambda value, other: _order(value, other) in wanted


def _among(value: str, other: str) -> bool:
    return any(_equal(value, one) for one in listed(other))


_TESTS: dict[str, Callable[[str, str], bool]] = {
    Operator.EQUALS: _equal,
    Operator.NOT_EQUALS: lambda value, other: not _equal(value, other),
    Operator.ONE_OF: _among,
    Operator.NONE_OF: lambda value, other: not _among(value, other),
    Operator.CONTAINS: lambda value, other: plain_text(other) in plain_text(value),
    Operator.NOT_CONTAINS: lambda value, other: plain_text(other) not in plain_text(value),
    Operator.STARTS_WITH: lambda value, other: plain_text(value).startswith(plain_text(other)),
    Operator.ENDS_WITH: lambda value, other: plain_text(value).endswith(plain_text(other)),
    Operator.GREATER: _ordered(1),
    Operator.AT_LEAST: _ordered(0, 1),
    Operator.LESS: _ordered(-1),
    Operator.AT_MOST: _ordered(-1, 0),
    Operator.AFTER: _ordered(1),
    Operator.SINCE: _ordered(0, 1),
    Operator.BEFORE: _ordered(-1),
    Operator.UNTIL: _ordered(-1, 0),
    Operator.IS_EMPTY: lambda value, other: not value.strip(),
    Operator.IS_FILLED: lambda value, other: bool(value.strip()),
}
