"""Warns of branches that can never, or always, be taken, by what their tests say of one another and of what a variable can be.

For every variable the values that the tests can tell apart are tried in every combination: of numbers each that is named,
one between each two and one beyond either end; of answers those that can be chosen. Tests whose outcome depends on more than
that may hold or not. So nothing is called impossible that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from flowbuilder.core.answers import read_date, read_number
from flowbuilder.core.checks.profile import Values, either
from flowbuilder.core.checks.study import Study
from flowbuilder.core.conditions import LISTED, UNARY, Operator, holds, listed
from flowbuilder.core.finding import Finding, Fix, Severity
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.memory import Memory
from flowbuilder.core.nodes.base import OTHERWISE
from flowbuilder.core.variables import is_name

MOST = 2_000
"""Combinations that are tried; a Condition with more of them gets no word from this check."""
NUMBER, DATE = "number", "date"
_ORDERED = frozenset(operator for operator in Operator if operator.sort in ("Number", "Date"))
_EXACT = _ORDERED | UNARY | LISTED | {Operator.EQUALS, Operator.NOT_EQUALS}
"""Tests of which the values that they name tell all; other tests look at parts of a text, or calculate."""
_OTHER_TEXT = "\x7fsome other text"


def find(study: Study) -> Iterator[Finding]:
    values = _values(study)
    for id, profile in study.having["branches"].items():
        known = {name: values.get(name, "") for name in profile.tested}
        if idle := never_taken((profile.branches, known)):
            yield from _findings(study, study.flow.nodes[id], idle, known)


def _findings(study: Study, node: Node, idle: tuple[str, ...], known: Mapping[str, Values]) -> Iterator[Finding]:
    ways = study.profiles[node.id].ports
    never = [port for port in ways if port.id in idle]
    taken = [port for port in ways if port.id not in idle]
    if not never or (len(never) == 1 and never[0].id == OTHERWISE.id and len(taken) > 1):
        return  # Branches that leave nothing over are good work.
    way = study.ways.to(node.id)
    if len(taken) == 1:
        why = next(filter(None, (_no_such_value(node, port, known) for port in never)), "")
        goes = f"{study.name(node.id)} always goes on through “{taken[0].label}”"
        text = f"{f'{goes}: {why}' if why else goes}. Change its tests, or remove the step."
        yield Finding("always", text, node=node.id, field="branches", path=way, severity=Severity.WARNING)
        return
    for port in never:
        if port.id != OTHERWISE.id:
            why = _no_such_value(node, port, known) or "whoever it fits has left before, or its tests exclude each other"
            text = f"{study.name(node.id)} can never go on through “{port.label}”: {why}. Change its tests, or remove it."
            yield Finding("never", text, node=node.id, field="branches", path=way, severity=Severity.WARNING, fix=_without(node, port))


def _no_such_value(node: Node, port: Port, known: Mapping[str, Values]) -> str:
    """In words, when a branch waits for what its variable cannot be, such as a misspelt answer."""
    tests = [test for branch in node.data["branches"] if branch["id"] == port.id for test in branch["tests"]]
    for test in (one for one in tests if one["operator"] == Operator.EQUALS):
        name = test["variable"].strip()
        can_be = known.get(name, "")
        if isinstance(can_be, tuple) and not any(holds(Operator.EQUALS, value, test["value"]) for value in can_be):
            values = ", ".join(f"“{value}”" for value in dict.fromkeys(can_be))
            return f"“{name}” is never “{test['value']}”, but one of {values}"
    return ""


def _without(node: Node, port: Port) -> Fix:
    left = [one for one in node.data["branches"] if one["id"] != port.id]
    return Fix.by(f"Remove “{port.label}”", {"kind": "change", "node": node.id, "data": {"branches": left}})


def _values(study: Study) -> dict[str, Values]:
    """What each variable that is tested can be, whichever way a run took; of the initial message's and the contact's that may be
    anything."""
    known: dict[str, Values] = {}
    if not study.knows_given:
        return known
    tested = {name for profile in study.having["branches"].values() for name in profile.tested} - study.given
    for profile in study.having["gives"].values() if tested else ():
        for name in tested.intersection(profile.gives):
            kept = profile.gives[name]
            known[name] = either(known.get(name, kept), kept)
    return {name: kept for name, kept in known.items() if is_name(name)}


def _find_never_taken(piece: tuple[Sequence[Mapping[str, Any]], dict[str, Values]]) -> tuple[str, ...]:
    """The ways out that nobody ever takes."""
    branches, values = piece
    tests = [test for one in branches for test in one["tests"]]
    if any(_is_unfinished(test) for test in tests) or not all(one["tests"] for one in branches):
        return ()
    tried = {name: _tried(kept, [test for test in tests if test["variable"].strip() == name]) for name, kept in values.items()}
    if prod(len(each) for each in tried.values()) > MOST:
        return ()
    idle = dict.fromkeys([*(one["id"] for one in branches), OTHERWISE.id])
    for combination in product(*tried.values()):
        for id in _taken(branches, dict(zip(tried, combination, strict=True))):
            idle.pop(id, None)
    return tuple(idle)


never_taken: Memory[tuple[str, ...]] = Memory(_find_never_taken, most=5_000)


def _is_unfinished(test: Mapping[str, Any]) -> bool:
    return not test["variable"].strip() or (test["operator"] not in UNARY and not test.get("value", "").strip())


def _taken(branches: Sequence[Mapping[str, Any]], values: Mapping[str, str | None]) -> Iterator[str]:
    """The ways that somebody with these values may take: up to the first branch that surely holds."""
    for one in branches:
        outcomes = [_outcome(test, values[test["variable"].strip()]) for test in one["tests"]]
        if one["match"] == "all":
            may, must = False not in outcomes, all(outcome is True for outcome in outcomes)
        else:
            may, must = any(outcome is not False for outcome in outcomes), True in outcomes
        if may:
            yield one["id"]
        if must:
            return
    yield OTHERWISE.id


def _outcome(test: Mapping[str, Any], value: str | None) -> bool | None:
    """None when it depends on something else: another variable, a calculation, or a part of a text that may be any."""
    operator, other = test["operator"], test.get("value", "")
    if operator not in UNARY and (("{{" in other) or (operator in _ORDERED and read_number(other) is None and read_date(other) is None)):
        return None
    if value is None:
        return None
    return holds(operator, value, other)


def _tried(kept: Values, tests: Sequence[Mapping[str, Any]]) -> tuple[str | None, ...]:
    """Values of which every other behaves like one in all these tests. Where nothing but emptiness is asked, there may be none."""
    nothing = ("",) if all(test["operator"] in UNARY for test in tests) else ()
    if isinstance(kept, tuple):
        return tuple(dict.fromkeys(kept + nothing))
    named = [value for test in tests for value in _named(test)]
    numbers = sorted({number for value in named if (number := read_number(value)) is not None})
    days = sorted({day for value in named if (day := read_date(value)) is not None})
    if any(test["operator"] not in _EXACT for test in tests):
        return (None,)
    if kept == NUMBER:
        return (*_between(numbers), *nothing)
    if kept == DATE:
        return (*(day.isoformat() for day in _around(days)), *nothing)
    odd = [f"“{value}”" for value in named]
    return (
        "", _OTHER_TEXT, *dict.fromkeys(named), *odd, *_between(numbers), *(day.isoformat() for day in _around(days)),
    )  # fmt: skip


def _named(test: Mapping[str, Any]) -> tuple[str, ...]:
    if test["operator"] in UNARY:
        return ()
    return listed(test["value"]) if test["operator"] in LISTED else (test["value"],)


def _between(numbers: Sequence[Decimal]) -> Iterator[str | None]:
    """Each number, one between each two, and one beyond either end; None where one cannot be written as an answer."""
    middles = [(low + high) / 2 for low, high in zip(numbers, numbers[1:], strict=False)]
    beyond = [numbers[0] - 1, numbers[-1] + 1] if numbers else [Decimal()]
    for number in (*numbers, *middles, *beyond):
        text = format(number, "f")
        yield text if read_number(text) == number else None


def _around(days: Sequence[date]) -> tuple[date, ...]:
    """Each day, the one before and the one after it: between two neighbours there is none."""
    if not days:
        return (date(2000, 1, 1),)
    near = {day + timedelta(days=by) for day in days for by in (-1, 0, 1) if date.min < day < date.max}
    return tuple(sorted(near | set(days)))
