"""Warns of texts that are clearly in another language than the initial message."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.languages import LANGUAGES
from flowbuilder.core.lint import tongue


def find(study: Study) -> Iterator[Finding]:
    initial = study.facts.template
    if initial is None or not initial.language:
        return
    for id, profile in study.profiles.items():
        if profile.shows and (other := tongue_of(profile.shows, initial.language)):
            text = (
                f"{study.name(id)} seems to be in {LANGUAGES[tongue.CODES[other]]}, while the initial message is in "
                f"{LANGUAGES.get(initial.language, initial.language)}. Write both in one language."
            )
            yield Finding("language", text, node=id, field="text", path=study.ways.to(id), severity=Severity.WARNING)


@lru_cache(20_000)
def tongue_of(text: str, instead_of: str) -> str | None:
    """The other language that the text is clearly in."""
    return tongue.of(text, instead_of=instead_of)
