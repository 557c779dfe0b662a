"""How long one phone number takes to be checked, as people write them in a file."""

from __future__ import annotations

import time

from flowbuilder.core import phone
from tests.bench._world import load
from tests.bench.figure import Figure
from tests.bench.imports import people

COUNT, ROUNDS = 100_000, 3


def run() -> list[Figure]:
    written = [(row[0], row[1]) for row in people(COUNT) if row[1] != "12"]
    phone.read("49", "15123456789")
    best = min(_once(written) for _ in range(ROUNDS))
    return [Figure("a phone number checked, best of three", best / len(written) * 1e6, "us", 2, 0.6, note=f"{load()}")]


def _once(written: list[tuple[str, str]]) -> float:
    started = time.process_time()
    for country, number in written:
        phone.read(country, number)
    return time.process_time() - started
