"""Warns of texts that are clearly in another language than the initial message; where the person opens, or nothing is known of that
message, than the flow's texts as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.languages import LANGUAGES
from flowbuilder.core.lint import tongue


def find(study: Study) -> Iterator[Finding]:
    initial = study.facts.template
    spoken = initial.language if initial else spoken_in(study)
    if not spoken:
        return
    rest = "the initial message is" if initial else "the flow's texts are mostly"
    for id, profile in study.profiles.items():
        if profile.shows and (other := tongue_of(profile.shows, spoken)):
            text = (
                f"{study.name(id)} seems to be in {LANGUAGES[tongue.CODES[other]]}, while {rest} in "
                f"{LANGUAGES.get(spoken, spoken)}. Write both in one language."
            )
            field = next((field for field, value in study.flow.nodes[id].data.items() if value == profile.shows), None)
            yield Finding("language", text, node=id, field=field, path=study.ways.to(id), severity=Severity.WARNING)


def spoken_in(study: Study) -> str:
    """The code of the language that the texts of the flow are in, taken together; empty when it can't be told."""
    hits = dict.fromkeys(tongue.CODES, 0)
    for profile in study.profiles.values():
        if profile.shows and not profile.sends:
            for language, count in small_words(profile.shows).items():
                hits[language] += count
    found = tongue.of_counts(hits)
    return tongue.CODES[found] if found else ""


@lru_cache(20_000)
def small_words(text: str) -> dict[str, int]:
    return {language: count for language, count in tongue.counted(text).items() if count}


@lru_cache(20_000)
def tongue_of(text: str, instead_of: str) -> str | None:
    """The other language that the text is clearly in."""
    return tongue.of(text, instead_of=instead_of)


def forget() -> None:
    small_words.cache_clear()
    tongue_of.cache_clear()
