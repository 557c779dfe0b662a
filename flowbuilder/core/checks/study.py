"""A flow laid open for the checks: each question that several of them ask is answered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain

from flowbuilder.core.checks.facts import UNKNOWN, Facts, FlowFacts, Onward, TemplateFacts
from flowbuilder.core.checks.profile import RARE, Profile, profiles_of
from flowbuilder.core.flow import Flow, Place, Port
from flowbuilder.core.graph import ways_through
from flowbuilder.core.marks import plain
from flowbuilder.core.nodes import kind_of, starts
from flowbuilder.core.silence import patience
from flowbuilder.core.variables import BUILT_IN, names_in


class Study:
    """``profiles`` go from the start to the end, so that findings do."""

    def __init__(self, flow: Flow, facts: Facts | None) -> None:
        self.flow = flow
        self.facts = facts or UNKNOWN
        self.starts = starts(flow)
        self.ways = ways_through(flow, self.starts[0].id if self.starts else None)
        from_the_start = dict.fromkeys((*self.ways.order, *flow.nodes))
        profiles = profiles_of([flow.nodes[id] for id in from_the_start])
        self.profiles: dict[str, Profile] = dict(zip(from_the_start, profiles, strict=True))
        self.having: dict[str, dict[str, Profile]] = {part: {} for part in RARE}
        """By rare part of a profile the steps that have something of it."""
        for id, profile in self.profiles.items():
            for part in profile.parts:
                self.having[part][id] = profile

    @cached_property
    def going(self) -> list[tuple[str, Profile, list[tuple[str, str]]]]:
        """The reached steps, each after all that lead to it, with their connections."""
        order, leaving = self.ways.order, self.ways.leaving
        return [(id, profile, leaving[id]) for id, profile in zip(order, self.profiles.values(), strict=False)]

    @cached_property
    def open(self) -> dict[str, list[Port]]:
        """By step the ways out that lead nowhere."""
        led: Mapping[Place, str] = self.flow.edges
        if not self.flow.nodes.keys() >= set(led.values()):
            led = {place: target for place, target in led.items() if target in self.flow.nodes}
        steps = dict.fromkeys([place[0] for profile in self.profiles.values() for place in profile.places if place not in led])
        return {id: [port for port in self.profiles[id].ports if (id, port.id) not in led] for id in steps}

    @cached_property
    def assigned(self) -> set[str]:
        """The variables that some step sets."""
        return {name for profile in self.having["assigns"].values() for names in profile.assigns.values() for name in names}

    @cached_property
    def spoken(self) -> set[str]:
        """The variables that some step looks at."""
        return set(chain.from_iterable([profile.looks_at for profile in self.profiles.values()]))

    @cached_property
    def given(self) -> frozenset[str]:
        """The variables that have a value when the conversation begins."""
        template = self.facts.template
        return frozenset(BUILT_IN) | frozenset(template.variables if template else ())

    @cached_property
    def knows_given(self) -> bool:
        """Whether those are all: not where it opens with a message of which nothing is known."""
        is_sent = any(kind_of(node).is_sent and node.data.get("template") for node in self.starts)
        return not is_sent or self.facts.template is not None or self.facts.templates is not None

    @cached_property
    def lasts(self) -> dict[str, dict[str, int]]:
        """By step that waits, for each port the most seconds of a stay, which the flow limits where the step does not."""
        return {id: self._lasts(id, profile) for id, profile in self.having["stays"].items()}

    def most(self, id: str, port: str) -> int:
        return self.lasts[id].get(port, 0) if id in self.lasts else 0

    def _lasts(self, id: str, profile: Profile) -> dict[str, int]:
        longest = patience(self.flow, self.flow.nodes[id])
        return {port: (longest if stay.most is None else stay.most) + stay.lingers for port, stay in profile.stays.items()}

    def template(self, id: str) -> TemplateFacts | None:
        """An outbound message that the flow speaks of."""
        initial = self.facts.template
        return initial if initial and initial.id == id else (self.facts.templates or {}).get(id)

    def category(self, template: str) -> str:
        found = self.template(template)
        return found.category if found else ""

    def follower(self, id: str) -> FlowFacts | None:
        """A flow that this one goes over to, if it is known."""
        found = (self.facts.flows or {}).get(id)
        return found if found and found.is_known else None

    @cached_property
    def beyond(self) -> dict[str, tuple[FlowFacts, Onward]]:
        """By step that goes over to another flow, that flow and how it goes on there, where that is known."""
        flows = ((id, self.follower(called)) for id, profile in self.having["calls"].items() for called in profile.calls)
        return {id: (flow, flow.onward) for id, flow in flows if flow and flow.onward}

    @cached_property
    def reads(self) -> dict[str, tuple[str, ...]]:
        """By step what must have a value when a run comes by: also what the flow needs to which it goes over and does not hand it."""
        found = {id: profile.reads for id, profile in self.profiles.items()}
        found.update((id, self._with_called(id)) for id in self.having["calls"])
        return found

    def _with_called(self, id: str) -> tuple[str, ...]:
        profile, node = self.profiles[id], self.flow.nodes[id]
        handed = kind_of(node).hands_over(node)
        needed = (name for called in profile.calls if (flow := self.follower(called)) for name in flow.needs)
        return tuple(dict.fromkeys((*profile.reads, *(name for name in needed if name not in handed))))

    @cached_property
    def uses(self) -> set[str]:
        """The variables that some step or what is said besides looks at, here or in a flow that follows."""
        found = self.spoken.union(names_in(self.flow.settings.exit_text, self.flow.settings.reprompt))
        called = {id for profile in self.having["calls"].values() for id in profile.calls}
        return found.union(*(flow.uses for id in called if (flow := self.follower(id))))

    def name(self, id: str) -> str:
        return self.profiles[id].name

    def label(self, id: str, port: Port) -> str:
        """What a way out is called; of the opening, what the button of the initial message says."""
        template = self.facts.template
        is_opening = template is not None and kind_of(self.flow.nodes[id]).is_sent
        return plain((template.tapped.get(port.id) if is_opening else "") or port.label)

    def names(self, ids: Iterable[str]) -> str:
        return " → ".join(self.name(id) for id in ids)
