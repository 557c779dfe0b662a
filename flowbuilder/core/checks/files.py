"""Every file that a step shows is in the workspace: one that came with a flow from elsewhere is not."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.nodes import kind_of


def find(study: Study) -> Iterator[Finding]:
    if study.facts is None:
        return
    for node in study.flow.nodes.values():
        if any(file not in study.facts.files for file in kind_of(node).files(node)):
            text = f"{study.name(node.id)}: its file is not in this workspace. Choose it again."
            yield Finding("no_file", text, node=node.id, field="medium", path=study.ways.to(node.id))
