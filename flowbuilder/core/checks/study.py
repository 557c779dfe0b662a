"""A flow laid open for the checks: each question is answered once, and what belongs to a single step is remembered
between checks by the step's content, so that after a change only the changed step is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.graph import ways_through
from flowbuilder.core.memory import Memory
from flowbuilder.core.nodes import kind_of, name_of, starts
from flowbuilder.core.nodes.base import NEXT
from flowbuilder.core.variables import BUILT_IN


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What is known of the initial message. Its ``status`` is the review's; without options it cannot open a flow."""

    id: str
    status: str
    variables: tuple[str, ...] = ()
    continue_option: str = ""
    finish_option: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a flow cannot know of itself: the template message that its start names, if there is one."""

    template: TemplateFacts | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """All that the checks ask of one step, whatever is around it. ``answers`` are the ways out of which one is taken and
    none may be open; a step that ``goes_on`` has a single way out."""

    goes_on: bool
    answers: tuple[Port, ...]
    reads: tuple[str, ...]
    assigns: Mapping[str, str]
    limits: tuple[Finding, ...]
    waits: bool


def _profile(step: tuple[str, str, dict[str, Any]]) -> Profile:
    node = Node(*step)
    kind = kind_of(node)
    ports = kind.ports(node)
    return Profile(
        goes_on=NEXT in ports,
        answers=tuple(port for port in ports if port.must_lead and port != NEXT),
        reads=kind.reads(node),
        assigns=kind.assigns(node),
        limits=tuple(kind.limits(node)),
        waits=kind.waits,
    )


profiles: Memory[Profile] = Memory(_profile, most=20_000)


def _profile_of(node: Node) -> Profile:
    return profiles((node.id, node.kind, node.data))


class Study:
    """``profiles`` go from the start to the end, so that findings do."""

    def __init__(self, flow: Flow, facts: Facts | None) -> None:
        self.flow = flow
        self.facts = facts
        self.starts = starts(flow)
        self.ways = ways_through(flow, self.starts[0].id if self.starts else None)
        from_the_start = dict.fromkeys((*self.ways.order, *flow.nodes))
        self.profiles = {id: _profile_of(flow.nodes[id]) for id in from_the_start}

    @cached_property
    def given(self) -> frozenset[str]:
        """The variables that have a value when the conversation begins."""
        template = self.facts.template if self.facts else None
        return frozenset(BUILT_IN) | frozenset(template.variables if template else ())

    def name(self, id: str) -> str:
        return name_of(self.flow.nodes[id])

    def names(self, ids: Iterable[str]) -> str:
        return " → ".join(self.name(id) for id in ids)
