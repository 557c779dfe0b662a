"""No secret is written into a flow, which everybody who draws can read and which is exported as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.plain import secret_in
from flowbuilder.core.checks.settings import LABELS
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    for id, profile in study.having["secret"].items():
        text = f"{study.name(id)} holds {profile.secret}, which whoever draws can read. Remove it, or name a secret in its place."
        field = next((field for field, value in study.flow.nodes[id].data.items() if secret_in(value)), None)
        yield Finding("secret", text, node=id, field=field, path=study.ways.to(id))
    flow = study.flow
    for field, value in {"name": flow.name, **flow.settings.to_json()}.items():
        if kind := secret_in(value):
            text = f"{LABELS.get(field, 'A setting of the flow')} holds {kind}, which whoever draws can read. Remove it."
            yield Finding("secret", text, field=field)
