"""Whether a flow is a good one: one file per check, each a function ``find(study)`` that yields findings. A check is called by what is
proved where it finds none.

Findings speak in the words of the screen and carry the shortest path from the start that shows the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flowbuilder.core import schema
from flowbuilder.core.checks import (
    acyclic,
    assigned,
    attributes,
    branches,
    ends,
    files,
    filled,
    initial,
    language,
    limits,
    notes,
    outbound,
    overlapping,
    pace,
    parameters,
    phrases,
    providers,
    reachable,
    replaced,
    same,
    secrets,
    silent,
    start,
    subflows,
    teams,
    unanswered,
    unjudged,
    untold,
    unused,
    vault,
    window,
    wired,
)  # fmt: skip
from flowbuilder.core.checks.about import NEEDS
from flowbuilder.core.checks.facts import UNKNOWN, Facts, FlowFacts, TemplateFacts
from flowbuilder.core.checks.profile import forget_steps
from flowbuilder.core.checks.proved import Proved, prove
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.graph import closing_cycle, ways
from flowbuilder.core.leaving import as_said

__all__ = [
    "CHECKS", "UNKNOWN", "Facts", "FlowFacts", "Proved", "Review", "TemplateFacts", "check", "closing_cycle", "review", "verdict",
]  # fmt: skip

CHECKS: dict[str, Callable[[Study], Iterator[Finding]]] = {
    "There is exactly one start": start.find,
    "The initial message is approved": initial.find,
    "No way leads in a circle": acyclic.find,
    "Every step can be reached": reachable.find,
    "Every path ends": ends.find,
    "Every answer leads on, or may end the conversation": wired.find,
    "Every variable has a value before it is used": assigned.find,
    "Every attribute that is used is one that contacts have": attributes.find,
    "Every text is within WhatsApp's limits": limits.find,
    "Texts stay within the limits when their variables are filled in": filled.find,
    "No more than 100 steps follow each other without waiting for somebody": pace.find,
    "No other flow listens to the same phrases": phrases.find,
    "Every file that is shown is there": files.find,
    "Every team that takes over exists": teams.find,
    "Every provider of validations exists": providers.find,
    "Every message is sent while WhatsApp's 24-hour window is open": window.find,
    "Every outbound message on the way is approved": outbound.find,
    "Every variable of outbound messages on the way is filled in": parameters.find,
    "Every flow that follows is published": subflows.find,
    "No password or key can be read in the flow": secrets.find,
    "Every secret that is sent exists": vault.find,
    "Every branch can be taken": branches.find,
    "No answer that is typed is taken for another one": overlapping.find,
    "Every answer that is kept is used": unused.find,
    "No answer takes the place of another one": replaced.find,
    "No step needlessly says what another says": same.find,
    "Something follows when nobody replies to a question": unanswered.find,
    "No answer ends the conversation without a word": silent.find,
    "People are told by which word they can leave": untold.find,
    "All texts are in one language": language.find,
    "Every note says something": notes.find,
}


_RESTS_ON = {"Every path ends": ("No way leads in a circle", "Every answer leads on, or may end the conversation")}
"""What a check finds nothing against only means something where these hold, too."""


@dataclass(frozen=True, slots=True)
class Review:
    """What the checks have to say of a flow, errors first; the names of those that hold, and what is proved by it. ``unjudged`` is
    what they could not look at, for want of facts.
    """

    findings: tuple[Finding, ...]
    held: tuple[str, ...] = ()
    proved: Proved | None = None
    unjudged: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_error)


def review(flow: Flow, facts: Facts | None) -> Review:
    """What is wrong with a flow, and what is right. Without ``facts`` nothing is known of what it speaks of."""
    study = Study(as_said(flow), facts)
    found = {name: tuple(find(study)) for name, find in CHECKS.items()}
    findings = sorted((finding for several in found.values() for finding in several), key=lambda finding: not finding.is_error)
    open_ = tuple(unjudged.find(study))
    failed = {name for name, several in found.items() if several} | {name for name, _ in open_}
    held = (
        name for name in found
        if name not in failed and not failed.intersection(_RESTS_ON.get(name, ())) and NEEDS.get(name, bool)(study)
    )  # fmt: skip
    return Review(tuple(findings), tuple(held), prove(study), tuple(dict.fromkeys(words for _, words in open_)))


def check(flow: Flow, facts: Facts | None) -> tuple[Finding, ...]:
    return review(flow, facts).findings


def verdict(document: Any, facts: Facts | None) -> Review:
    """The same for a document that may not even be a flow."""
    flow = schema.flow_of(document)
    problems = schema.problems(document) if flow is None else ()
    return Review(problems) if problems else review(flow or Flow.from_json(document), facts)


def forget() -> None:
    """Forget all that was found out about steps and ways; for measuring."""
    forget_steps()
    for memory in (filled.too_long, branches.never_taken):
        memory.forget()
    ways.cache_clear()
    language.forget()
