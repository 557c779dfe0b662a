"""Warns of two steps that say the same: often a copy that was to be changed."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.nodes import kind_of

ENOUGH = 12
"""Shorter texts ("Thank you!") are the same by good right."""


def find(study: Study) -> Iterator[Finding]:
    said: dict[tuple[str, str], str] = {}
    for id, profile in study.profiles.items():
        if len(profile.said) < ENOUGH:
            continue
        key = study.flow.nodes[id].kind, profile.said
        first = said.setdefault(key, id)
        if first != id and not _must_be_two(study, first, id):
            text = f"{study.name(id)} says the same as another step of its kind. Lead both ways to one step, or change one."
            yield Finding("same", text, node=id, field="text", path=study.ways.to(id), severity=Severity.WARNING)


def _must_be_two(study: Study, one: str, other: str) -> bool:
    """Steps with a text for each result, of which each tells some of the results and goes on in its own way."""
    node = study.flow.nodes[other]
    if len(kind_of(node).imagined(node)) < 2:
        return False
    first, second = ([study.flow.target(id, port.id) for port in study.profiles[id].ports] for id in (one, other))
    return first != second
