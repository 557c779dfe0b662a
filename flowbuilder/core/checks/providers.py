"""A step that has something checked names a provider, who is in the workspace and offers what is asked."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.facts import Facts
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node


def find(study: Study) -> Iterator[Finding]:
    for node in study.flow.nodes.values():
        if "check" in node.data and (wrong := _wrong(node, study.facts)):
            code, field, text = wrong
            yield Finding(code, f"{study.name(node.id)}{text}", node=node.id, field=field, path=study.ways.to(node.id))


def _wrong(node: Node, facts: Facts) -> tuple[str, str, str] | None:
    provider = node.data.get("provider")
    if not provider:
        return "no_provider", "provider", ": choose the provider that checks."
    if facts.providers is None:
        return None
    if provider not in facts.providers:
        return "gone_provider", "provider", ": its provider is not in this workspace. Choose another."
    if node.data["check"] not in facts.providers[provider]:
        return "not_offered", "check", ": its provider does not offer this. Choose another provider, or something else to check."
    return None
