"""The outbound messages that steps on the way send exist and are approved by Meta. (The one that opens is looked at by ``initial``.)"""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.initial import APPROVED, WAITING
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    if study.facts is None:
        return
    for id, profile in study.profiles.items():
        if not profile.sends or study.flow.nodes[id] in study.starts:
            continue
        for template in profile.sends:
            known = study.facts.templates.get(template)
            if known is None:
                text = f"{study.name(id)}: the outbound message no longer exists. Choose another."
                yield Finding("no_outbound", text, node=id, field="template", path=study.ways.to(id))
            elif (status := known.status.lower()) != APPROVED:
                cure = WAITING.get(status, "is not approved by Meta. Choose another one.")
                text = f"{study.name(id)}: the outbound message {cure}"
                yield Finding("not_approved", text, node=id, field="template", path=study.ways.to(id))
