"""Warns of attributes that no contact has and this flow does not set: a slip in a name, or something that comes later."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.assigned import renaming
from flowbuilder.core.checks.study import Profile, Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.variables import BUILT_IN, is_attribute


def find(study: Study) -> Iterator[Finding]:
    if study.facts.attributes is None:
        return
    set_here = {name for profile in study.profiles.values() for names in profile.assigns.values() for name in names}
    known = study.facts.attributes | set_here
    for id, profile in study.profiles.items():
        for name in dict.fromkeys(spoken_of(profile)):
            if is_attribute(name) and name not in known:
                fix = renaming(study.flow.nodes[id], name, {*known, *BUILT_IN})
                text = f"{study.name(id)} uses “{name}”, which no contact has yet and this flow does not set: it is empty."
                yield Finding("no_attribute", text, node=id, path=study.ways.to(id), severity=Severity.WARNING, fix=fix)


def spoken_of(profile: Profile) -> Iterator[str]:
    yield from profile.reads
    for branch in profile.branches:
        yield from (test["variable"].strip() for test in branch["tests"])
