"""How fast a batch went, over time: moments of messages, counted in buckets of even length."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NAMES = ("Accepted", "Delivered", "Read", "Failed")
_BUCKETS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400)
_SHOWN_AT_MOST = 240
_ENOUGH = 20
"""Messages looked at per bucket, where only some are: fewer would show chance."""
_AFTER = timedelta(seconds=60)
_AT_LEAST = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Pace:
    """``rates`` are messages a second for each of ``NAMES``, bucket after bucket of ``bucket`` seconds from ``start`` on (Unix): the
    first and the last are empty, so that it rises and falls."""

    start: int
    bucket: int
    rates: tuple[tuple[float, ...], ...]

    @property
    def highest(self) -> float:
        return max((rate for rates in self.rates for rate in rates), default=0.0)


def pace(moments: Sequence[Sequence[datetime | None]], *, step: int = 1) -> Pace | None:
    """From rows of moments (one per name), every ``step``-th row having been looked at; None while nothing has left."""
    left = [row[0] for row in moments if row[0] is not None] or [row[3] for row in moments if row[3] is not None]
    if not left:
        return None
    first, last = min(left), max(left)
    horizon = last + max(_AFTER, (last - first) / 5)
    ended = max(moment for row in moments for moment in row if moment is not None and moment <= horizon)
    until = max(ended, first + _AT_LEAST)
    bucket = _bucket((until - first).total_seconds(), len(left) if step > 1 else 0)
    start = (int(first.timestamp()) // bucket - 1) * bucket
    count = int(until.timestamp() - start) // bucket + 2
    return Pace(start, bucket, tuple(_rates(moments, at, start, bucket, count, step) for at in range(len(NAMES))))


def _bucket(span: float, looked_at: int) -> int:
    least = max(span / _SHOWN_AT_MOST, span * _ENOUGH / looked_at if looked_at else 0)
    return next((seconds for seconds in _BUCKETS if seconds >= least), math.ceil(least / 86400) * 86400)


def _rates(moments: Sequence[Sequence[datetime | None]], at: int, start: int, bucket: int, count: int, step: int) -> tuple[float, ...]:
    found = Counter(int(moment.timestamp() - start) // bucket for row in moments if (moment := row[at]) is not None)
    return tuple(round(found[place] * step / bucket, 2) for place in range(count))
