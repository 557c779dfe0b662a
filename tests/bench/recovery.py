"""A worker killed (-9) with all its children in the middle of a batch: when does sending go on?"""

from __future__ import annotations

import os
import signal
import time

import requests

from flowbuilder import queue
from flowbuilder.store import db
from tests import worlds
from tests.bench._world import World, load, process, world
from tests.bench.figure import Figure
from tests.faults.machine import tree

COUNT, LIMIT = 20_000, 200


def run() -> list[Figure]:
    with world(per_second=LIMIT) as here:
        batch = worlds.batch(here.line, worlds.template(here.line), COUNT)
        queue.ring(queue.BULK, "pump", batch.id)
        db.session.remove()
        with process(here, "worker") as first:
            _wait_for(here, 200)
            for pid in tree(first.pid):
                os.kill(pid, signal.SIGKILL)
            first.wait()
        killed, before = time.perf_counter(), _arrived(here)
        with process(here, "worker"):
            _wait_for(here, before + 1)
            took = time.perf_counter() - killed
    return [Figure("worker killed (-9) in a batch: sending goes on after", took, "s", 20, 10, note=f"its start included; {load()}")]


def _wait_for(here: World, count: int) -> None:
    deadline = time.monotonic() + 60
    while _arrived(here) < count:
        assert time.monotonic() < deadline, "nothing is being sent"
        time.sleep(0.05)


def _arrived(here: World) -> int:
    return len(requests.get(f"{here.meta}/times", timeout=10).json())
