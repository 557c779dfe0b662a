"""Warns of a question that keeps its answer where another question on the way to it has kept one: the later answer replaces the
first. The same question asked again is meant to. One word for each variable, at the first that replaces another.

Which answers may have been kept before a step is followed through the flow as bits, one for each different question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Severity

Kept = dict[str, dict[str, tuple[str, ...]]]


def find(study: Study) -> Iterator[Finding]:
    if study.ways.start is None:
        return
    kept = _kept(study)
    if not kept:
        return
    bits: dict[tuple[str, tuple[str, ...]], int] = {}
    first: dict[int, str] = {}
    for name, questions in kept.items():
        for id, question in questions.items():
            first.setdefault(bits.setdefault((name, question), 1 << len(bits)), id)
    came = _came(study, kept, bits)
    for name, questions in kept.items():
        of_name = sum(bit for (one, _), bit in bits.items() if one == name)
        others = {id: came.get(id, 0) & of_name & ~bits[name, question] for id, question in questions.items()}
        replacing = [id for id, before in others.items() if before]
        if not replacing:
            continue
        id, more = replacing[0], len(replacing) - 1
        before = study.name(first[others[id] & -others[id]])
        text = f"{study.name(id)} keeps its answer as “{name}”, as {before} does: the later one replaces the first. Rename one."
        if more:
            text += f" So {'does' if more == 1 else 'do'} {more} more question{'' if more == 1 else 's'}."
        yield Finding("replaced", text, node=id, field="variable", path=study.ways.to(id), severity=Severity.WARNING)


def _kept(study: Study) -> Kept:
    """By variable the questions that keep their answer in it, in the order of the flow; only where they are not all the same."""
    found: Kept = defaultdict(dict)
    for id, profile in study.profiles.items():
        if profile.asks and profile.assigns:
            node = study.flow.nodes[id]
            for name in {name: None for names in profile.assigns.values() for name in names}:
                found[name][id] = (node.kind, str(node.data.get("answer", "")), profile.said)
    return {name: questions for name, questions in found.items() if len(set(questions.values())) > 1}


def _came(study: Study, kept: Kept, bits: dict[tuple[str, tuple[str, ...]], int]) -> dict[str, int]:
    """For each reached step the questions whose answers may have been kept on a way to it."""
    asking = {id: profile.assigns for id, profile in study.profiles.items() if profile.asks and profile.assigns}
    gains = {
        id: {port: sum(bits[name, kept[name][id]] for name in {*names} if id in kept.get(name, ())) for port, names in assigns.items()}
        for id, assigns in asking.items()
    }
    came = dict.fromkeys(study.ways.order, 0)
    while True:
        before = None if study.ways.is_acyclic else dict(came)
        for id in study.ways.order:
            here, own = came[id], gains.get(id, {})
            if not here and not own:
                continue
            for port, target in study.ways.leaving[id]:
                came[target] |= here | own.get(port, 0)
        if before is None or came == before:
            return came
