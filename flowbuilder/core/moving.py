"""Moving people who are under way to another version: what would become of each, tried on a copy of the run.

Somebody who stays at the same step is moved in silence, as long as what their phone shows may still be answered there and
means the same. Whoever goes to another step, or reads what is not so any more, is asked the question of the new step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import networkx

from flowbuilder.core import engine
from flowbuilder.core.events import Event, EventKind, Sprint
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.graph import FlowGraph
from flowbuilder.core.nodes import KINDS, assigns, name_of, ports, reads
from flowbuilder.core.run import Run, RunStatus
from flowbuilder.core.variables import EXIT_WORD, is_given

WINDOW = timedelta(hours=24)


class Fate(StrEnum):
    """Moved without a word; moved and asked; not moved."""

    STAYS = "stays"
    IS_ASKED = "is_asked"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``sprint`` is the run in the new version; where there is none, ``reason`` says why in one sentence."""

    fate: Fate
    sprint: Sprint | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The way from one version into another: for each step of the old one, a step of the new one or None to stay behind.

    ``number`` is the new version's. ``needs`` are those of ``needs(new)``.
    """

    old: Flow
    new: Flow
    mapping: Mapping[str, str | None]
    number: int
    needs: Mapping[str, frozenset[str]] = field(repr=False)

    @classmethod
    def of(cls, old: Flow, new: Flow, mapping: Mapping[str, str | None], number: int) -> Plan:
        return cls(old, new, mapping, number, needs(new))

    def judge(self, run: Run, now: datetime, heard_at: datetime | None) -> Verdict:
        """Try the move on a copy of ``run``; ``heard_at`` is when the person last wrote."""
        target = self.mapping.get(run.node or "")
        if reason := self._obstacle(run, target):
            return _cannot(reason)
        assert target is not None
        copy = run._replace(node=target, variables={**run.variables, EXIT_WORD: self.new.settings.exit_word})
        if run.node == target and self._asks_the_same(target):
            return Verdict(Fate.STAYS, Sprint(copy, (self._moved(run, target),)))
        if reason := self._unaskable(run, target, now, heard_at):
            return _cannot(reason)
        sprint = engine.arrive(self.new, copy, target, now)
        if sprint.run.status is RunStatus.FAILED:
            return _cannot(f"From {self._name(target)} the conversation would fail at once.")
        if sprint.goes_to:
            return _cannot(f"From {self._name(target)} the conversation would go over to another flow at once.")
        return Verdict(Fate.IS_ASKED, Sprint(sprint.run, (self._moved(run, target), *sprint.events)))

    def _obstacle(self, run: Run, target: str | None) -> str:
        if not run.status.is_open:
            return "Their conversation has ended."
        if target is None:
            return "No step of the new version was chosen for the step they stand at."
        if target not in self.new.nodes:
            return "The step that was chosen for them is not in the new version."
        if missing := sorted(name for name in self.needs[target] - run.variables.keys() if not is_given(name)):
            names = ", ".join(f"“{name}”" for name in missing)
            return f"From {self._name(target)} on the flow uses {names}, which nobody asked them."
        return ""

    def _unaskable(self, run: Run, target: str, now: datetime, heard_at: datetime | None) -> str:
        if run.status is not RunStatus.IN_PROGRESS:
            return "They are with a person of your team, and that step is not the same any more."
        if KINDS[self.new.nodes[target].kind].is_start:
            return "They have not answered the initial message yet, and the opening is not the same any more."
        if heard_at is None or now - heard_at >= WINDOW:
            return f"They would have to be asked anew ({self._name(target)}), but last wrote more than 24 hours ago."
        return ""

    def _asks_the_same(self, id: str) -> bool:
        before, after = self.old.nodes.get(id), self.new.nodes[id]
        return is_same_place(before, after) and KINDS[after.kind].asks_the_same(before, after)  # type: ignore[arg-type]

    def _moved(self, run: Run, target: str) -> Event:
        return Event(EventKind.MOVED, target, {"of": run.node, "version": self.number})

    def _name(self, id: str) -> str:
        return name_of(self.new.nodes[id])


def suggest(old: Flow, new: Flow, stood_at: Iterable[str]) -> dict[str, str | None]:
    """For each step the same one, where it still exists as the same kind and waits; otherwise nothing."""
    return {id: id if is_same_place(old.nodes.get(id), new.nodes.get(id)) else None for id in stood_at}


def is_same_place(before: Node | None, after: Node | None) -> bool:
    return before is not None and after is not None and before.kind == after.kind and KINDS[after.kind].waits


def needs(flow: Flow) -> dict[str, frozenset[str]]:
    """For each step the variables that it or a later one uses, and that no step on the way there sets. The flow has no circle."""
    found: dict[str, frozenset[str]] = {}
    for id in reversed(list(networkx.topological_sort(FlowGraph.of(flow)))):
        node = flow.nodes[id]
        kept = assigns(node)
        wanted = set(reads(node))
        for port in ports(node):
            if (target := flow.target(id, port.id)) is not None:
                wanted |= found[target] - set(kept.get(port.id, ()))
        found[id] = frozenset(wanted)
    return found


def _cannot(reason: str) -> Verdict:
    return Verdict(Fate.CANNOT, reason=reason)
