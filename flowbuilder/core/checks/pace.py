"""No way passes more steps without waiting for an answer than the engine goes in one breath."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.engine import STEPS_MAX
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    if not study.ways.is_acyclic or len(study.ways.order) <= STEPS_MAX:
        return
    passed = dict.fromkeys(study.ways.order, 0)
    before: dict[str, str] = {}
    for id, profile, leaving in study.going:
        steps = 1 if profile.waits else passed[id] + 1
        for _, target in leaving:
            if steps > passed[target]:
                passed[target], before[target] = steps, id
    for id, steps in passed.items():
        if steps == STEPS_MAX + 1:
            text = f"More than {STEPS_MAX} steps come one after the other before {study.name(id)}. Ask something in between."
            yield Finding("too_many_steps", text, node=id, path=_way(study, id, before))


def _way(study: Study, id: str, before: dict[str, str]) -> tuple[str, ...]:
    """The shortest way to where the row of steps begins, and then the row."""
    row = [id]
    while len(row) <= STEPS_MAX + 1 and row[0] in before:
        row.insert(0, before[row[0]])
    return *study.ways.to(row[0])[:-1], *row
