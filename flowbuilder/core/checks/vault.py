"""Every secret that a step names is kept in the workspace: without it the request is never made."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    there = study.facts.secrets
    if there is None:
        return
    for id, profile in study.having["secrets"].items():
        for name in profile.secrets:
            if name not in there:
                text = f"{study.name(id)}: this workspace has no secret “{name}”. Choose another, or have an administrator add it."
                yield Finding("no_secret", text, node=id, field="headers", path=study.ways.to(id))
