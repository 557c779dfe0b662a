"""A line that Meta takes less from than it may send: how near it comes to what is taken, and how much is refused."""

from __future__ import annotations

import time

from flowbuilder.services.sending import pump
from flowbuilder.store import db
from flowbuilder.store.sending import Message
from tests import worlds
from tests.bench._world import load, world
from tests.bench.figure import Figure
from tests.stub import Stub, at_most

COUNT, ASKED, TAKEN = 800, 80, 20


def run() -> list[Figure]:
    refused: list[float] = []
    with world(per_second=ASKED) as here, Stub(at_most(TAKEN, refused)) as meta:
        here.line.base_url = meta.url
        db.session.commit()
        batch = worlds.batch(here.line, worlds.template(here.line), COUNT)
        started = time.perf_counter()
        pump.run(batch.id, seconds=300)
        took = time.perf_counter() - started
        db.session.rollback()
        taken = db.session.query(Message).filter_by(batch_id=batch.id, status="accepted").count()
    assert taken == COUNT, "messages were lost to throttling"
    name = f"{COUNT} messages over a line of {ASKED}/s of which Meta takes {TAKEN}/s"
    share = len(refused) / (COUNT + len(refused))
    return [
        Figure(f"{name}: our rate / what it takes", COUNT / took / TAKEN, "", 0.9, 0.95, "higher", note=f"{took:.0f} s; {load()}"),
        Figure("the same: refused as too fast", share * 100, "%", 5, 3, note=f"{len(refused)} refusals, none failed"),
    ]
