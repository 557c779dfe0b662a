"""No free message leaves outside the 24 hours for which WhatsApp keeps a conversation open after the person's last message.

How long the person has been silent is followed through the flow as an interval: waiting lengthens it, an answer sets it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from flowbuilder.core.checks.proved import HOUR, duration
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding
from flowbuilder.core.nodes.base import INSTANT, Stay

WINDOW = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Silences:
    """Seconds since the person's last message when a run comes to a step: at ``least`` and at ``most``, infinite before the first
    one. ``before`` is the connection by which the longest silence comes.
    """

    least: dict[str, float]
    most: dict[str, float]
    before: dict[str, tuple[str, str]]


def find(study: Study) -> Iterator[Finding]:
    if not study.ways.is_acyclic:
        return
    silences = silences_of(study)
    for id, most in silences.most.items():
        speaks = study.profiles[id].speaks
        if speaks and most + max(speaks) >= WINDOW:
            late = next(at for at in speaks if most + at >= WINDOW)
            path, through = _way(study, id, silences)
            text = f"{study.name(id)} {_reason(silences.least[id], most, late, _after(study, path, through))}"
            yield Finding("outside_window", text, node=id, path=path, through=through)


def silences_of(study: Study) -> Silences:
    """For each reached step; the graph goes only forward."""
    least, most = dict.fromkeys(study.ways.order, inf), dict.fromkeys(study.ways.order, -inf)
    before: dict[str, tuple[str, str]] = {}
    if study.ways.start is not None:
        most[study.ways.start] = inf
    for id in study.ways.order:
        profile, low, high = study.profiles[id], least[id], most[id]
        for port, target in study.ways.leaving[id]:
            if not profile.is_instant:
                low, high = _silence(study, id, profile.stays.get(port, INSTANT), least[id], most[id])
            if low < least[target]:
                least[target] = low
            if high > most[target]:
                most[target], before[target] = high, (id, port)
    return Silences(least, most, before)


def _silence(study: Study, id: str, stay: Stay, least: float, most: float) -> tuple[float, float]:
    """How long the person has been silent after a stay, at least and at most, who had been so long before it."""
    if stay.within is not None:
        return stay.after, stay.within
    if stay.hears:
        return stay.after, stay.after
    longest = study.most(id, stay)
    return least + (longest if stay.most is None else stay.least), most + longest


def _after(study: Study, path: tuple[str, ...], through: tuple[str, ...]) -> str:
    """How the way comes to its last step, for those who do not see it drawn."""
    before, profile = path[-2], study.profiles[path[-2]]
    label = study.label(before, next(port for port in profile.ports if port.id == through[-1]))
    return f"after {study.name(before)}" if profile.goes_on else f"after “{label}” of {study.name(before)}"


def _reason(least: float, most: float, late: int, after: str) -> str:
    if most == inf:
        return (
            f"says something {after}, when the person has not written yet; WhatsApp takes only outbound messages then. "
            "Send an outbound message, or end there without words."
        )
    low, high = duration(int(least + late)), duration(int(most + late))
    when = high if low == high else f"{low} to {high}" if least + late >= 1 else f"up to {high}"
    return (
        f"says something {when} after the person's last message, when it comes {after}; WhatsApp delivers free messages for 24 hours only. "
        "Wait less before it, or send an outbound message."
    )


def _way(study: Study, id: str, silences: Silences) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The way of the longest silence, back to where the person was heard last; from the start to there, the shortest."""
    path, through = [id], []
    while (before := silences.before.get(path[0])) is not None:
        path.insert(0, before[0])
        through.insert(0, before[1])
        if study.profiles[before[0]].stays.get(before[1], INSTANT).hears:
            break
    return (*study.ways.to(path[0])[:-1], *path), (*study.ways.through(path[0]), *through)
