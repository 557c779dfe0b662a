"""One line of what ``make bench`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with what it must reach and what would be better still."""

    name: str
    ours: float
    unit: str
    must: float
    stretch: float
    better: Literal["lower", "higher"] = "lower"
    note: str = ""

    @property
    def is_reached(self) -> bool:
        return self._reaches(self.must)

    @property
    def is_stretched(self) -> bool:
        return self._reaches(self.stretch)

    def _reaches(self, goal: float) -> bool:
        return self.ours <= goal if self.better == "lower" else self.ours >= goal
