"""What a flow does with whoever comes there from another one, past its opening: what it needs, how long it stays silent, its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowbuilder.core.checks.facts import Facts, FlowFacts, Onward
from flowbuilder.core.checks.proved import costs_from, numbers_from, with_colleagues
from flowbuilder.core.checks.settings import said_at
from flowbuilder.core.checks.study import Study
from flowbuilder.core.checks.window import first_words
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import kind_of
from flowbuilder.core.variables import is_given


@dataclass(frozen=True, slots=True)
class Other:
    """Another flow: its published version, or None where there is none yet. ``is_known`` is false for one of which only the id is known."""

    name: str
    flow: Flow | None
    is_known: bool = True


def facts_of(others: Mapping[str, Other], facts: Facts) -> dict[str, FlowFacts]:
    """What is known of each of ``others`` with all that follows it; ``facts`` are those of outbound messages and prices."""
    found: dict[str, FlowFacts] = {}
    for id in others:
        _find(id, others, facts, found, ())
    return found


def _find(id: str, others: Mapping[str, Other], facts: Facts, found: dict[str, FlowFacts], coming: tuple[str, ...]) -> None:
    """Those that it goes over to first; in a circle, which is a fault of its own, nothing is told of the flow that closes it."""
    if id in found or id in coming or id not in others:
        return
    other = others[id]
    if other.flow is None or not other.is_known:
        found[id] = FlowFacts(id, other.name, other.flow is not None or not other.is_known, is_known=other.is_known)
        return
    calls = called_by(other.flow)
    for one in calls:
        _find(one, others, facts, found, (*coming, id))
    study = Study(other.flow, replace(facts, flows={one: found[one] for one in calls if one in found}, id=id))
    needs = tuple(sorted(_needs(study)))
    onward = _onward(study) if study.ways.is_acyclic else None
    found[id] = FlowFacts(id, other.name, True, calls, needs, frozenset(study.uses), onward)


def called_by(flow: Flow) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for node in flow.nodes.values() for one in kind_of(node).calls(node)))


def _entry(study: Study) -> str | None:
    """The step to which whoever comes from another flow goes first."""
    start = study.starts[0] if study.starts else None
    return study.flow.target(start.id, kind_of(start).opening) if start else None


def _needs(study: Study) -> frozenset[str]:
    """The variables that are used from there on, also by what is said to who leaves, and that no step on the way sets."""
    found: dict[str, frozenset[str]] = {}
    besides = {id: names for field, names, places in said_at(study) if field == "exit_text" for id in places}
    for id in reversed(study.ways.order):
        kept, wanted = study.profiles[id].assigns, {*study.reads[id], *besides.get(id, ())}
        for port, target in study.ways.leaving[id]:
            wanted |= found.get(target, frozenset()) - set(kept.get(port, ()))
        found[id] = frozenset(wanted)
    entry = _entry(study)
    return frozenset(name for name in found.get(entry, ()) if not is_given(name)) if entry else frozenset()


def _onward(study: Study) -> Onward | None:
    entry, numbers = _entry(study), numbers_from(study)
    if entry is None or numbers is None:
        return None
    late = first_words(study, entry)
    least, most = costs_from(study)[entry] if study.facts.prices else (None, None)
    return Onward(
        *numbers[entry],
        least=least,
        most=most,
        late=late[0] if late else None,
        way=late[1] if late else (),
        with_colleagues=with_colleagues(study),
    )
