"""The whole product: how long it takes to start on a prepared machine, and what it holds when it has nothing to do."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.figure import Figure
from tests.faults.machine import tree
from tests.fixtures.product import Product, start

_SETTLE_SECONDS = 8


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="fbbench") as folder:
        home = Path(folder)
        first, _, _ = _measure(home)
        again = [_measure(home) for _ in range(3)]
    _, shared, summed = again[-1]
    return [
        Figure("make run, prepared: first start to ready (tables, workspace and examples made)", first, "s", 5, 3),
        Figure("make run, prepared: start to ready", median(seconds for seconds, _, _ in again), "s", 5, 3, note="median of 3 starts"),
        Figure(
            "memory of the whole product when idle",
            shared,
            "MB",
            400,
            250,
            note=f"PSS, pages shared by forked processes counted once; the sum of all RSS, which counts them each time, is {summed:.0f} MB",
        ),
    ]


def _measure(home: Path) -> tuple[float, float, float]:
    """Seconds to ready, PSS and summed RSS in MB."""
    began = time.perf_counter()
    product = start(home, ("make", "--silent", "run"))
    try:
        product.await_ready()
        seconds = time.perf_counter() - began
        time.sleep(_SETTLE_SECONDS)
        return (seconds, *_memory(product))
    finally:
        product.stop()


def _memory(product: Product) -> tuple[float, float]:
    totals = {"Pss:": 0.0, "Rss:": 0.0}
    for pid in tree(product.process.pid):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, *rest = line.split()
            if name in totals:
                totals[name] += int(rest[0]) / 1024
    return totals["Pss:"], totals["Rss:"]
