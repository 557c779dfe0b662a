"""Every answer and every branch leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding


def find(study: Study) -> Iterator[Finding]:
    for id, ports in study.open.items():
        for port in ports:
            if port in study.profiles[id].answers:
                text = f"“{study.label(id, port)}” of {study.name(id)} leads nowhere. Connect it to a step."
                yield Finding(
                    "not_connected", text, node=id, field=port.id, path=study.ways.to(id), through=(*study.ways.through(id), port.id)
                )
