"""No secret is written into a flow, which everybody who draws can read and which is exported as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    for id, profile in study.profiles.items():
        if profile.secret:
            text = f"{study.name(id)} holds {profile.secret}, which whoever draws can read. Remove it, or name a secret in its place."
            yield Finding("secret", text, node=id, path=study.ways.to(id))
