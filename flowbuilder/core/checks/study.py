"""A flow laid open for the checks: each question is answered once, and what belongs to a single step is remembered
between checks by the step's content, so that after a change only the changed step is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flowbuilder.core.checks.facts import UNKNOWN, Facts, FlowFacts, Onward, TemplateFacts
from flowbuilder.core.checks.plain import secret_in
from flowbuilder.core.conditions import as_spoken
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node, Place, Port
from flowbuilder.core.graph import ways_through
from flowbuilder.core.marks import plain
from flowbuilder.core.memory import Beside, Memory
from flowbuilder.core.nodes import assigns, kind_of, limits, name_of, ports, reads, starts
from flowbuilder.core.nodes.base import INSTANT, NEXT, NodeKind, Stay
from flowbuilder.core.silence import patience
from flowbuilder.core.variables import BUILT_IN, names_in


@dataclass(frozen=True, slots=True)
class Typed:
    """Words that lead through a port when somebody types them, and as they are heard; the title of an answer comes first."""

    port: str
    words: str
    spoken: str
    is_title: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """All that the checks ask of one step, whatever is around it. ``answers`` are the ways out of which one is taken and
    none may be open; a step that ``goes_on`` has a single way out. ``asks`` is 1 where it asks a question of its own."""

    name: str
    ports: tuple[Port, ...]
    goes_on: bool
    answers: tuple[Port, ...]
    reads: tuple[str, ...]
    assigns: Mapping[str, tuple[str, ...]]
    limits: tuple[Finding, ...]
    waits: bool
    is_apart: bool
    stays: Mapping[str, Stay]
    is_instant: bool
    """No time passes there, whichever way a run takes."""
    passes: Mapping[str, int]
    """For each port of a step that waits for nobody the most seconds until a run leaves there."""
    speaks: tuple[int, ...]
    sends: tuple[str, ...]
    fills: tuple[str, ...] | None
    calls: tuple[str, ...]
    replies: tuple[str, ...] | None
    files: tuple[str, ...]
    team: str
    secrets: tuple[str, ...]
    turns: int
    resends: int
    messages: int
    unsent: tuple[str, ...]
    may_be_left: bool
    """A person may send there the word that ends the conversation."""
    is_with_people: bool
    asks: int
    shows: str
    said: str
    """The same without what the eye passes over; empty for a start, and where an outbound message is sent."""
    keeps: Mapping[str, tuple[str, ...] | str]
    typed: tuple[Typed, ...]
    branches: Sequence[Mapping[str, Any]]
    secret: str


def _said(kind: NodeKind, node: Node) -> str:
    """Of a step that waits for nobody all of its texts: it may say another one each time."""
    texts = () if kind.hears else kind.texts(node)
    return " ".join(" ".join(dict.fromkeys((kind.shows(node), *texts))).casefold().split())


def _profile(step: tuple[str, str, dict[str, Any]]) -> Profile:
    node = Node(*step)
    kind = kind_of(node)
    ways = ports(node)
    stays = {port.id: kind.lasts(node, port.id) for port in ways}
    return Profile(
        name=name_of(node),
        ports=ways,
        goes_on=NEXT in ways,
        answers=tuple(port for port in ways if port.must_lead and port != NEXT),
        reads=reads(node),
        assigns=assigns(node),
        limits=tuple(limits(node)),
        waits=kind.waits,
        is_apart=kind.is_apart,
        stays=stays,
        is_instant=all(stay == INSTANT for stay in stays.values()),
        passes={} if kind.waits else {port: stay.most or 0 for port, stay in stays.items()},
        speaks=kind.speaks(node),
        sends=kind.sends(node),
        fills=kind.fills(node),
        calls=kind.calls(node),
        replies=kind.replies(node),
        files=kind.files(node),
        team=kind.team(node),
        secrets=kind.secrets(node),
        **_counted(kind, node),
        asks=int(kind.hears and not kind.is_start),
        shows=kind.shows(node),
        said="" if kind.is_start or kind.sends(node) else _said(kind, node),
        keeps=kind.keeps(node),
        typed=tuple(
            Typed(port, words, as_spoken(words), at == 0) for port, several in kind.typed(node).items() for at, words in enumerate(several)
        ),
        branches=kind.branches(node),
        secret=secret_in(node.data),
    )


def _counted(kind: NodeKind, node: Node) -> dict[str, Any]:
    return {
        "turns": kind.turns(node),
        "messages": kind.says(node),
        "resends": kind.resends(node),
        "unsent": kind.unsent(node),
        "may_be_left": kind.waits and (kind.is_sent or not kind.is_start),
        "is_with_people": kind.waits_for == "colleague",
    }


profiles: Memory[Profile] = Memory(_profile, most=20_000)
_beside: Beside[Profile] = Beside(most=20_000)


def _profile_of(node: Node) -> Profile:
    return _beside.get(node, _by_content, node)


def _by_content(node: Node) -> Profile:
    return profiles((node.id, node.kind, node.data))


def forget_steps() -> None:
    """Forget all that was found out about steps; for measuring."""
    profiles.forget()
    _beside.forget()


class Study:
    """``profiles`` go from the start to the end, so that findings do."""

    def __init__(self, flow: Flow, facts: Facts | None) -> None:
        self.flow = flow
        self.notes = {id: node for id, node in flow.nodes.items() if kind_of(node).is_apart}
        self.facts = facts or UNKNOWN
        self.starts = starts(flow)
        self._patient: dict[str, int] = {}
        self.ways = ways_through(flow, self.starts[0].id if self.starts else None)
        from_the_start = dict.fromkeys((*self.ways.order, *flow.nodes))
        self.profiles = {id: _profile_of(flow.nodes[id]) for id in from_the_start}

    @cached_property
    def led(self) -> frozenset[Place]:
        """The ways out of steps that lead to another one."""
        nodes = self.flow.nodes
        return frozenset(place for place, target in self.flow.edges.items() if target in nodes)

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

    def most(self, id: str, stay: Stay) -> int:
        """The most seconds of a stay at a step, which the flow limits where the step does not."""
        return (self._patience(id) if stay.most is None else stay.most) + stay.lingers

    def _patience(self, id: str) -> int:
        if id not in self._patient:
            self._patient[id] = patience(self.flow, self.flow.nodes[id])
        return self._patient[id]

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
        flows = ((id, self.follower(called)) for id, profile in self.profiles.items() for called in profile.calls)
        return {id: (flow, flow.onward) for id, flow in flows if flow and flow.onward}

    @cached_property
    def reads(self) -> dict[str, tuple[str, ...]]:
        """By step what must have a value when a run comes by: also what the flow needs to which it goes over and does not hand it."""
        return {id: self._with_called(id) if profile.calls else profile.reads for id, profile in self.profiles.items()}

    def _with_called(self, id: str) -> tuple[str, ...]:
        profile, node = self.profiles[id], self.flow.nodes[id]
        handed = kind_of(node).hands_over(node)
        needed = (name for called in profile.calls if (flow := self.follower(called)) for name in flow.needs)
        return tuple(dict.fromkeys((*profile.reads, *(name for name in needed if name not in handed))))

    @cached_property
    def uses(self) -> set[str]:
        """The variables that some step or what is said besides looks at, here or in a flow that follows."""
        found = {name for profile in self.profiles.values() for name in profile.reads}
        found |= {*names_in(self.flow.settings.exit_text, self.flow.settings.reprompt)}
        found |= {test["variable"].strip() for profile in self.profiles.values() for one in profile.branches for test in one["tests"]}
        called = {id for profile in self.profiles.values() for id in profile.calls}
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
