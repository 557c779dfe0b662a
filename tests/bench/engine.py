"""``resume`` on a flow of 150 steps: an answer comes, the run goes on to the next question. The same conversation on Node-RED."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowbuilder.core.engine import Input, InputKind, begin, resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.run import Run
from tests.bench import rivals
from tests.bench.figure import Figure
from tests.bench.large_flow import document
from tests.bench.rivals import node_red

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
RUNS = 300
ROUNDS = 3
CONVERSATIONS, ANSWERS = 50, 20_000


def run() -> list[Figure]:
    drawn = document(150, 240)
    flow, folder = Flow.from_json(drawn), rivals.install()
    times: list[float] = []
    ours, theirs = [], []
    for _ in range(ROUNDS):
        before, began = len(times), time.perf_counter()
        for _ in range(RUNS):
            times += _one_run(flow)
        ours.append((len(times) - before) / (time.perf_counter() - began))
        theirs.append(_node_red(folder, drawn))
    rate, rival = statistics.median(ours), statistics.median(theirs)
    return [
        Figure(
            "engine: one resume on a 150-step flow, median",
            float(f"{statistics.median(times):.3g}"), "ms", 0.3, 0.1, note=f"{len(times):,} inputs",
        ),
        Figure("engine: resume on a 150-step flow, one process", rate, "/s", 3000, 8000, "higher"),
        Figure("the same conversation: ours / Node-RED", rate / rival, "x", 3, 6, "higher", note=f"Node-RED {rival:,.0f}/s"),
    ]  # fmt: skip


def _one_run(flow: Flow) -> list[float]:
    run: Run = begin(flow, {"contact.name": "Ann", "contact.phone": "+34600000000"}, NOW)
    times, input = [], Input(InputKind.TAP, option="continue")
    while run.is_waiting:
        began = time.perf_counter()
        run = resume(flow, run, input, NOW).run
        times.append((time.perf_counter() - began) * 1000)
        input = Input(InputKind.TEXT, text="1")
    return times


def _node_red(folder: Path, drawn: dict[str, Any]) -> float:
    """Answers a second that Node-RED takes, of as many conversations at once."""
    with tempfile.TemporaryDirectory() as home:
        flows = Path(home, "conversation.json")
        flows.write_text(json.dumps(node_red.flows(drawn)))
        command = ["node", str(folder / "engine.cjs"), str(flows), home, str(CONVERSATIONS), str(ANSWERS)]
        said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout.splitlines()[-1])
    return said["taken"] / said["seconds"]
