"""Holds a line back while Meta does not answer it: better late than a whole batch in doubt."""

from __future__ import annotations

from collections import deque

from flowbuilder import clock
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.sending.fate import Effect, Fate

_WATCHED, _BAD = 20, 10
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 30.0


class Breaker:
    """Opens when half of the last twenty tries got no usable answer; then one at a time until one does."""

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=_WATCHED)
        self._pause = _FIRST_PAUSE
        self._closed_at = 0.0
        self._is_probing = False

    def admits(self, under_way: int) -> int:
        """How many may be under way at most; a large number while all is well."""
        if clock.monotonic() < self._closed_at:
            return 0
        return 1 if self._is_probing else 1_000_000

    def note(self, result: Fate) -> None:
        is_bad = result.become is DeliveryStatus.UNKNOWN or result.effect is Effect.UNREACHABLE
        self._last.append(is_bad)
        if not is_bad:
            self._is_probing, self._pause = False, _FIRST_PAUSE
        elif self._is_probing or sum(self._last) >= _BAD:
            self._open()

    def _open(self) -> None:
        if clock.monotonic() < self._closed_at:
            return
        self._closed_at = clock.monotonic() + self._pause
        self._pause = min(_LONGEST_PAUSE, self._pause * 2)
        self._is_probing = True
        self._last.clear()
