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
from flowbuilder.core.nodes.base import Stay

WINDOW = 24 * HOUR
NONE = Stay()


@dataclass(slots=True)
class Silence:
    """Seconds since the person's last message when a run comes to a step: at least and at most. Infinite before the first one.

    ``before`` is the connection by which the longest silence comes.
    """

    least: float
    most: float
    before: tuple[str, str] | None = None


def find(study: Study) -> Iterator[Finding]:
    if not study.ways.is_acyclic:
        return
    silences = silences_of(study)
    for id, silence in silences.items():
        late = next((at for at in study.profiles[id].speaks if silence.most + at >= WINDOW), None)
        if late is not None:
            path, through = _way(study, id, silences)
            text = f"{study.name(id)} {_reason(silence, late)}"
            yield Finding("outside_window", text, node=id, path=path, through=through)


def silences_of(study: Study) -> dict[str, Silence]:
    """For each reached step; the graph goes only forward."""
    silences = {id: Silence(inf, -inf) for id in study.ways.order}
    if study.ways.start is not None:
        silences[study.ways.start] = Silence(inf, inf)
    for id in study.ways.order:
        here, stays = silences[id], study.profiles[id].stays
        for port, target in study.ways.leaving[id]:
            stay, there = stays.get(port, NONE), silences[target]
            most = study.expires_after if stay.most is None else stay.most
            low, high = (0, 0) if stay.hears else (here.least + stay.least, here.most + most)
            there.least = min(there.least, low)
            if high > there.most:
                there.most, there.before = high, (id, port)
    return silences


def _reason(silence: Silence, late: int) -> str:
    if silence.most == inf:
        return (
            "says something on a way on which the person has not written yet; WhatsApp takes only outbound messages then. "
            "Send an outbound message, or end there without words."
        )
    high = duration(int(silence.most + late))
    low = duration(int(silence.least + late))
    when = high if low == high else f"{low} to {high}"
    return (
        f"says something {when} after the person's last message on the way shown; WhatsApp delivers free messages for 24 hours only. "
        "Wait less before it, or send an outbound message."
    )


def _way(study: Study, id: str, silences: dict[str, Silence]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The way of the longest silence, back to where the person was heard last; from the start to there, the shortest."""
    path, through = [id], []
    while (before := silences[path[0]].before) is not None:
        path.insert(0, before[0])
        through.insert(0, before[1])
        if study.profiles[before[0]].stays.get(before[1], NONE).hears:
            break
    first = study.ways.to(path[0])
    return (*first[:-1], *path), (*study.ways.ports_of(first), *through)
