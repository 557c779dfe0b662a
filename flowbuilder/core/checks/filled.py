"""Texts stay within WhatsApp's limits once their variables are filled in: with the examples of the initial message and the
longest of the answers that a step may keep. Texts that are too long without that are told by ``limits``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flowbuilder.core.checks.study import Study
from flowbuilder.core.filling import Filling
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node
from flowbuilder.core.memory import Memory
from flowbuilder.core.message import cut
from flowbuilder.core.nodes import kind_of
from flowbuilder.core.variables import fill, names_in

SHOWN = 30
CURE = "Shorten it."


def find(study: Study) -> Iterator[Finding]:
    longest = _longest(study)
    together = {names for names in {profile.reads for profile in study.profiles.values()} if not longest.keys().isdisjoint(names)}
    for id, profile in study.profiles.items():
        if profile.reads not in together:
            continue
        known = {name: longest[name] for name in profile.reads if name in longest}
        node = study.flow.nodes[id]
        plain = {(finding.code, finding.field) for finding in profile.limits}
        for finding in too_long((node.id, node.kind, node.data, known)):
            if (finding.code, finding.field) not in plain:
                yield replace(finding, path=study.ways.to(id))


def _longest(study: Study) -> dict[str, str]:
    """The longest value that is known of each variable."""
    initial = study.facts.template
    longest = dict(initial.examples) if initial else {}
    for filling in (Filling.of(node.data) for node in study.starts):
        longest |= filling.constants
        longest |= {name: max(filling.value(name, {}), longest.get(name, ""), key=len) for name in filling.of_contact}
    for profile in study.having["longest"].values():
        for name, value in profile.longest.items():
            longest[name] = max(value, longest.get(name, ""), key=len)
    return longest


def _find_too_long(step: tuple[str, str, dict[str, Any], dict[str, str]]) -> tuple[Finding, ...]:
    id, kind, data, known = step
    node = Node(id, kind, _filled(data, known))
    found = (finding for finding in kind_of(node).limits(node) if finding.code == "too_long")
    with_ = " and ".join(f"“{cut(value, SHOWN)}” for {name}" for name, value in known.items())
    return tuple(
        replace(finding, code="too_long_filled", text=f"{finding.text.removesuffix(CURE)}That is with {with_}. {CURE}") for finding in found
    )


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    """Every text in the data with what is known; other variables stay and count as one character."""
    if isinstance(value, str):
        return fill(value, {name: f"{{{{{name}}}}}" for name in names_in(value)} | known)
    if isinstance(value, Mapping):
        return {key: _filled(part, known) for key, part in value.items()}
    return [_filled(part, known) for part in value] if isinstance(value, list) else value


too_long: Memory[tuple[Finding, ...]] = Memory(_find_too_long, most=5_000)
