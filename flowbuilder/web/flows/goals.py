"""Where an answer may lead, in the words of every list that says so: in the outline's forms and in the panel."""

from __future__ import annotations

from typing import Any

from flowbuilder.core.nodes import KINDS
from flowbuilder.core.nodes.base import NodeKind
from flowbuilder.core.nodes.finish import USUAL


def palette() -> list[tuple[str, list[NodeKind]]]:
    """The kinds that can be added, by their headings, in the order of the registry."""
    groups: dict[str, list[NodeKind]] = {}
    for kind in KINDS.values():
        if not kind.is_start:
            groups.setdefault(kind.group, []).append(kind)
    return list(groups.items())


def goals() -> dict[str, Any]:
    """A new step is told from one that is there in its own words, too; they begin with the kind, which one types to find it."""
    new = [
        {"heading": f"Add a new step: {group}", "steps": [_new(kind) for kind in some]}
        for group, found in palette()
        if (some := [kind for kind in found if not kind.is_apart])
    ]
    return {"existing": "Existing steps", "new": new, "outcomes": USUAL}


def _new(kind: NodeKind) -> dict[str, str]:
    return {"kind": kind.name, "label": kind.label, "words": f"{kind.label} (new)"}
