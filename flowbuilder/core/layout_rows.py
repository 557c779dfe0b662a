"""How far down the cards of ordered columns lie: in line with those that lead to them and those they lead to, as far as the order
and the gaps between them allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from flowbuilder.core import card
from flowbuilder.core.layout_order import Columns, Spot

GAP, LINES = 48, 16
PASSES, MOST_MOVED = 8, 12_000
STRAIGHT, LONG, END, LOOSE, FIRM = 12, 3, 0.4, 0.1, 1e6
"""How much more than others these lines count: those of the way that goes on longest, and those between cards far apart."""

_Pull = tuple[Spot, float, float]
_Pulls = dict[Spot, list[_Pull]]
"""A card beside one, how much lower than it this one would lie for a straight line, and how much that counts."""


def rows(columns: Columns, heights: Mapping[str, int], ways: Mapping[str, int]) -> dict[str, int]:
    """How far down every card lies; ``ways`` tells how many ways out a card has."""
    before, after = _pulls(columns, heights, ways)
    offsets = [_offsets(column, heights) for column in columns.order]
    y: dict[Spot, float] = {}
    size = sum(map(len, columns.order))
    for one in range(max(3, min(PASSES, MOST_MOVED // max(1, size)))):
        forward = one % 2 == 0
        sides = (before,) if one == 0 else (after,) if one == 1 else (before, after)
        for column, down in list(zip(columns.order, offsets, strict=True))[:: 1 if forward else -1]:
            y |= zip(column, _settled([_wanted(spot, sides, y) for spot in column], down), strict=True)
    for column, down in zip(columns.order, offsets, strict=True):
        y |= zip(column, _settled([_in_line(spot, before, y) or _wanted(spot, (before, after), y) for spot in column], down), strict=True)
    top = min((y[spot] for column in columns.order for spot in column if isinstance(spot, str)), default=0)
    found: dict[str, int] = {}
    for column, down in zip(columns.order, offsets, strict=True):
        # Rounded are the places without the gaps, which so never shrink.
        whole = accumulate((round(y[spot] - top) - at for spot, at in zip(column, down, strict=True)), max)
        found |= {spot: one + at for spot, one, at in zip(column, whole, down, strict=True) if isinstance(spot, str)}
    return found


def _offsets(column: Sequence[Spot], heights: Mapping[str, int]) -> list[int]:
    """How far below the first of a column the others lie at least; a line takes no room of its own between two cards."""
    found, y = [], 0
    for at, spot in enumerate(column):
        is_card = isinstance(spot, str)
        y += GAP // 2 if at and is_card else 0
        found.append(y)
        y += heights[spot] + GAP // 2 if isinstance(spot, str) else 0 if at + 1 < len(column) and isinstance(column[at + 1], str) else LINES
    return found


def _pulls(columns: Columns, heights: Mapping[str, int], ways: Mapping[str, int]) -> tuple[_Pulls, _Pulls]:
    """By what lies before each spot, and by what lies behind it."""
    straight = _straight(columns)
    before: _Pulls = {}
    after: _Pulls = {}
    for source, lines in columns.out.items():
        for target, at, _ in lines:
            is_straight = straight.get(source) == target
            leaves = 0.0
            if isinstance(source, str):
                leaves = card.HEAD / 2 if is_straight else heights[source] - card.ways(ways[source]) * (1 - at)
            shift = leaves - (card.HEAD / 2 if isinstance(target, str) else 0)
            weight = STRAIGHT if is_straight else _weight(source, target)
            before.setdefault(target, []).append((source, shift, weight))
            after.setdefault(source, []).append((target, -shift, weight))
    return before, after


def _weight(source: Spot, target: Spot) -> float:
    if isinstance(source, str):
        return 1
    return END if isinstance(target, str) else LONG


def _straight(columns: Columns) -> dict[Spot, Spot]:
    """For each card the next one on the longest way onward, where no other way took that before; ways from the left come first."""
    left: dict[Spot, int] = {}
    onward: dict[Spot, Spot] = {}
    for column in reversed(columns.order):
        for spot in column:
            lines = columns.out.get(spot, ())
            cards = [line for line in lines if isinstance(spot, str) and isinstance(line[0], str)]
            if cards:
                onward[spot] = max(cards, key=lambda line: (left[line[0]], -line[1]))[0]
            left[spot] = isinstance(spot, str) + max((left[target] for target, _, _ in lines), default=0)
    found: dict[Spot, Spot] = {}
    taken: set[Spot] = set()
    for column in columns.order:
        for spot in column:
            at = spot
            while at not in found and at in onward and onward[at] not in taken:
                found[at] = onward[at]
                taken.add(onward[at])
                at = onward[at]
    return found


def _wanted(spot: Spot, sides: Sequence[Mapping[Spot, Sequence[_Pull]]], y: Mapping[Spot, float]) -> tuple[float, float]:
    total = heavy = 0.0
    for side in sides:
        for other, shift, weight in side.get(spot, ()):
            total += (y[other] + shift) * weight
            heavy += weight
    return (total / heavy, heavy) if heavy else (y.get(spot, 0), LOOSE)


def _in_line(spot: Spot, before: Mapping[Spot, Sequence[_Pull]], y: Mapping[Spot, float]) -> tuple[float, float] | None:
    return next(((y[other] + shift, FIRM) for other, shift, weight in before.get(spot, ()) if weight == STRAIGHT), None)


def _settled(wanted: Sequence[tuple[float, float]], offsets: Sequence[int]) -> list[float]:
    """The places nearest to those wanted that keep the order and the gaps (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []
    for (y, weight), down in zip(wanted, offsets, strict=True):
        middle, count = y - down, 1
        while blocks and blocks[-1][0] > middle:
            above, heavy, more = blocks.pop()
            middle, weight, count = (above * heavy + middle * weight) / (heavy + weight), heavy + weight, count + more
        blocks.append((middle, weight, count))
    places = [middle for middle, _, count in blocks for _ in range(count)]
    return [place + down for place, down in zip(places, offsets, strict=True)]
