"""Every step can be reached from the start."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Fix


def find(study: Study) -> Iterator[Finding]:
    if study.ways.start is None:
        return
    for node in study.flow.nodes.values():
        if node.id not in study.ways.reached and node not in study.starts and not study.profiles[node.id].is_apart:
            text = f"No way leads from the start to {study.name(node.id)}. Connect an answer to it, or remove it."
            fix = Fix.by("Delete the step", {"kind": "remove", "nodes": [node.id]})
            yield Finding("unreachable", text, node=node.id, path=(node.id,), fix=fix)
