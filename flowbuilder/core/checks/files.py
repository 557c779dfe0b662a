"""Every file that a step shows is in the workspace: one that came with a flow from elsewhere is not."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    there = study.facts.files
    for id, profile in study.having["files"].items():
        if there is not None and not there.issuperset(profile.files):
            text = f"{study.name(id)}: its file is not in this workspace. Choose it again."
            yield Finding("no_file", text, node=id, field="medium", path=study.ways.to(id))
