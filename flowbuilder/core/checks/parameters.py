"""Steps that send an outbound message fill in exactly the variables that it has."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    for id, profile in study.profiles.items():
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


def _names(names: Iterator[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
