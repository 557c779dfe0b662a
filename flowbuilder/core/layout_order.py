"""In which order the cards of a column lie: by the answers that lead to them, so that few lines cross.

A line over several columns passes each of them at a spot of its own; lines to the same card share these spots.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from random import Random

from flowbuilder.core.flow import Place

Spot = str | tuple[str, int]
"""A card, or where lines to a card pass a column."""
Line = tuple[Spot, float, int]
"""Where a line leads or comes from, how far down its card it leaves (0 to 1), and how many it stands for."""

SWEEPS, MOST_SORTED, MOST_SWAPS = 12, 12_000, 6
STARTS, MOST_STARTED, LOOSE = 48, 2_000, 0.7
OUT_OF_ORDER, PASSING = 4, 1
"""How much more it counts when the lines of one card cross, as its answers are read from top to bottom: the lines to two cards, and
that to a card and one that only passes it.
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """Cards and spots from left to right, each column from top to bottom, and the lines from one column to the next."""

    order: list[list[Spot]]
    into: dict[Spot, list[Line]] = field(default_factory=dict)
    out: dict[Spot, list[Line]] = field(default_factory=dict)

    @classmethod
    def joining(cls, columns: Sequence[Sequence[str]], edges: Mapping[Place, str], ports: Mapping[str, Sequence[str]]) -> Columns:
        """Lines that lead back, or to cards that are not here, are left out."""
        found = cls([[] for _ in columns])
        column = {id: at for at, ids in enumerate(columns) for id in ids}
        earliest: dict[str, int] = {}
        for id in column:
            for at, port in enumerate(ports[id]):
                target = edges.get((id, port), "")
                if column.get(target, -1) <= column[id]:
                    continue
                found._join(id, _spot(target, column[id] + 1, column), (at + 0.5) / len(ports[id]), 1)
                earliest[target] = min(earliest.get(target, column[target]), column[id] + 1)
        for target, first in earliest.items():
            for at in range(first, column[target]):
                spot = target, at
                found._join(spot, _spot(target, at + 1, column), 0.5, sum(count for _, _, count in found.into[spot]))
        found._spread(columns)
        return found

    def _join(self, source: Spot, target: Spot, at: float, count: int) -> None:
        self.out.setdefault(source, []).append((target, at, count))
        self.into.setdefault(target, []).append((source, at, count))

    def _spread(self, columns: Sequence[Sequence[str]]) -> None:
        """A first order: each card's ways to their ends, from the first answer to the last."""
        column = {id: at for at, ids in enumerate(columns) for id in ids}
        seen: set[Spot] = set()
        waiting: list[Spot] = [id for ids in reversed(columns) for id in reversed(ids)]
        while waiting:
            spot = waiting.pop()
            if spot in seen:
                continue
            seen.add(spot)
            self.order[column[spot] if isinstance(spot, str) else spot[1]].append(spot)
            waiting += [target for target, _, _ in reversed(self.out.get(spot, []))]


def _spot(target: str, at: int, column: Mapping[str, int]) -> Spot:
    return target if column[target] == at else (target, at)


def put_in_order(columns: Columns, late: Collection[Spot] = ()) -> None:
    """Find the order with the fewest crossings, from the first order on and, in small flows, from others that are drawn by lot but
    always alike. What is ``late`` stays below the others.
    """
    order, size = columns.order, sum(map(len, columns.order))
    for column in order:
        column.sort(key=lambda spot: spot in late)
    best, least = [list(column) for column in order], crossings(columns)
    for start in range(max(1, min(STARTS, MOST_STARTED // max(1, size)))):
        lot = Random(start)
        for sweep in range(max(2, min(SWEEPS, MOST_SORTED // max(1, size)))):
            if least == 0:
                break
            loose = LOOSE if start and not sweep else 0
            _sweep(columns, late, forward=sweep % 2 == 0, shift=lambda loose=loose, lot=lot: lot.uniform(-loose, loose))
            _swap(columns, late)
            if (count := crossings(columns)) < least:
                best, least = [list(column) for column in order], count
    order[:] = best
    for _ in range(MOST_SWAPS if least else 0):
        if not _swap(columns, late):
            break


def crossings(columns: Columns) -> int:
    """How many lines cross, where each leaves through its own answer; those of one card count more."""
    total = 0
    for before, after in zip(columns.order, columns.order[1:], strict=False):
        place = {spot: at for at, spot in enumerate(after)}
        seen = [0] * len(after)
        for spot in before:
            lines = columns.out.get(spot, ())
            for one, (target, _, count) in enumerate(lines):
                at = place[target]
                if at + 1 < len(seen):
                    total += count * sum(seen[at + 1 :])
                    total += sum(_more(target, other) for other, _, _ in lines[:one] if place[other] > at)
                seen[at] += count
    return total


def _more(one: Spot, other: Spot) -> int:
    return OUT_OF_ORDER if isinstance(one, str) == isinstance(other, str) else PASSING


def _sweep(columns: Columns, late: Collection[Spot], *, forward: bool, shift: Callable[[], float]) -> None:
    place: dict[Spot, int] = {}
    lines = columns.into if forward else columns.out
    for column in columns.order if forward else reversed(columns.order):
        keys: list[tuple[bool, float, Spot]] = []
        for at, spot in enumerate(column):
            found = lines.get(spot)
            middle = _middle(found, place, forward=forward) if found else at
            middle += shift()
            keys.append((spot in late, middle, spot))
        keys.sort(key=itemgetter(0, 1))
        column[:] = [spot for _, _, spot in keys]
        place |= {spot: at for at, spot in enumerate(column)}


def _middle(lines: Sequence[Line], place: Mapping[Spot, int], *, forward: bool) -> float:
    return sum((place[spot] + (at if forward else 0.5)) * count for spot, at, count in lines) / sum(count for _, _, count in lines)


def _swap(columns: Columns, late: Collection[Spot]) -> bool:
    """Let neighbours change places wherever fewer lines cross then; whether any did."""
    place = {spot: at for column in columns.order for at, spot in enumerate(column)}
    swapped = False
    for column in columns.order:
        for at in range(len(column) - 1):
            above, below = column[at], column[at + 1]
            if (above in late) == (below in late) and _gain(columns, place, above, below) > 0:
                column[at], column[at + 1] = below, above
                place[above], place[below] = at + 1, at
                swapped = True
    return swapped


def _gain(columns: Columns, place: Mapping[Spot, int], above: Spot, below: Spot) -> int:
    gain = 0
    for lines, fine in ((columns.into, 1), (columns.out, 0)):
        others = [(place[spot] + at * fine, count) for spot, at, count in lines.get(below, ())]
        for spot, at, count in lines.get(above, ()):
            own = place[spot] + at * fine
            for (other, more), (beside, _, _) in zip(others, lines.get(below, ()), strict=True):
                weight = count * more + (_more(above, below) if spot == beside and fine else 0)
                gain += weight * ((own > other) - (own < other))
    return gain
