"""The teams that steps hand over to are those of the workspace; of another one, everybody would see the conversation."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.nodes import kind_of


def find(study: Study) -> Iterator[Finding]:
    if study.facts is None:
        return
    for node in study.flow.nodes.values():
        team = kind_of(node).team(node)
        if team and team not in study.facts.teams:
            text = f"{study.name(node.id)}: its team no longer exists, so everybody would be asked. Choose another."
            yield Finding("no_team", text, node=node.id, field="team", path=study.ways.to(node.id), severity=Severity.WARNING)
