"""Garbage collection in processes that live long: whatever was there at their start stays, and is never looked through again.

Thousands of statuses a second are as many small objects; with Python's own settings a third of the time went into
looking through everything that the app had loaded.
"""

from __future__ import annotations

import gc

_NEW_OBJECTS = 20_000


def keep_what_is_there() -> None:
    """Once all is imported and made, and before forking, so that the children share it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
