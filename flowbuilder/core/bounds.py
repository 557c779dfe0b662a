"""How long, how large or how late an answer may be. A bound is a number of characters, or a formula of ``core.expressions``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol, Self

from flowbuilder.core import expressions
from flowbuilder.core.answers import TEXT_MAX, read_number
from flowbuilder.core.conditions import Operator, holds
from flowbuilder.core.flow import Settings
from flowbuilder.core.moments import wall_clock

BOUNDED = {"text": ("Shortest, in characters", "Longest, in characters"), "number": ("At least", "At most"), "date": ("Earliest", "Latest")}
"""The types of answers that may have bounds, and what these are called."""

_SAID = {
    "text": ("shorter than {} characters", "longer than {} characters"), "number": ("less than {}", "more than {}"),
    "date": ("before {}", "after {}"),
}  # fmt: skip
_WANTED = {
    "text": ("{} to {} characters", "at least {} characters", "at most {} characters"),
    "number": ("a number from {} to {}", "a number of at least {}", "a number of at most {}"),
    "date": ("a date from {} to {}", "a date from {} on", "a date up to {}"),
}


class Moment(Protocol):
    """What of a conversation a bound may depend on."""

    variables: Mapping[str, str]
    settings: Settings
    now: datetime


class Bounds(NamedTuple):
    type: str
    least: str
    most: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Those of a step's data; a type that has none ignores what was left from another."""
        least, most = data.get("least", ""), data.get("most", "")
        return cls(data["answer"], least.strip(), most.strip()) if data["answer"] in BOUNDED else cls(data["answer"], "", "")

    @property
    def formulas(self) -> tuple[str, ...]:
        return (self.least, self.most) if self.type in (expressions.NUMBER, expressions.DATE) else ()

    @property
    def words(self) -> str:
        """As they stand beside the type of the answer; empty where there are none."""
        if not (self.least or self.most):
            return ""
        between = "–" if self.type == "text" else " to "
        both = between.join((self.least, self.most))
        span = both if self.least and self.most else f"from {self.least}" if self.least else f"up to {self.most}"
        return f"{span} characters" if self.type == "text" else f"{self.type}, {span}"

    @property
    def wanted(self) -> str:
        """The same for whoever answers; empty also where a limit is calculated, which they could not read."""
        limits = tuple(limit for limit in (self.least, self.most) if limit)
        if not limits or any(sign.isalpha() or sign in "{(" for limit in limits for sign in limit):
            return ""
        between, over, under = _WANTED[self.type]
        span = between if len(limits) == 2 else over if self.least else under
        return f"Please answer with {span.format(*limits)}"

    def broken_by(self, value: str, moment: Moment) -> str:
        """Why an answer is beyond a bound, as a sentence; empty when it is within. A bound that has no value bounds nothing."""
        if not (self.least or self.most):
            return ""
        measured = str(len(value)) if self.type == "text" else value
        for formula, operator, said in zip(
            (self.least, self.most), (Operator.LESS, Operator.GREATER), _SAID.get(self.type, ()), strict=False
        ):
            bound = self._value(formula, moment)
            if bound and holds(operator, measured, bound):
                return f"The answer is {said.format(bound)}."
        return ""

    def _value(self, formula: str, moment: Moment) -> str:
        if not formula or self.type == "text":
            return formula
        now = wall_clock(moment.now, moment.settings.zone)
        return expressions.evaluate(self.type, formula, moment.variables, now).value


def bound_problems(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the bounds of a step, as field and sentence."""
    bounds = Bounds.of(data)
    fine = []
    for name, formula, label in zip(("least", "most"), (bounds.least, bounds.most), BOUNDED.get(bounds.type, ()), strict=False):
        if words := _problem(bounds.type, formula):
            yield name, f"“{label}” {words}"
        elif formula and not any(sign.isalpha() or sign == "{" for sign in formula):
            fine.append(formula)
    if len(fine) == 2 and holds(Operator.GREATER, *fine):
        low, high = BOUNDED[bounds.type]
        yield "most", f"no answer can be within both limits: “{low}” is above “{high}”. Correct one."


def _problem(type: str, formula: str) -> str:
    if not formula:
        return ""
    if type != "text":
        words = expressions.problem(type, formula)
        return f"cannot be calculated: {words}. Correct it, or leave it empty." if words else ""
    number = read_number(formula)
    if number is None or number != number.to_integral_value() or not 0 <= number <= TEXT_MAX:
        return f"must be a whole number, at most {TEXT_MAX:,}. Correct it, or leave it empty."
    return ""
