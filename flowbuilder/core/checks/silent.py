"""Warns of an end without a word: a person gives an answer, hears nothing, and the conversation is over.

Where nobody answered, silence is often right, as after a reminder: that is not warned of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.flow import Place


def find(study: Study) -> Iterator[Finding]:
    quiet, edges = _quiet(study), study.flow.edges
    found: dict[str, tuple[Place, ...]] = {}
    for id, profile, leaving in study.going if quiet else ():
        for port, target in leaving:
            if target in quiet and port in profile.stays and profile.stays[port].is_surely_heard and quiet[target][1] not in found:
                found[quiet[target][1]] = ((id, port), *_onward(study, target, quiet))
    for end, way in found.items():
        id, port = way[0]
        answer = next(one for one in study.profiles[id].ports if one.id == port)
        text = (
            f"After “{study.label(id, answer)}” of {study.name(id)} the conversation ends without a word. Let {study.name(end)} say "
            "something, or put a message before it."
        )
        path = (*study.ways.to(id), *(edges[place] for place in way))
        through = (*study.ways.through(id), *(port for _, port in way))
        yield Finding("silent_end", text, node=end, field="text", path=path, through=through, severity=Severity.WARNING)


def _quiet(study: Study) -> dict[str, tuple[str, str]]:
    """The steps from which a run may come to its end with nothing said there or after, each with the port by which it does, which an
    end has none of, and with that end.
    """
    quiet: dict[str, tuple[str, str]] = {}
    for id, profile, leaving in reversed(study.going):
        if profile.messages or profile.waits or profile.calls:
            continue
        if not profile.ports:
            quiet[id] = "", id
        elif way := next(((port, quiet[target][1]) for port, target in leaving if target in quiet), None):
            quiet[id] = way
    return quiet


def _onward(study: Study, id: str, quiet: Mapping[str, tuple[str, str]]) -> Iterator[Place]:
    while port := quiet[id][0]:
        yield id, port
        id = study.flow.edges[id, port]
