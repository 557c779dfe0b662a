"""Exactly one start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowbuilder.core.checks.study import Study
from flowbuilder.core.commands import fresh_id
from flowbuilder.core.finding import Finding, Fix
from flowbuilder.core.nodes import KINDS

CARD = 320


def find(study: Study) -> Iterator[Finding]:
    if not study.starts:
        kinds = [kind for kind in KINDS.values() if kind.is_start]
        kind, names = kinds[0], " or ".join(f"“{kind.label}”" for kind in kinds)
        text = f"The flow has no start. Add the step {names}."
        yield Finding("no_start", text, fix=Fix.by(f"Add “{kind.label}”", _add(study, kind.name)))
    for node in study.starts[1:]:
        text = f"The flow has a second start, {study.name(node.id)}. Remove one: a conversation opens in one way."
        fix = Fix.by("Remove this start", {"kind": "remove", "nodes": [node.id]})
        yield Finding("two_starts", text, node=node.id, path=(node.id,), fix=fix)


def _add(study: Study, kind: str) -> dict[str, Any]:
    """To the left of all other cards."""
    x, y = min(study.flow.layout.values(), default=(CARD, 160))
    return {"kind": "add_node", "node": {"id": fresh_id(study.flow.nodes), "kind": kind}, "at": [x - CARD, y]}
