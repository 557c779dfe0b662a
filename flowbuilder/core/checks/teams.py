"""The teams that steps hand over to are those of the workspace; of another one, everybody would see the conversation."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity


def find(study: Study) -> Iterator[Finding]:
    there = study.facts.teams
    for id, profile in study.having["team"].items():
        if there is not None and profile.team not in there:
            text = f"{study.name(id)}: its team no longer exists, so everybody would be asked. Choose another."
            yield Finding("no_team", text, node=id, field="team", path=study.ways.to(id), severity=Severity.WARNING)
