"""Every path ends in a Finish: none stops at a step that only goes on. (Open answers are found by ``wired``, circles by ``acyclic``.)"""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.nodes.base import NEXT


def find(study: Study) -> Iterator[Finding]:
    for id, ports in study.open.items():
        if study.profiles[id].goes_on and NEXT in ports:
            text = f"The conversation stops after {study.name(id)}. Connect it to a next step, or to a Finish."
            way, through = study.ways.to(id), (*study.ways.through(id), NEXT.id)
            yield Finding("no_end", text, node=id, field=NEXT.id, path=way, through=through)
