"""Every secret that a step names is kept in the workspace: without it the request is never made. A file alone names none."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.nodes import kind_of


def find(study: Study) -> Iterator[Finding]:
    if study.facts is None:
        return
    for node in study.flow.nodes.values():
        for name in kind_of(node).secrets(node):
            if name not in study.facts.secrets:
                text = f"{study.name(node.id)}: this workspace has no secret “{name}”. Choose another, or have an administrator add it."
                yield Finding("no_secret", text, node=node.id, field="headers", path=study.ways.to(node.id))
