"""Warns of answers that read alike when somebody types: the first one is taken. (Equal titles are an error of ``limits``.)"""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.profile import Typed
from flowbuilder.core.checks.study import Study
from flowbuilder.core.conditions import as_spoken
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.marks import plain


def find(study: Study) -> Iterator[Finding]:
    word = as_spoken(study.flow.settings.exit_word)
    for id, profile in study.having["typed"].items():
        seen: dict[str, Typed] = {}
        for one in profile.typed:
            if not one.spoken:
                continue
            first = seen.setdefault(one.spoken, one)
            if one.is_title and one.spoken == word:
                text = f"“{plain(one.words)}” of {study.name(id)} is the word for leaving; typed, it is never an answer. Rename it."
                yield _warning(study, id, text)
            elif first.port != one.port and not (first.is_title and one.is_title):
                text = f"Whoever types “{plain(one.words)}” at {study.name(id)} may mean two answers. Rename one, or reorder them."
                yield _warning(study, id, text)


def _warning(study: Study, id: str, text: str) -> Finding:
    return Finding("overlapping", text, node=id, field="options", path=study.ways.to(id), severity=Severity.WARNING)
