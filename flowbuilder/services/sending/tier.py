"""Meta's messaging limit: how many people a business may reach within 24 hours outside of their service windows.

The limit is one for all lines of a WhatsApp account, as **Check connection** read it last. A batch whose line holds at the
limit waits until people drop out of the 24 hours; people who wrote to us themselves are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flowbuilder import clock
from flowbuilder.core.standing import LIMITS
from flowbuilder.store import reach
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbox import Executor

_DAY = timedelta(hours=24)
_LOOK_AGAIN = timedelta(minutes=10)
"""Meta raises a limit within hours, and people may check the connection at any time."""
_COUNTING = 0.05
"""The share of its time that a pump may spend on counting."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The limit of a line's account and how much of it is used. ``limit`` None: none, or none is known."""

    limit: int | None
    used: int = 0
    frees_at: datetime | None = None
    """When the next person may be reached; None while there is room."""

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def is_reached(self) -> bool:
        return self.left == 0

    @property
    def text(self) -> str:
        return f"The messaging limit of this WhatsApp account is reached: {self.limit:,} people in 24 hours."


def of(on: Executor, line_id: str) -> Tier:
    """How the line stands now."""
    lines = reach.siblings(on, line_id)
    limit = _limit(lines)
    if limit is None:
        return Tier(None)
    ids, since = [line.id for line in lines], clock.now() - _DAY
    used = reach.count(on, ids, since)
    if used < limit:
        return Tier(limit, used)
    last = reach.last_reached(on, ids, since, used - limit)
    return Tier(limit, used, frees_at=(last or clock.now()) + _DAY)


def _limit(lines: list) -> int | None:
    """Of the line whose connection was checked last: the limit is the account's."""
    checked = [line for line in lines if line.checked_at and (line.facts or {}).get("limit")]
    newest = max(checked, key=lambda line: line.checked_at, default=None)
    return LIMITS.get(newest.facts["limit"]) if newest else None


class Room:
    """How many people one pump may still write to before the limit has to be counted again.

    Of what is left each running batch of the account takes its share, so that together they never take more.
    """

    def __init__(self, line: Line) -> None:
        self._line_id = line.id
        self._is_kept = line.holds_at_limit
        self._left: int | None = 0
        self._not_before = 0.0
        self.reached: Tier | None = None
        """Set while the limit is reached."""

    def admits(self, on: Executor, wanted: int) -> int:
        """How many of ``wanted`` may be claimed now."""
        if not self._is_kept or self._left is None or wanted <= self._left:
            return wanted
        if clock.monotonic() >= self._not_before:
            self._count(on)
        return wanted if self._left is None else min(wanted, self._left)

    def spend(self, claimed: int) -> None:
        if self._left is not None:
            self._left = max(0, self._left - claimed)

    def _count(self, on: Executor) -> None:
        started = clock.monotonic()
        tier = of(on, self._line_id)
        self._not_before = clock.monotonic() + (clock.monotonic() - started) / _COUNTING
        self.reached = tier if tier.is_reached else None
        if not tier.left:
            self._left = tier.left
            return
        ids = [line.id for line in reach.siblings(on, self._line_id)]
        self._left = max(1, tier.left // max(1, reach.running_batches(on, ids)))


def look_again_at(tier: Tier, now: datetime) -> datetime:
    """When a batch that holds is tried again."""
    return min(max(tier.frees_at or now, now + timedelta(seconds=10)), now + _LOOK_AGAIN)
