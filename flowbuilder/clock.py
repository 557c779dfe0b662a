"""The one place that asks what time it is, so that tests can set it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _offset


def monotonic() -> float:
    """Seconds of a clock that never goes back; for measuring, never for storing."""
    return time.monotonic()


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Let everybody in this process believe that it is ``by`` later."""
    global _offset
    before = _offset
    _offset = before + by
    try:
        yield
    finally:
        _offset = before
