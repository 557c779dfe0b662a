"""Warns of notes that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Fix, Severity


def find(study: Study) -> Iterator[Finding]:
    for id in study.having["is_apart"]:
        if not study.flow.nodes[id].data.get("text", "").strip():
            fix = Fix.by("Remove the note", {"kind": "remove", "nodes": [id]})
            text = "This note says nothing. Write something, or remove it."
            yield Finding("dead_note", text, node=id, field="text", path=(id,), severity=Severity.WARNING, fix=fix)
