"""Steps that send an outbound message fill in exactly the variables that it has; an opening none that it has not."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Fix

_PARTS = ("filled", "otherwise")


def find(study: Study) -> Iterator[Finding]:
    yield from _openings(study)
    for id, profile in study.having["sends"].items():
        for template in profile.sends if profile.fills is not None else ():
            known = study.template(template)
            if known is None or set(known.variables) == set(profile.fills):
                continue
            missing = _names(name for name in known.variables if name not in profile.fills)
            over = _names(name for name in profile.fills if name not in known.variables)
            parts = [f"{missing} has no value yet" if missing else "", f"it has no {over} any more" if over else ""]
            count = f"{len(known.variables)} variable{'' if len(known.variables) == 1 else 's'}"
            text = f"{study.name(id)}: the outbound message has {count}, and {' and '.join(filter(None, parts))}. Fill them in again."
            yield Finding("parameters", text, node=id, field="parameters", path=study.ways.to(id))


def _openings(study: Study) -> Iterator[Finding]:
    for node in study.starts:
        known = study.template(node.data.get("template") or "") if node.data.get("filled") else None
        over = [name for name in node.data["filled"] if name not in known.variables] if known else []
        if known and over:
            left = {part: {name: text for name, text in node.data.get(part, {}).items() if name in known.variables} for part in _PARTS}
            text = f"{study.name(node.id)}: the initial message has no {_names(iter(over))} any more, which is filled in here."
            fix = Fix.by("Leave it out", {"kind": "change", "node": node.id, "data": {part: some or None for part, some in left.items()}})
            yield Finding("parameters", text, node=node.id, field="filled", path=study.ways.to(node.id), fix=fix)


def _names(names: Iterator[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
