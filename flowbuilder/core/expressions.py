"""What Set variable calculates: a closed language of numbers and dates, read once and never executed as code.

A number: ``({{price}} - 2.5) * 3 / {{people}}``, ``round(…, 2)``, ``days({{from}}, {{to}})``. A date: ``today``, ``now``,
``2026-11-25`` or ``{{name}}``, then any of ``+ 2 days``, ``- {{n}} hours``. A formula that cannot be read is a problem in
words. One that can always has a result: what cannot be calculated in a certain conversation is empty, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, DecimalException
from functools import lru_cache

from flowbuilder.core.answers import number_text, read_moment
from flowbuilder.core.formula import (
    DATE,
    EXACT,
    MONTHS,
    NUMBER,
    SECONDS,
    Chain,
    Clock,
    Days,
    Literal,
    Part,
    Round,
    Scope,
    Shift,
    Variable,
    Without,
)  # fmt: skip

DECIMALS = 10
DIGITS_MAX = 20
DEPTH_MAX = 20

_TOKEN = re.compile(
    r"\s*(?:(\{\{[^{}\n]{1,80}\}\})|(\d{4}-\d{2}-\d{2}(?![\d.]))|(\d{1,20}(?:\.\d{1,10})?(?![\d.]))|([^\W\d]\w*)|([-+*/(),]))"
)
_SPELLED = str.maketrans("×÷−–", "*/--")


class Problem(ValueError):
    """A formula that cannot be read; the text is a clause for a sentence."""


@dataclass(frozen=True, slots=True)
class Result:
    """``why`` says what kept the formula from having a value, which is then empty."""

    value: str
    why: str = ""


def problem(type: str, formula: str) -> str:
    """What is wrong with a formula, as a sentence; empty when nothing is."""
    try:
        _parsed(type, formula)
    except Problem as error:
        return str(error)
    return ""


def evaluate(type: str, formula: str, values: Mapping[str, str], now: datetime) -> Result:
    """The canonical text of the result. ``now`` is the clock on the wall where the formula is meant."""
    try:
        found = _parsed(type, formula).find(Scope(values, now))
        return Result(_number_text(found) if isinstance(found, Decimal) else _moment_text(found))
    except (Without, Problem) as error:
        return Result("", str(error))
    except (DecimalException, OverflowError, ValueError):
        return Result("", "The result is larger than can be kept.")


@lru_cache(maxsize=4096)
def _parsed(type: str, formula: str) -> Part:
    if type == DATE and (day := read_moment(formula)) is not None:
        return Literal(day)
    reader = _Reader(formula)
    part = reader.number() if type == NUMBER else reader.moment()
    reader.must_end()
    return part


class _Reader:
    """Goes through a formula from left to right, one look ahead."""

    def __init__(self, formula: str) -> None:
        self._tokens = tuple(_tokens(formula))
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next
        self._at += 1
        return token

    def _expect(self, token: str, what: str) -> None:
        if self._take() != token:
            raise Problem(what)

    def must_end(self) -> None:
        if self._next == ",":
            raise Problem("“,” cannot stand here; decimals are written with a point, as in 1.5")
        if self._next:
            raise Problem(f"an operator is missing before “{self._next}”")

    def number(self) -> Part:
        parts = [("+", self._product())]
        while self._next in ("+", "-"):
            parts.append((self._take(), self._product()))
        return parts[0][1] if len(parts) == 1 else Chain(tuple(parts))

    def _product(self) -> Part:
        parts = [("*", self._factor())]
        while self._next in ("*", "/"):
            parts.append((self._take(), self._factor()))
        return parts[0][1] if len(parts) == 1 else Chain(tuple(parts))

    def _factor(self) -> Part:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise Problem(f"brackets and signs are nested more than {DEPTH_MAX} deep")
        try:
            return self._single(self._take())
        finally:
            self._depth -= 1

    def _single(self, token: str) -> Part:
        if token == "-":
            return Chain((("-", self._factor()),))
        if token == "(":
            inner = self.number()
            self._expect(")", "a bracket is not closed")
            return inner
        if token.lower() in ("round", "days"):
            return self._function(token.lower())
        if token.startswith("{"):
            return _variable(token, NUMBER)
        if token[:1].isdecimal():
            if "-" in token:
                raise Problem(f"“{token}” is a date; put spaces around - to subtract")
            return Literal(Decimal(token))
        raise Problem(_unexpected(token, "a number or a variable"))

    def _function(self, name: str) -> Part:
        self._expect("(", f"“{name}” needs brackets after it")
        if name == "days":
            since = self.moment()
            self._expect(",", "“days” needs two dates with a comma between: days(from, to)")
            until = self.moment()
            self._expect(")", "a bracket is not closed")
            return Days(since, until)
        inner, decimals = self.number(), "0"
        if self._next == ",":
            self._take()
            decimals = self._take()
        if not decimals.isdecimal() or int(decimals) > DECIMALS:
            raise Problem(f"“round” needs how many decimals, 0 to {DECIMALS}: round(…, 2)")
        self._expect(")", "a bracket is not closed")
        return Round(inner, int(decimals))

    def moment(self) -> Part:
        base, steps = self._base(), []
        while self._next in ("+", "-"):
            sign, amount, unit = self._take(), self._factor(), self._take().lower()
            singular = unit.removesuffix("s")
            if singular not in SECONDS and singular not in MONTHS:
                raise Problem("after an amount comes minutes, hours, days, weeks, months or years, as in + 2 days")
            steps.append((sign, amount, singular))
        return Shift(base, tuple(steps)) if steps else base

    def _base(self) -> Part:
        token = self._take()
        if token.lower() in ("today", "now"):
            return Clock(token.lower())
        if token.startswith("{"):
            return _variable(token, DATE)
        if token[:1].isdecimal() and "-" in token:
            day = read_moment(token)
            if day is None:
                raise Problem(f"“{token}” is no day of the calendar")
            return Literal(day)
        raise Problem(_unexpected(token, "today, now, a date such as 2026-11-25, or a variable"))


def _tokens(formula: str) -> list[str]:
    text = formula.translate(_SPELLED).rstrip()
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Problem(f"“{text[at:].strip()[:20]}” cannot be read")
        found.append(match[match.lastindex or 0])
        at = match.end()
    return found


def _variable(token: str, type: str) -> Variable:
    name = token.strip("{}").strip()
    if not name:
        raise Problem("a variable has no name between its braces")
    return Variable(name, type)


def _unexpected(token: str, wanted: str) -> str:
    if not token:
        return f"{wanted} is missing at the end"
    if token[0].isalpha() or token[0] == "_":
        return f"“{token}” is not known; a variable is written {{{{{token.lower()}}}}}"
    return f"{wanted} is missing before “{token}”"


def _number_text(number: Decimal) -> str:
    """At most 20 digits before the point and 10 after it."""
    kept = number.quantize(Decimal(1).scaleb(-DECIMALS), context=EXACT)
    if abs(kept) >= 10**DIGITS_MAX:
        raise OverflowError
    return number_text(kept)


def _moment_text(moment: date) -> str:
    return moment.isoformat(timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()
