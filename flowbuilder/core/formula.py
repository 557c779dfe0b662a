"""The parts of a formula, each with its result in one conversation. Reading a formula is ``core.expressions``."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from flowbuilder.core.answers import read_moment, read_number

NUMBER, DATE = "number", "date"
EXACT = Context(prec=60, rounding=ROUND_HALF_UP, Emax=10_000, Emin=-10_000)
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
MONTHS = {"month": 1, "year": 12}
_SHORT = frozenset({"minute", "hour"})


class Without(ArithmeticError):
    """A formula that has no result in this conversation; the text is a full sentence."""


@dataclass(frozen=True, slots=True)
class Scope:
    values: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Literal:
    value: Decimal | date

    def find(self, scope: Scope) -> Decimal | date:
        return self.value


@dataclass(frozen=True, slots=True)
class Clock:
    word: str

    def find(self, scope: Scope) -> date:
        return scope.now if self.word == "now" else scope.now.date()


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    type: str

    def find(self, scope: Scope) -> Decimal | date:
        text = scope.values.get(self.name, "")
        found = read_number(text) if self.type == NUMBER else read_moment(text)
        if found is None:
            raise Without(f"{self.name} is not a {self.type}: “{text[:40]}”." if text else f"{self.name} is empty.")
        return found


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts with a sign before each: added up, or multiplied and divided."""

    parts: tuple[tuple[str, Part], ...]

    def find(self, scope: Scope) -> Decimal:
        total = Decimal(0 if self.parts[0][0] in "+-" else 1)
        for sign, part in self.parts:
            value = part.find(scope)
            match sign:
                case "+":
                    total = EXACT.add(total, value)
                case "-":
                    total = EXACT.subtract(total, value)
                case "*":
                    total = EXACT.multiply(total, value)
                case "/":
                    if not value:
                        raise Without("Division by zero.")
                    total = EXACT.divide(total, value)
        return total


@dataclass(frozen=True, slots=True)
class Round:
    inner: Part
    decimals: int

    def find(self, scope: Scope) -> Decimal:
        return self.inner.find(scope).quantize(Decimal(1).scaleb(-self.decimals), context=EXACT)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days from one date to another, whatever the hour."""

    since: Part
    until: Part

    def find(self, scope: Scope) -> Decimal:
        return Decimal((_day(self.until.find(scope)) - _day(self.since.find(scope))).days)


@dataclass(frozen=True, slots=True)
class Shift:
    """A date moved by amounts of time, one after the other. Hours and minutes begin at midnight of a day without an hour."""

    base: Part
    steps: tuple[tuple[str, Part, str], ...]

    def find(self, scope: Scope) -> date:
        moment = self.base.find(scope)
        for sign, amount, unit in self.steps:
            count = EXACT.multiply(amount.find(scope), -1 if sign == "-" else 1)
            if unit in MONTHS:
                moment = _months_later(moment, int(count) * MONTHS[unit])
                continue
            if unit in _SHORT and not isinstance(moment, datetime):
                moment = datetime.combine(moment, time())
            moment += timedelta(seconds=int(EXACT.multiply(count, SECONDS[unit])))
        return moment


Part = Literal | Clock | Variable | Chain | Round | Days | Shift


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _months_later(moment: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
