"""A batch of a million rows is paused and its worker killed, twenty times in all, then cancelled: is everybody in exactly one place?

Where the interruptions come is by how many were sent: ``BENCH_REACH=1000000`` spreads them over all rows and sends the batch to its end.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from typing import Any

from flowbuilder import queue
from flowbuilder.services.accounts import lines
from flowbuilder.services.sending import batches
from flowbuilder.store import db, wal
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.bench._machine import installation
from tests.bench._world import load
from tests.bench.figure import Figure
from tests.faults.judge import counts, is_whole
from tests.faults.machine import Machine, accepted, approved, doubled, wait_for
from tests.fixtures.servers import Simulator

ROWS, REACH, TURNS = int(os.environ.get("BENCH_ROWS", "1000000")), int(os.environ.get("BENCH_REACH", "20000")), 20
_PATIENCE = 6 * 3600
_SETTLED = ("accepted", "sent", "delivered", "read", "unknown", "unconfirmed")


def run() -> list[Figure]:
    with installation(0) as (machine, line, simulator):
        simulator.control(
            "knobs", throughput=1000, tier="TIER_UNLIMITED", pair_limit=False, sent_after=0.05, delivered_after=0.3, read_after=0.6
        )
        machine.start("queue", "web", "worker")
        lines.subscribe(line.workspace_id, line.id, user_id=None)
        batch = worlds.batch(line, approved(line, simulator), ROWS)
        wait_for(lambda: db.session.rollback() or wal.empty(db.engine), within=60)
        queue.ring(queue.BULK, "pump", batch.id)
        began, log = time.monotonic(), _Log()
        with log:
            missing = max(_interrupt(turn, machine, line, batch) for turn in range(TURNS))
            if REACH < ROWS:
                late, cleared = _cancel(line, batch, simulator)
                end = f"cancelled, rows marked after {cleared:.0f} s"
            else:
                late, end = None, "sent to its end"
                wait_for(lambda: not {"queued", "sending"} & set(_slowly(batch)), within=_PATIENCE)
        simulator.control("webhooks/drain", seconds=60)
        wait_for(lambda: not {"sending"} & set(_slowly(batch)), within=120)
        return _judged(batch, simulator, missing, late, f"{end}; {log}", time.monotonic() - began)


def _interrupt(turn: int, machine: Machine, line: Line, batch: Batch) -> int:
    """When its share was sent: a pause or a kill, by turns. How many rows were in no place then."""
    target = ROWS - REACH * (turn + 1) // (TURNS + 1)
    wait_for(lambda: _slowly(batch)["queued"] <= target, within=_PATIENCE)
    missing = abs(ROWS - counts(batch.id).total())
    if turn % 2:
        machine.kill("worker")
        machine.revive()
    else:
        batches.pause(line.workspace_id, batch.id, user_id=None)
        wait_for(lambda: counts(batch.id)["sending"] == 0, within=60)
        batches.resume(line.workspace_id, batch.id, user_id=None)
    return missing


def _slowly(batch: Batch) -> Counter[str]:
    """Counting a million rows takes a processor: not more than once in two seconds."""
    time.sleep(2)
    return counts(batch.id)


def _cancel(line: Line, batch: Batch, simulator: Simulator) -> tuple[int, float]:
    """How many were taken by Meta later than two seconds after it, and the seconds until no row waits any more."""
    seen: list[int] = []
    look = threading.Timer(2, lambda: seen.append(simulator.ledger()["accepted"]))
    look.start()
    began = time.monotonic()
    batches.cancel(line.workspace_id, batch.id, user_id=None)
    wait_for(lambda: not {"queued", "sending"} & set(counts(batch.id)), within=600)
    cleared = time.monotonic() - began
    look.join()
    return simulator.ledger()["accepted"] - seen[0], cleared


class _Log:
    """How large the database's log of writes was at most."""

    def __init__(self) -> None:
        self._largest, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(db.engine,))

    def _watch(self, engine: Any) -> None:
        while not self._over.wait(0.5):
            self._largest = max(self._largest, wal.size(engine))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._thread.join()

    def __str__(self) -> str:
        return f"WAL {self._largest >> 20} MB at most"


def _judged(batch: Batch, simulator: Simulator, missing: int, late: int | None, note: str, took: float) -> list[Figure]:
    stands, known = counts(batch.id), set(accepted(simulator))
    ours = {str(id) for id in db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id, Message.status.in_(_SETTLED)))}
    told = {"accepted", "sent", "delivered", "read"}
    taken = {str(id) for id in db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id, Message.status.in_(told)))}
    wrong = len(known - ours) + len(taken - known) + abs(ROWS - stands.total()) + missing + (0 if is_whole() else ROWS)
    places = ", ".join(f"{count:,} {status}" for status, count in stands.most_common())
    name = f"batch of {ROWS:,} rows, {TURNS} pauses and kills over {REACH:,} sends"
    figures = [
        Figure(f"{name}: doubled", len(doubled(simulator)), "", 0, 0, note=f"{places}; {took:,.0f} s; {note}; {load()}"),
        Figure("the same: in no place, in two or in a wrong one", wrong, "", 0, 0),
    ]
    return figures if late is None else [*figures, Figure("the same: sent later than 2 s after the cancel", late, "", 0, 0)]
