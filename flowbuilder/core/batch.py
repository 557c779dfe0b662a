"""A batch: where it stands, which moves are allowed, and its numbers. Reading its file is in ``core.recipients``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class BatchStatus(StrEnum):
    READING = "reading"
    UNREADABLE = "unreadable"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    HOLDING = "holding"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    FINISHED = "finished"

    @property
    def is_over(self) -> bool:
        return self in (BatchStatus.CANCELLED, BatchStatus.FINISHED)


MOVES: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    BatchStatus.READING: frozenset({BatchStatus.DRAFT, BatchStatus.UNREADABLE, BatchStatus.CANCELLED}),
    BatchStatus.UNREADABLE: frozenset({BatchStatus.READING}),
    BatchStatus.DRAFT: frozenset({BatchStatus.RUNNING, BatchStatus.SCHEDULED, BatchStatus.READING, BatchStatus.CANCELLED}),
    BatchStatus.SCHEDULED: frozenset({BatchStatus.RUNNING, BatchStatus.DRAFT, BatchStatus.STOPPED, BatchStatus.CANCELLED}),
    BatchStatus.RUNNING: frozenset(
        {BatchStatus.PAUSED, BatchStatus.HOLDING, BatchStatus.CANCELLED, BatchStatus.STOPPED, BatchStatus.FINISHED}
    ),
    BatchStatus.HOLDING: frozenset({BatchStatus.RUNNING, BatchStatus.CANCELLED}),
    BatchStatus.PAUSED: frozenset({BatchStatus.RUNNING, BatchStatus.CANCELLED}),
    BatchStatus.STOPPED: frozenset({BatchStatus.RUNNING, BatchStatus.CANCELLED}),
    BatchStatus.CANCELLED: frozenset(),
    BatchStatus.FINISHED: frozenset({BatchStatus.RUNNING}),
}
"""A finished batch runs again only for a row that a person sends again; a holding one has sent its first few and waits for a word."""


def may_move(before: BatchStatus, after: BatchStatus) -> bool:
    return after in MOVES[before]


def sources(after: BatchStatus) -> tuple[BatchStatus, ...]:
    """The statuses from which ``after`` can be reached: what the conditional update asks for."""
    return tuple(status for status, reachable in MOVES.items() if after in reachable)


FIRST = 10
"""How many get the message before a person says that the rest may have it, too."""
LATE = timedelta(hours=1)
"""A start that was missed by more than this is not made up for without asking."""
WATCHED, LEAST_WATCHED = 100, 50


def fails_too_often(failed: Iterable[bool], percent: int) -> bool:
    """Whether of the last hundred tries (the latest first) ``percent`` or more have failed; fewer than fifty prove nothing. 0: never."""
    last = list(failed)[:WATCHED]
    return percent > 0 and len(last) >= LEAST_WATCHED and 100 * sum(last) >= percent * len(last)


_WAITING = ("queued", "claimed")
_UNDER_WAY = ("sending", "unknown")
_ACCEPTED = ("accepted", "sent", "delivered", "read")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNumbers:
    """How many rows of a file stand where. Every row is counted in exactly one of the first eleven numbers.

    ``faulty`` are rows that never became messages; ``answered`` are counted a second time, among those that went out.
    """

    faulty: int = 0
    queued: int = 0
    sending: int = 0
    unknown: int = 0
    accepted: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    unconfirmed: int = 0
    cancelled: int = 0
    answered: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int], *, faulty: int = 0, answered: int = 0) -> BatchNumbers:
        """From the number of messages per delivery status."""
        known = {name: counts.get(name, 0) for name in cls.__slots__ if name not in ("faulty", "answered", "queued")}
        return cls(**known, queued=sum(counts.get(name, 0) for name in _WAITING), faulty=faulty, answered=answered)

    @property
    def rows(self) -> int:
        """Every row of the file: the equation that always holds."""
        return self.messages + self.faulty

    @property
    def messages(self) -> int:
        return self.queued + self.under_way + self.out + self.failed + self.skipped + self.unconfirmed + self.cancelled

    @property
    def under_way(self) -> int:
        return sum(getattr(self, name) for name in _UNDER_WAY)

    @property
    def out(self) -> int:
        """Meta has taken these, however far they got."""
        return sum(getattr(self, name) for name in _ACCEPTED)

    @property
    def settled(self) -> int:
        """Rows that need no further call of ours."""
        return self.messages - self.queued - self.under_way

    @property
    def is_settled(self) -> bool:
        return self.settled == self.messages

    @property
    def may_still_change(self) -> bool:
        """Status webhooks are still to be expected for some."""
        return not self.is_settled or self.accepted + self.sent + self.delivered > 0

    def funnel(self) -> tuple[tuple[str, int], ...]:
        """The steps that people read from left to right: each also counts those that got further."""
        return (
            ("accepted", self.out),
            ("sent", self.sent + self.delivered + self.read),
            ("delivered", self.delivered + self.read),
            ("read", self.read),
            ("answered", self.answered),
        )


def seconds_left(waiting: int, rate: float) -> int | None:
    """How long ``waiting`` messages take at ``rate`` a second; None when nothing moves."""
    if waiting <= 0:
        return 0
    return max(1, round(waiting / rate)) if rate > 0 else None


def duration(seconds: float) -> str:
    """In words: ``less than a second``, ``25 seconds``, ``4 minutes``, ``3 hours 28 minutes``."""
    seconds = round(seconds)
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"{seconds} second{'s' * (seconds != 1)}"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} minutes"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} hour{'s' * (hours != 1)}" + (f" {minutes} minute{'s' * (minutes != 1)}" if minutes else "")
