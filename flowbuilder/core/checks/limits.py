"""Texts, titles and counts are complete and within WhatsApp's limits. The rules are the kinds' own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowbuilder.core.checks.settings import LABELS
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.moments import zones
from flowbuilder.core.variables import UNPAIRED, unpaired


def find(study: Study) -> Iterator[Finding]:
    for id, profile in study.having["limits"].items():
        for finding in profile.limits:
            yield replace(finding, path=study.ways.to(id))
    for field in ("exit_word", "exit_text", "reprompt"):
        if unpaired(getattr(study.flow.settings, field)):
            yield Finding("unmatched_braces", f"{LABELS[field]}: a {UNPAIRED.format('variables')}", field=field)
    zone = study.flow.settings.zone
    if zone not in zones():
        yield Finding("unknown_zone", f"The time zone of the flow, “{zone[:40]}”, is not known. Choose one from the list.", field="zone")
