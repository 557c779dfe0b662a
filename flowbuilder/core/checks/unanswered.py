"""Warns of questions that do nothing when nobody replies: the conversation then just expires."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.silence import NO_REPLY


def find(study: Study) -> Iterator[Finding]:
    for id, ports in study.open.items():
        if NO_REPLY in ports and study.profiles[id].asks:
            text = f"When nobody replies to {study.name(id)}, the conversation expires without a word. Connect its “No reply”."
            way, through = study.ways.to(id), study.ways.through(id) + (NO_REPLY.id,)
            yield Finding("unanswered", text, node=id, field=NO_REPLY.id, path=way, through=through, severity=Severity.WARNING)
