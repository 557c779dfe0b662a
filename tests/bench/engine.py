"""One ``resume`` on a flow of 150 steps: an answer comes, the run goes on to the next question."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

from flowbuilder.core.engine import Input, InputKind, begin, resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.run import Run
from tests.bench.figure import Figure
from tests.bench.large_flow import document

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
RUNS = 60


def run() -> list[Figure]:
    flow = Flow.from_json(document(150, 240))
    times = [took for _ in range(RUNS) for took in _one_run(flow)]
    name = "engine: one resume on a 150-step flow, median"
    return [Figure(name, float(f"{statistics.median(times):.3g}"), "ms", 0.3, 0.1, note=f"{len(times):,} inputs")]


def _one_run(flow: Flow) -> list[float]:
    run: Run = begin(flow, {"contact.name": "Ann", "contact.phone": "+34600000000"}, NOW)
    times, input = [], Input(InputKind.TAP, option="continue")
    while run.is_waiting:
        began = time.perf_counter()
        run = resume(flow, run, input, NOW).run
        times.append((time.perf_counter() - began) * 1000)
        input = Input(InputKind.TEXT, text="1")
    return times
