"""A simulator in this process for each test, and a business that it tells things to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.running import Business, Running, listening, running


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path / "home") as one:
        yield one


@pytest.fixture
def business(sim: Running) -> Iterator[Business]:
    """Subscribed to the simulator's webhooks."""
    with listening(Business()) as one:
        sim.subscribe(one)
        yield one
