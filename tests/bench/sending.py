"""A batch through the pump beside a bare loop, at answers after 80 ms and after 1 ms; and how a line's limit is kept."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue

import requests

from flowbuilder.services.sending import lines, pump
from flowbuilder.store import db
from flowbuilder.store.sending import Message
from tests import worlds
from tests.bench._world import World, load, world
from tests.bench.figure import Figure

COUNT, LIMIT, WINDOW = 20_000, 1000, 10
_WAYS = ((80, 128, 1.2, 1.35), (1, 16, 2.0, 3.0))
"""Milliseconds of an answer, threads, and what our rate must be and could be beside the bare loop's."""


def run() -> list[Figure]:
    return [*(_against_a_bare_loop(*way) for way in _WAYS), *_at_the_limit()]


def _against_a_bare_loop(delay: int, threads: int, must: float, stretch: float) -> Figure:
    with world(delay_ms=delay) as here:
        ours = through_the_pump(here, COUNT, threads)
        bare = _bare(here, threads)
    name = f"batch of {COUNT:,}, {threads} threads, {delay} ms: our rate / a bare requests.Session.post loop"
    return Figure(name, ours / bare, "", must, stretch, "higher", note=f"{ours:,.0f}/s against {bare:,.0f}/s; {load()}")


def _at_the_limit() -> list[Figure]:
    with world(per_second=LIMIT) as here:
        through_the_pump(here, COUNT, 128)
        times: list[float] = requests.get(f"{here.meta}/times", timeout=60).json()
    counts = _windows(times)
    note = f"every window of {WINDOW} s: {min(counts) / WINDOW:,.1f} to {max(counts) / WINDOW:,.1f}/s; {load()}"
    return [
        Figure(f"the same, limit {LIMIT:,}/s: least held over any {WINDOW} s", min(counts) / WINDOW, "/s", 950, 985, "higher", note=note),
        Figure(f"the same, limit {LIMIT:,}/s: most within any {WINDOW} s", max(counts) / WINDOW, "/s", LIMIT, LIMIT, "lower"),
    ]


def _windows(times: list[float]) -> list[int]:
    """Arrivals within each window of ten seconds that fits between the first second and the last."""
    times = sorted(times)
    counts, end = [], 0
    for start, at in enumerate(times):
        if at < times[0] + 1 or at + WINDOW > times[-1] - 0.5:
            continue
        while end < len(times) and times[end] < at + WINDOW:
            end += 1
        counts.append(end - start)
    return counts


def through_the_pump(here: World, count: int, threads: int) -> float:
    """Our rate, from the first claim to the last record."""
    batch = worlds.batch(here.line, worlds.template(here.line), count)
    started = time.perf_counter()
    pump.run(batch.id, seconds=600, threads=threads)
    took = time.perf_counter() - started
    db.session.rollback()
    assert db.session.query(Message).filter_by(batch_id=batch.id, status="accepted").count() == count
    return count / took


def _bare(here: World, size: int) -> float:
    """The simplest thing that works: a session per thread, nothing remembered."""
    wire = lines.wire(here.line, worlds.template(here.line))
    url = f"{here.meta}/v25.0/3000000000000001/messages"
    todo: SimpleQueue[int] = SimpleQueue()
    for number in range(COUNT):
        todo.put(number)

    def work() -> None:
        session = requests.Session()
        session.headers["Authorization"] = "Bearer access-token"
        while True:
            try:
                number = todo.get_nowait()
            except Empty:
                return
            answer = session.post(url, json=wire.template({"first_name": "A"}, f"+4915{number:09}", number), timeout=(3.05, 30))
            answer.json()["messages"][0]["id"]

    threads = [threading.Thread(target=work) for _ in range(size)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return COUNT / (time.perf_counter() - started)
