"""Of what a check speaks that not every flow has: without it nothing is said to be proved of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowbuilder.core.checks import untold
from flowbuilder.core.checks.study import Study
from flowbuilder.core.nodes import kind_of
from flowbuilder.core.variables import BUILT_IN, is_attribute


def _has(part: str) -> Callable[[Study], bool]:
    return lambda study: bool(study.having[part])


def _has_variables(study: Study) -> bool:
    return not study.spoken.issubset(BUILT_IN)


def _sends_later(study: Study) -> bool:
    return any(id != study.ways.start for id in study.having["sends"])


NEEDS: Mapping[str, Callable[[Study], bool]] = {
    "The initial message is approved": lambda study: any(kind_of(node).is_sent for node in study.starts),
    "Every variable has a value before it is used": _has_variables,
    "Every attribute that is used is one that contacts have": lambda study: any(map(is_attribute, study.spoken)),
    "Texts stay within the limits when their variables are filled in": _has_variables,
    "No other flow listens to the same phrases": lambda study: any(kind_of(node).phrases(node) for node in study.starts),
    "Every file that is shown is there": _has("files"),
    "Every team that takes over exists": _has("team"),
    "Every provider of validations exists": lambda study: any(node.kind == "validation" for node in study.flow.nodes.values()),
    "Every outbound message on the way is approved": _sends_later,
    "Every variable of outbound messages on the way is filled in": _sends_later,
    "Every flow that follows is published": _has("calls"),
    "Every secret that is sent exists": _has("secrets"),
    "Every branch can be taken": _has("branches"),
    "No answer that is typed is taken for another one": _has("typed"),
    "Every answer that is kept is used": _has("assigns"),
    "No answer takes the place of another one": lambda study: bool(study.having["assigns"] and study.having["asks"]),
    "Something follows when nobody replies to a question": _has("asks"),
    "People are told by which word they can leave": untold.must_tell,
    "Every note says something": _has("is_apart"),
}
