"""Exactly one start."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    if not study.starts:
        yield Finding("no_start", "The flow has no start. Add the step “You send it”.")
    for node in study.starts[1:]:
        text = f"The flow has a second start, {study.name(node.id)}. Remove one: a conversation opens in one way."
        yield Finding("two_starts", text, node=node.id, path=(node.id,))
