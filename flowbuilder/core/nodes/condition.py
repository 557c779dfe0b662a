"""Condition: looks at variables and goes on through the first branch that holds, otherwise through Otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from flowbuilder.core import card, expressions
from flowbuilder.core.answers import read_moment, read_number
from flowbuilder.core.conditions import UNARY, Operator, holds
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.moments import wall_clock
from flowbuilder.core.nodes.base import OTHERWISE, Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import repeated
from flowbuilder.core.nodes.moves import Leave, Move
from flowbuilder.core.variables import names_in

_TYPES = {"Number": expressions.NUMBER, "Date": expressions.DATE}
_CALCULATED: Mapping[str, str] = {each: _TYPES[each.sort] for each in Operator if each.sort in _TYPES}
"""The type of formula that an operator compares with."""


class Condition(NodeKind):
    name = "condition"
    label = "Condition"
    icon = "arrows-split"
    tone = "amber"
    group = "Logic"
    order = 10
    operators = tuple(Operator)
    signs: ClassVar[Mapping[str, str]] = {str(each): each.sign for each in Operator}

    def ports(self, node: Node) -> tuple[Port, ...]:
        branches = node.data["branches"]
        return *(Port(one["id"], one["label"] or f"Branch {at}") for at, one in enumerate(branches, 1)), OTHERWISE

    def blank(self) -> dict[str, Any]:
        test = {"variable": "", "operator": "equals", "value": ""}
        return {"branches": [{"id": "b1", "label": "", "match": "all", "tests": [test]}]}

    def texts(self, node: Node) -> tuple[str, ...]:
        return ()

    def summary(self, node: Node) -> str:
        return ", ".join(one["label"] for one in node.data["branches"] if one["label"])

    def height(self, node: Node) -> int:
        return card.HEAD + card.formula(len(node.data["branches"][:3]))

    def reads(self, node: Node) -> tuple[str, ...]:
        """Whether a variable is empty may be asked of any; all other tests need its value."""
        return tuple(dict.fromkeys(name for test in _tests(node) for name in _read_by(test)))

    def branches(self, node: Node) -> Sequence[Mapping[str, Any]]:
        return node.data["branches"]

    def enter(self, node: Node, context: Context) -> Move:
        for branch in node.data["branches"]:
            verdicts = [holds(test["operator"], _value(test, context), _other(test, context)) for test in branch["tests"]]
            if (all if branch["match"] == "all" else any)(verdicts):
                return Leave(branch["id"])
        return Leave(OTHERWISE.id)

    def limits(self, node: Node) -> Iterable[Finding]:
        owner = name_of(self, node)
        if not node.data["branches"]:
            yield Finding("empty", f"{owner}: add a branch.", node=node.id, field="branches")
        for title in repeated(one["label"].casefold() for one in node.data["branches"] if one["label"]):
            text = f"{owner}: two branches are called “{title}”. Give each its own name."
            yield Finding("repeated", text, node=node.id, field="branches")
        for at, branch in enumerate(node.data["branches"], 1):
            yield from _branch_limits(node, owner, branch["label"] or f"Branch {at}", branch)


def _branch_limits(node: Node, owner: str, label: str, branch: Mapping[str, Any]) -> Iterator[Finding]:
    if not branch["tests"]:
        yield Finding(
            "empty", f"{owner}: the branch “{label}” asks nothing. Add a test to it or remove it.", node=node.id, field="branches"
        )
    for test in branch["tests"]:
        if not test["variable"].strip():
            text = f"{owner}: choose the variable that the branch “{label}” looks at."
            yield Finding("no_variable", text, node=node.id, field="branches")
        elif test["operator"] not in UNARY and not test.get("value", "").strip():
            text = f"{owner}: enter what the branch “{label}” compares {test['variable']} with."
            yield Finding("empty", text, node=node.id, field="branches")
        elif words := _problem(test):
            text = f"{owner}: what the branch “{label}” compares {test['variable']} with cannot be calculated: {words}. Correct it."
            yield Finding("formula", text, node=node.id, field="branches")


def _problem(test: Mapping[str, Any]) -> str:
    type, value = _CALCULATED.get(test["operator"]), test.get("value", "")
    return "" if type is None or _is_plain(value) else expressions.problem(type, value)


def _tests(node: Node) -> Iterator[Mapping[str, Any]]:
    for branch in node.data["branches"]:
        yield from branch["tests"]


def _read_by(test: Mapping[str, Any]) -> tuple[str, ...]:
    if test["operator"] in UNARY or not test["variable"].strip():
        return ()
    return test["variable"].strip(), *names_in(test.get("value", ""))


def _value(test: Mapping[str, Any], context: Context) -> str:
    return context.variables.get(test["variable"].strip(), "")


def _other(test: Mapping[str, Any], context: Context) -> str:
    """What the variable is compared with: a value as people write it, or the result of a formula."""
    given, type = test.get("value", ""), _CALCULATED.get(test["operator"])
    filled = context.fill(given)
    if type is None or (_is_plain_here(given) if filled is given else _is_plain(filled)):
        return filled
    return expressions.evaluate(type, given, context.variables, wall_clock(context.now, context.settings.zone)).value


def _is_plain(value: str) -> bool:
    return read_number(value) is not None or read_moment(value) is not None


@lru_cache(4096)
def _is_plain_here(given: str) -> bool:
    """``_is_plain`` of what stands in a flow, which is compared with again and again."""
    return _is_plain(given)


KIND = Condition()
