"""Warns of variables that are kept and that no step ever looks at. People's answers may be kept to be read in Conversations only:
they are told together.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import kind_of
from flowbuilder.core.variables import field_naming, is_attribute

NAMED_MAX = 6


def find(study: Study) -> Iterator[Finding]:
    if any(not _is_known(study, profile.calls) for profile in study.having["calls"].values()):
        return  # All variables come along to the other flow, which may use them.
    read = study.uses
    answers: dict[str, str] = {}
    others: dict[str, str] = {}
    for id, profile in study.having["assigns"].items():
        for name in profile.gives:
            if name not in read and not is_attribute(name) and not _is_for_people(study.flow.nodes[id]):
                (answers if profile.asks else others).setdefault(name, id)
    for name, id in others.items():
        yield _warning(study, id, name, f"{study.name(id)} gives “{name}” a value that no step uses. Use it, or remove the step.")
    if answers:
        names = ", ".join(f"“{name}”" for name in [*answers][:NAMED_MAX]) + (" …" if len(answers) > NAMED_MAX else "")
        text = f"No step uses the kept {'answers' if len(answers) > 1 else 'answer'} {names}. That is fine if you read it in Conversations."
        name, id = next(iter(answers.items()))
        yield _warning(study, id, name, text)


def _is_known(study: Study, calls: tuple[str, ...]) -> bool:
    return all((flow := study.follower(called)) is not None and flow.is_published for called in calls)


def _is_for_people(node: Node) -> bool:
    """What is kept is seen without any step: in the way that was taken, or as a file in Conversations."""
    kind = kind_of(node)
    return kind.ports_tell or kind.keeps_a_file(node)


def _warning(study: Study, id: str, name: str, text: str) -> Finding:
    field = field_naming(study.flow.nodes[id].data, name)
    return Finding("unused", text, node=id, field=field, path=study.ways.to(id), severity=Severity.WARNING)
