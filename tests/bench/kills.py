"""kill -9 of workers at random while a batch is sent and 2 % of Meta's answers get lost: who is messaged twice, who is forgotten?

Once on SQLite with one worker, once on PostgreSQL and Redis with two. The ledger of the simulator is the witness.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

from flowbuilder import queue
from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.bench._machine import installation
from tests.bench._world import load
from tests.bench.figure import Figure
from tests.faults.judge import counts
from tests.faults.machine import Machine, accepted, approved, doubled, wait_for
from tests.fixtures.database import cluster
from tests.fixtures.servers import Simulator

COUNT, KILLS, RATE, SEED = int(os.environ.get("BENCH_SENDS", "4000")), int(os.environ.get("BENCH_KILLS", "200")), 30, 7
_WHOLE = 0.2
"""The share of kills that take the whole worker rather than one of its processes."""


def run() -> list[Figure]:
    with installation(RATE) as here:
        alone = _figures("SQLite, one worker", *here, workers=("worker",))
    with cluster(keeps=True) as server, installation(RATE, server.url) as here:
        os.environ["FLOWBUILDER_TEST_QUEUE"] = "redis"
        try:
            return alone + _figures("PostgreSQL and Redis, two workers", *here, workers=("worker", "worker2"))
        finally:
            del os.environ["FLOWBUILDER_TEST_QUEUE"]


def _figures(name: str, machine: Machine, line: Line, simulator: Simulator, *, workers: tuple[str, ...]) -> list[Figure]:
    simulator.control("knobs", throughput=1000, pair_limit=False, sent_after=0.05, delivered_after=0.3, read_after=0.6, seed=SEED)
    simulator.control("faults", rules=[{"kind": "drop_answer", "chance": 0.02}])
    machine.start("queue", "web", *workers)
    lines.subscribe(line.workspace_id, line.id, user_id=None)
    batch = worlds.batch(line, approved(line, simulator), COUNT)
    queue.ring(queue.BULK, "pump", batch.id)
    began = time.monotonic()
    _strike(machine, batch, workers)
    simulator.control("webhooks/drain", seconds=30)
    wait_for(lambda: not {"queued", "sending", "accepted"} & set(counts(batch.id)), within=120, meanwhile=machine.revive)
    wait_for(lambda: not _doubts(batch) & set(accepted(simulator)), within=60, meanwhile=machine.revive)
    return _judged(name, batch, simulator, machine, time.monotonic() - began)


def _strike(machine: Machine, batch: Batch, workers: tuple[str, ...]) -> None:
    chosen = random.Random(SEED)
    while counts(batch.id)["queued"] and machine.kills_of.total() < KILLS:
        time.sleep(chosen.uniform(0.2, 0.6))
        machine.kill(chosen.choice(workers), None if chosen.random() < _WHOLE else chosen)
        machine.revive()
    wait_for(lambda: not counts(batch.id)["queued"], within=600, meanwhile=machine.revive)


def _doubts(batch: Batch) -> set[str]:
    db.session.rollback()
    wanted = Message.status.in_(("unknown", "unconfirmed"))
    return {str(id) for id in db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id, wanted))}


def _judged(name: str, batch: Batch, simulator: Any, machine: Machine, took: float) -> list[Figure]:
    known, doubts, stands = set(accepted(simulator)), _doubts(batch), counts(batch.id)
    everybody = {str(id) for id in db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id))}
    lost = len(everybody - known - doubts) + COUNT - stands.total()
    note = f"{machine.kills_of.total()} kills over {COUNT:,} sends in {took:,.0f} s; {len(doubts)} listed as in doubt; {load()}"
    return [
        Figure(f"kill -9 at random, 2 % of answers lost, {name}: doubled", len(doubled(simulator)), "", 0, 0, note=note),
        Figure(f"the same, {name}: lost", lost, "", 0, 0),
    ]
