"""No phrase that starts the flow starts another one, too: who sends it could be answered by either."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.nodes import kind_of


def find(study: Study) -> Iterator[Finding]:
    taken = study.facts.phrases or {}
    for node in study.starts:
        for phrase in kind_of(node).phrases(node):
            if phrase in taken:
                other = f"“{phrase}” starts the flow “{taken[phrase]}” already"
                text = f"{study.name(node.id)}: {other}. Choose another phrase, or another line."
                yield Finding("phrase_taken", text, node=node.id, field="phrases", path=(node.id,))
