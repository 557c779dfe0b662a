"""How often a fault is tried: few times by default, as often as we promise with ``FLOWBUILDER_FAULTS=full``."""

from __future__ import annotations

import os

IS_FULL = os.environ.get("FLOWBUILDER_FAULTS") == "full"


def times(quick: int, full: int) -> int:
    return full if IS_FULL else quick
