"""Warns of a question that keeps its answer where another question on the way to it has kept one: the later answer replaces the
first. The same question asked again is meant to. One word for each variable, at the first that replaces another.

Which answers may have been kept before a step is followed through the flow as bits, one for each different question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity

Question = tuple[str, str, str]


def find(study: Study) -> Iterator[Finding]:
    kept = _kept(study)
    if not kept or study.ways.start is None:
        return
    bits: dict[str, dict[Question, int]] = {}
    first: dict[int, str] = {}
    for name, questions in kept.items():
        for id, question in questions.items():
            bit = bits.setdefault(name, {}).setdefault(question, 1 << len(first))
            first.setdefault(bit, id)
    own = {name: {id: bits[name][question] for id, question in questions.items()} for name, questions in kept.items()}
    came = _came(study, own)
    for name, mine in own.items():
        of_name = sum(bits[name].values())
        others = {id: before for id, bit in mine.items() if (before := came.get(id, 0) & of_name & ~bit)}
        if not others:
            continue
        (id, before), more = next(iter(others.items())), len(others) - 1
        text = (
            f"{study.name(id)} keeps its answer as “{name}”, as {study.name(first[before & -before])} does: the later one replaces the "
            "first. Rename one."
        )
        if more:
            text += f" So {'does' if more == 1 else 'do'} {more} more question{'' if more == 1 else 's'}."
        yield Finding("replaced", text, node=id, field="variable", path=study.ways.to(id), severity=Severity.WARNING)


def _kept(study: Study) -> dict[str, dict[str, Question]]:
    """By variable the questions that keep their answer in it, in the order of the flow; only where they are not all the same."""
    found: dict[str, dict[str, Question]] = defaultdict(dict)
    for id, profile in study.having["asks"].items():
        for name in profile.gives:
            found[name][id] = profile.question
    return {name: questions for name, questions in found.items() if len(set(questions.values())) > 1}


def _came(study: Study, own: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """For each reached step the questions whose answers may have been kept on a way to it; ``own`` are the bits of each step by name."""
    gains: dict[str, dict[str, int]] = {}
    for name, mine in own.items():
        for id, bit in mine.items():
            gained = gains.setdefault(id, {})
            for port, names in study.profiles[id].assigns.items():
                if name in names:
                    gained[port] = gained.get(port, 0) | bit
    came = dict.fromkeys(study.ways.order, 0)
    while True:
        before = None if study.ways.is_acyclic else dict(came)
        for id, _, leaving in study.going:
            here, gained = came[id], gains.get(id)
            if gained:
                for port, target in leaving:
                    came[target] |= here | gained.get(port, 0)
            elif here:
                for _, target in leaving:
                    came[target] |= here
        if before is None or came == before:
            return came
