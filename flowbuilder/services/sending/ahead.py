"""How many messages of a batch are claimed before a thread is free for them: few, for they are in doubt if the process dies."""

from __future__ import annotations

import math

_MOST = 3
"""So many a thread at most, where Meta answers faster than the database commits."""
_BEATS = 20
"""The pace is that of about so many."""
_UNLIMITED_RHYTHM = 0.004


class Ahead:
    """One pump's. A line with a limit claims what may leave until the next beat but one, and no more than it has threads.

    Without a limit as many wait beside those under way as lately became known within two beats: so much of the time of
    a quick answer is spent on waiting for the database.
    """

    def __init__(self, per_second: int, threads: int) -> None:
        self._threads, self._is_limited = threads, per_second > 0
        self.rhythm = min(0.1, max(0.02, 8 / per_second)) if per_second > 0 else _UNLIMITED_RHYTHM
        """Seconds from beat to beat."""
        self._waiting = max(1, math.ceil(per_second * max(0.04, self.rhythm * 1.5)))
        self._pace = 0.0

    def note(self, known: int) -> None:
        """So many became known since the last beat."""
        self._pace += (known - self._pace) / _BEATS

    @property
    def most(self) -> int:
        """How many may be under way or wait for a thread."""
        if self._is_limited:
            return self._threads
        return self._threads + min((_MOST - 1) * self._threads, max(self._threads // 4, round(2 * self._pace)))

    def wanted(self, room: int, waiting: int) -> int:
        """How many to claim, where ``room`` more may be under way and ``waiting`` wait for the line's rate."""
        return max(0, min(room, self._waiting - waiting) if self._is_limited else room)
