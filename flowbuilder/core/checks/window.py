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
NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Silences:
    """The most seconds since the person's last message when a run comes to a step, infinite before the first one. ``before`` is the
    connection by which the longest silence comes.
    """

    most: dict[str, float]
    before: dict[str, tuple[str, str]]


def find(study: Study) -> Iterator[Finding]:
    if not study.ways.is_acyclic:
        return
    silences, least = _longest(study), dict[str, float]()
    for (id, profile, _), most in zip(study.going, silences.most.values(), strict=True):
        if profile.speaks and most + profile.speaks_last >= WINDOW:
            late = next(at for at in profile.speaks if most + at >= WINDOW)
            path, through = _way(study, id, silences)
            least = least or _shortest(study)
            text = f"{study.name(id)} {_reason(least[id], most, late, _after(study, path, through))}"
            yield Finding("outside_window", text, node=id, path=path, through=through)
    yield from _beyond(study, silences)


def _beyond(study: Study, silences: Silences) -> Iterator[Finding]:
    """What another flow says to whoever comes there after so long a silence: that flow alone, which opens with a word of theirs, cannot
    tell."""
    for id, (flow, onward) in study.beyond.items():
        most = silences.most.get(id, -inf)
        if onward.late is not None and most + onward.late >= WINDOW:
            path, through = _way(study, id, silences)
            there, after = _named(onward.way), _after(study, path, through)
            if most == inf:
                when = f"{after}, when the person has not written yet; WhatsApp takes only outbound messages then. Send one before it"
            else:
                when = (
                    f"up to {duration(int(most + onward.late))} after the person's last message, when it comes {after}; WhatsApp delivers "
                    "free messages for 24 hours only. Wait less before it, or send an outbound message"
                )
            text = f"{study.name(id)} leads to “{flow.name}”, which goes on with {there} and so says something {when}."
            yield Finding("outside_window", text, node=id, field="flow", path=path, through=through)


def _named(way: tuple[str, ...]) -> str:
    return " → ".join(way if len(way) <= NAMED_MAX else (way[0], "…", *way[2 - NAMED_MAX :]))


def first_words(study: Study, id: str) -> tuple[int, tuple[str, ...]] | None:
    """The most seconds that pass from a step on until something is said that the window must be open for, before the person is heard;
    with the names of the steps to there. None where they are heard before anything is said.
    """
    passed, before = {id: 0}, dict[str, str]()
    latest: tuple[int, str, tuple[str, ...]] | None = None
    for at in (one for one in study.ways.order if one in passed):
        profile = study.profiles[at]
        if profile.speaks and (latest is None or passed[at] + profile.speaks_last > latest[0]):
            latest = passed[at] + profile.speaks_last, at, ()
        flow, onward = study.beyond.get(at, (None, None))
        if flow and onward and onward.late is not None and (latest is None or passed[at] + onward.late > latest[0]):
            latest = passed[at] + onward.late, at, (f"“{flow.name}”", *onward.way)
        for port, target in study.ways.leaving[at]:
            stay = profile.stays.get(port, INSTANT)
            if stay.is_surely_heard or stay.within is not None:
                continue
            time = passed[at] + (study.most(at, port) if stay.unheard is None else stay.unheard)
            if time > passed.get(target, -1):
                passed[target], before[target] = time, at
    if latest is None:
        return None
    way = [latest[1]]
    while way[0] in before:
        way.insert(0, before[way[0]])
    return latest[0], (*(study.name(step) for step in way), *latest[2])


def _longest(study: Study) -> Silences:
    """For each reached step; the graph goes only forward."""
    most = dict.fromkeys(study.ways.order, -inf)
    before: dict[str, tuple[str, str]] = {}
    if study.ways.start is not None:
        most[study.ways.start] = inf
    for id, profile, leaving in study.going:
        high, lasts, heard = most[id], study.lasts.get(id), profile.heard
        for port, target in leaving:
            if lasts:
                high = heard[port] if port in heard else _most(profile.stays.get(port, INSTANT), lasts.get(port, 0), most[id])
            if high > most[target]:
                most[target], before[target] = high, (id, port)
    return Silences(most, before)


def _most(stay: Stay, longest: int, before: float) -> float:
    """How long the person may have been silent who is not surely heard in a stay of ``longest``, and may have been so ``before`` it."""
    return before + longest if stay.unheard is None else max(stay.after, before + stay.unheard)


def _shortest(study: Study) -> dict[str, float]:
    """The least seconds since the person's last message when a run comes to a step."""
    least = dict.fromkeys(study.ways.order, inf)
    for id, profile, leaving in study.going:
        for port, target in leaving:
            stay = profile.stays.get(port, INSTANT)
            is_heard = stay.hears or stay.within is not None
            passed = study.most(id, port) if stay.most is None else stay.least
            least[target] = min(least[target], 0 if is_heard else least[id] + passed)
    return least


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
        if study.profiles[before[0]].stays.get(before[1], INSTANT).is_surely_heard:
            break
    return (*study.ways.to(path[0])[:-1], *path), (*study.ways.through(path[0]), *through)
