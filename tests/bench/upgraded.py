"""An upgraded line on one machine: 1,000 sends a second and the 3,000 status webhooks that they cause, all on SQLite."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from flowbuilder import queue
from flowbuilder.store import db
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.bench._world import World, load, process, world
from tests.bench.figure import Figure
from tests.fixtures.servers import stop

RATE, SECONDS = 1000, int(os.environ.get("BENCH_SECONDS", "20"))
MOST_PER_POST = int(os.environ.get("BENCH_STATUSES_PER_POST", "1"))
"""Meta may put many that are due at once into one post; the hardest is when it does not."""
_CATCH_UP_SECONDS = 60


def run() -> list[Figure]:
    with world(per_second=RATE) as here, _telling_meta(here) as meta:
        here.line.base_url = meta
        db.session.commit()
        batch = worlds.batch(here.line, worlds.template(here.line), RATE * SECONDS)
        with process(here, "web"), process(here, "worker"):
            time.sleep(3)
            queue.ring(queue.BULK, "pump", batch.id)
            looks = list(_looks(batch))
        report = requests.get(f"{meta}/report", timeout=60).json()
    return _figures(report, looks)


@contextmanager
def _telling_meta(here: World) -> Iterator[str]:
    webhook = f"http://127.0.0.1:{here.port}/webhooks/{here.line_id}"
    meta = subprocess.Popen([sys.executable, "-m", "tests.bench._meta", webhook, str(MOST_PER_POST)], stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(meta.stdout.readline())}"
    finally:
        stop(meta)


def _looks(batch: Batch) -> Iterator[tuple[float, int]]:
    """Again and again: the time, and of how many messages we know that they were read."""
    deadline = time.monotonic() + SECONDS + _CATCH_UP_SECONDS
    known = 0
    while known < RATE * SECONDS and time.monotonic() < deadline:
        time.sleep(0.1)
        now = time.time()
        db.session.rollback()
        known = db.session.query(Message.id).filter_by(batch_id=batch.id, status="read").count()
        yield now, known


def _figures(report: dict[str, list[float]], looks: list[tuple[float, int]]) -> list[Figure]:
    came, told, answered = sorted(report["came"]), sorted(report["read"]), report["answered"]
    held = (len(came) - 1) / (came[-1] - came[0])
    lags = [now - told[known] if known < bisect_right(told, now) else 0.0 for now, known in looks]
    name = f"{RATE:,} sends/s and their 3 statuses each, {SECONDS} s, SQLite"
    posts = f"up to {MOST_PER_POST} statuses a post, {len(answered):,} posts answered, {len(report['refused'])} refused"
    note = f"{len(came):,} sent, {looks[-1][1]:,} known as read; {posts}; {load()}"
    return [
        Figure(f"{name}: rate held", held, "/s", 970, 990, "higher", note=note),
        Figure("the same: answer to a webhook, p99", statistics.quantiles(answered, n=100)[-1] * 1000, "ms", 250, 100),
        Figure(
            "the same: until a status is known, p95 of looks",
            statistics.quantiles(lags, n=20)[-1],
            "s",
            2,
            0.5,
            note=f"longest {max(lags):.2f} s",
        ),
    ]
