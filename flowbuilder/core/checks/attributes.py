"""Warns of attributes that no contact has and this flow does not set: a slip in a name, or something that comes later."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.assigned import renaming
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.variables import BUILT_IN, field_naming, is_attribute


def find(study: Study) -> Iterator[Finding]:
    if study.facts.attributes is None:
        return
    known = study.facts.attributes | study.assigned
    missing = {name for name in study.spoken - known if is_attribute(name)}
    for id, profile in study.profiles.items() if missing else ():
        for name in profile.looks_at:
            if name in missing:
                node = study.flow.nodes[id]
                field, fix = field_naming(node.data, name), renaming(node, name, {*known, *BUILT_IN})
                text = f"{study.name(id)} uses “{name}”, which no contact has yet and this flow does not set: it is empty."
                yield Finding("no_attribute", text, node=id, field=field, path=study.ways.to(id), severity=Severity.WARNING, fix=fix)
