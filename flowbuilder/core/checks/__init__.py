"""Whether a flow is a good one: one file per check, each a function ``find(study)`` that yields findings.

Findings speak in the words of the screen and carry the shortest path from the start that shows the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flowbuilder.core import schema
from flowbuilder.core.checks import acyclic, assigned, ends, initial, limits, pace, reachable, start, wired
from flowbuilder.core.checks.study import Facts, Study, TemplateFacts
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.graph import closing_cycle

__all__ = ["CHECKS", "Facts", "TemplateFacts", "check", "closing_cycle", "verdict"]

CHECKS: dict[str, Callable[[Study], Iterator[Finding]]] = {
    "Exactly one start": start.find,
    "Initial message approved": initial.find,
    "No circles": acyclic.find,
    "Every step reachable": reachable.find,
    "Every path ends": ends.find,
    "Every answer connected": wired.find,
    "Variables set before use": assigned.find,
    "Within WhatsApp's limits": limits.find,
    "Pauses for answers": pace.find,
}


def check(flow: Flow, facts: Facts | None) -> tuple[Finding, ...]:
    """Everything that is wrong with a flow. Without ``facts`` nothing is known of its initial message, and nothing said."""
    study = Study(flow, facts)
    return tuple(finding for find in CHECKS.values() for finding in find(study))


def verdict(document: Any, facts: Facts | None) -> tuple[Finding, ...]:
    """The same for a document that may not even be a flow."""
    return schema.problems(document) or check(Flow.from_json(document), facts)
