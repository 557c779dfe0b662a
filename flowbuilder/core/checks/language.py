"""Warns of texts that are clearly in another language than the initial message."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.languages import LANGUAGES
from flowbuilder.core.lint import tongue
from flowbuilder.core.memory import Memory


def find(study: Study) -> Iterator[Finding]:
    initial = study.facts.template if study.facts else None
    if initial is None or not initial.language:
        return
    for id, profile in study.profiles.items():
        if profile.shows and (other := tongue_of((profile.shows, initial.language))):
            text = (
                f"{study.name(id)} seems to be in {LANGUAGES[tongue.CODES[other]]}, while the initial message is in "
                f"{LANGUAGES.get(initial.language, initial.language)}. Write both in one language."
            )
            yield Finding("language", text, node=id, path=study.ways.to(id), severity=Severity.WARNING)


tongue_of: Memory[str | None] = Memory(lambda piece: tongue.of(piece[0], instead_of=piece[1]), most=20_000)
