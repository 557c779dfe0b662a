"""Warns of a flow that asks several questions and in none of its texts says by which word people leave it. The texts after wrong
answers say it only to who gives such an answer. Where there is no such word, no text may speak of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowbuilder.core.checks.language import spoken_in
from flowbuilder.core.checks.settings import LABELS, said_at
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Fix, Severity
from flowbuilder.core.flow import Node
from flowbuilder.core.leaving import SENTENCES
from flowbuilder.core.message import BODY_MAX
from flowbuilder.core.variables import EXIT_WORD, shortest

SEVERAL = 2
"""Who is asked once leaves by not answering."""


def find(study: Study) -> Iterator[Finding]:
    word = study.flow.settings.exit_word.strip()
    if not word:
        yield from _speaking(study)
        return
    if not must_tell(study) or not study.knows_given or _is_told(study, word):
        return
    first = study.flow.nodes[_asking(study)[0]]
    text = f"No text tells people that they can leave with “{word}”. Say it early, such as in {study.name(first.id)}."
    field = "footer" if "options" in first.data else "text"
    yield Finding(
        "exit_untold", text, node=first.id, field=field, path=study.ways.to(first.id), severity=Severity.WARNING, fix=_fix(study, first)
    )


def must_tell(study: Study) -> bool:
    return bool(study.flow.settings.exit_word.strip()) and len(_asking(study)) >= SEVERAL


def _asking(study: Study) -> list[str]:
    return [id for id, profile in study.having["asks"].items() if not profile.sends and id in study.ways.reached]


def _speaking(study: Study) -> Iterator[Finding]:
    """Of the word that is not there: nothing would be read in its place."""
    cure = "but there is none. Write this without it, or set the word in the flow's settings."
    for id, profile in study.profiles.items():
        if EXIT_WORD in profile.looks_at:
            text = f"{study.name(id)} speaks of the word that ends the conversation, {cure}"
            yield Finding("no_exit", text, node=id, path=study.ways.to(id), severity=Severity.WARNING)
    for field, names, _ in said_at(study):
        if EXIT_WORD in names:
            text = f"{LABELS[field]} speaks of the word that ends the conversation, {cure}"
            yield Finding("no_exit", text, field=field, severity=Severity.WARNING)


def _is_told(study: Study, word: str) -> bool:
    said = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    initial = study.facts.template
    if initial and said.search(initial.says):
        return True
    plain = word.lower()
    for _, profile, _ in study.going:
        if profile.names_exit or (plain in profile.skimmed and any(said.search(text) for text in profile.read)):
            return True
    return False


def _fix(study: Study, node: Node) -> Fix | None:
    """In small print below the answers, or after the question, in the language of the flow."""
    initial, data = study.facts.template, node.data
    spoken = (initial.language if initial else "") or spoken_in(study)
    sentence = SENTENCES.get(spoken.partition("_")[0])
    if sentence is None:
        return None
    if "options" in data and not data.get("footer"):
        return _saying(node, "footer", sentence)
    longer = f"{data.get('text', '')}\n\n{sentence}"
    return _saying(node, "text", longer) if data.get("text") and shortest(longer) <= BODY_MAX else None


def _saying(node: Node, field: str, text: str) -> Fix:
    return Fix.by("Say how to leave", {"kind": "change", "node": node.id, "data": {field: text}})
