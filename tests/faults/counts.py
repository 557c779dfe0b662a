"""How often a fault is tried: few times by default, as often as we promise with ``FLOWBUILDER_FAULTS=full``.

Where only every n-th place is tried, each day begins at the next one, so that all are tried within n days.
``FLOWBUILDER_FAULTS_FROM`` begins where a failure says that it began.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

IS_FULL = os.environ.get("FLOWBUILDER_FAULTS") == "full"


def times(quick: int, full: int) -> int:
    return full if IS_FULL else quick


def first(stride: int) -> int:
    """The first of the places of which every ``stride``-th is tried: the same all day."""
    begun = int(os.environ.get("FLOWBUILDER_FAULTS_FROM", datetime.now(UTC).toordinal())) % stride
    if stride > 1:
        print(f"FLOWBUILDER_FAULTS_FROM={begun} tries the same places again.")
    return begun
