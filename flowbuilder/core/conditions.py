"""The closed set of tests that a condition may make, and how texts are compared: never a formula, never code."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from enum import StrEnum

from flowbuilder.core.answers import read_date, read_number


class Operator(StrEnum):
    """Labels are read between the variable and the value."""

    label: str

    def __new__(cls, value: str, label: str) -> Operator:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    EQUALS = "equals", "is"
    NOT_EQUALS = "not_equals", "is not"
    CONTAINS = "contains", "contains"
    NOT_CONTAINS = "not_contains", "does not contain"
    STARTS_WITH = "starts_with", "starts with"
    ENDS_WITH = "ends_with", "ends with"
    GREATER = "greater", "is greater than"
    AT_LEAST = "at_least", "is at least"
    LESS = "less", "is less than"
    AT_MOST = "at_most", "is at most"
    IS_EMPTY = "is_empty", "is empty"
    IS_FILLED = "is_filled", "is filled"


_UNHEARD = str.maketrans(dict.fromkeys(',;:!?¡¿"“”', " "))

UNARY = frozenset({Operator.IS_EMPTY, Operator.IS_FILLED})


def holds(operator: str, value: str, other: str) -> bool:
    """Whether ``value`` stands in this relation to ``other``; an order that cannot be told does not hold."""
    return _TESTS[operator](value, other)


def plain_text(text: str) -> str:
    """``text`` as it is compared: without case, accents, doubled spaces and closing punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = " ".join(letters.split())
    return words.strip(" .,;:!?¡¿\"'“”") or words


def as_spoken(text: str) -> str:
    """``text`` as an answer is compared: what cannot be heard does not count either, as in “Yes, please”."""
    plain = plain_text(text)
    return " ".join(plain.translate(_UNHEARD).split()) or plain


def same_answer(one: str, other: str) -> bool:
    return as_spoken(one) == as_spoken(other)


def _equal(value: str, other: str) -> bool:
    return plain_text(value) == plain_text(other) or _order(value, other) == 0


def _order(value: str, other: str) -> int | None:
    """-1, 0 or 1 when both are numbers or both are dates."""
    for read in (read_number, read_date):
        left, right = read(value), read(other)
        if left is not None and right is not None:
            return (left > right) - (left < right)
    return None


def _ordered(*wanted: int) -> Callable[[str, str], bool]:
    return lambda value, other: _order(value, other) in wanted


_TESTS: dict[str, Callable[[str, str], bool]] = {
    Operator.EQUALS: _equal,
    Operator.NOT_EQUALS: lambda value, other: not _equal(value, other),
    Operator.CONTAINS: lambda value, other: plain_text(other) in plain_text(value),
    Operator.NOT_CONTAINS: lambda value, other: plain_text(other) not in plain_text(value),
    Operator.STARTS_WITH: lambda value, other: plain_text(value).startswith(plain_text(other)),
    Operator.ENDS_WITH: lambda value, other: plain_text(value).endswith(plain_text(other)),
    Operator.GREATER: _ordered(1),
    Operator.AT_LEAST: _ordered(0, 1),
    Operator.LESS: _ordered(-1),
    Operator.AT_MOST: _ordered(-1, 0),
    Operator.IS_EMPTY: lambda value, other: not value.strip(),
    Operator.IS_FILLED: lambda value, other: bool(value.strip()),
}
