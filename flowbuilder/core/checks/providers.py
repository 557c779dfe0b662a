"""Every provider that a step asks is in the workspace, and offers what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    if study.facts is None:
        return
    for node in study.flow.nodes.values():
        provider, check = node.data.get("provider"), node.data.get("check")
        if not provider:
            continue
        if provider not in study.facts.providers:
            text = f"{study.name(node.id)}: its provider is not in this workspace. Choose another."
            yield Finding("gone_provider", text, node=node.id, field="provider", path=study.ways.to(node.id))
        elif check not in study.facts.providers[provider]:
            text = f"{study.name(node.id)}: its provider does not offer this. Choose another provider, or something else to check."
            yield Finding("not_offered", text, node=node.id, field="check", path=study.ways.to(node.id))
