"""Warns of an end without a word: a person gives an answer, hears nothing, and the conversation is over.

Where nobody answered, silence is often right, as after a reminder: that is not warned of. An answer that may stay unconnected ends it
there and then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.flow import Place, Port


def find(study: Study) -> Iterator[Finding]:
    yield from _unconnected(study)
    quiet, edges = _quiet(study), study.flow.edges
    found: dict[str, tuple[Place, ...]] = {}
    for id, profile, leaving in study.going if quiet else ():
        for port, target in leaving:
            if target in quiet and port in profile.stays and profile.stays[port].is_surely_heard and quiet[target][1] not in found:
                found[quiet[target][1]] = ((id, port), *_onward(study, target, quiet))
    for end, way in found.items():
        id, port = way[0]
        answer = next(one for one in study.profiles[id].ports if one.id == port)
        text = f"{_words(study, id, answer)} Let {study.name(end)} say something, or put a message before it."
        path = (*study.ways.to(id), *(edges[place] for place in way))
        through = (*study.ways.through(id), *(port for _, port in way))
        yield Finding("silent_end", text, node=end, field="text", path=path, through=through, severity=Severity.WARNING)


def _unconnected(study: Study) -> Iterator[Finding]:
    for id, ports in study.open.items():
        stays = study.profiles[id].stays if id in study.ways.reached else {}
        for port in ports:
            if not port.must_lead and port.id in stays and stays[port.id].is_surely_heard:
                text = f"{_words(study, id, port)} Connect it to a message, or to a Finish that says something."
                way, through = study.ways.to(id), (*study.ways.through(id), port.id)
                yield Finding("silent_end", text, node=id, field=port.id, path=way, through=through, severity=Severity.WARNING)


def _words(study: Study, id: str, answer: Port) -> str:
    return f"After “{study.label(id, answer)}” of {study.name(id)} the conversation ends without a word."


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
