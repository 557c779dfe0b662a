"""The simulator's own time: real time plus an offset that tests may push forward."""

from __future__ import annotations

import time

from flowbuilder.simulator.settings import Knobs


class Clock:
    """Seconds since 1970. A pushed clock stays pushed after a restart."""

    def __init__(self, knobs: Knobs) -> None:
        self._knobs = knobs

    def now(self) -> float:
        return time.time() + self._knobs["clock_offset"]

    def advance(self, seconds: float) -> None:
        if not 0 <= seconds <= 400 * 86_400:
            raise ValueError("The clock goes forward only, by at most 400 days at once.")
        self._knobs.turn({"clock_offset": self._knobs["clock_offset"] + seconds})
