"""Twenty people use the pages while a batch is sent: how long does a page take, also when Meta answers badly in twelve ways?

Each person opens a page, looks at it for a second, and opens the next. Server, worker, simulator and people share the machine.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import requests
from flask import current_app

from flowbuilder import clock, queue
from flowbuilder.services.accounts import lines
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Membership, Role, User, UserSession
from flowbuilder.store.sending import Batch
from tests import worlds
from tests.bench._machine import installation
from tests.bench._world import load
from tests.bench.figure import Figure
from tests.faults.judge import counts
from tests.faults.machine import Machine, approved, wait_for
from tests.faults.test_answers import KINDS

PEOPLE, SECONDS, RATE, COUNT, LOOKS_FOR = 20, 25.0, 300, 30_000, 1.0
_BAD = [{**kind, "chance": 0.03} for kind in KINDS]


def run() -> list[Figure]:
    return [
        _figure("pages for 20 people while a batch sends at 300/s, p95", [], must=500, stretch=200),
        _figure("the same while Meta answers badly in twelve ways, p95", _BAD, must=500, stretch=200),
    ]


def _figure(name: str, rules: Sequence[dict[str, Any]], *, must: float, stretch: float) -> Figure:
    with installation(RATE) as (machine, line, simulator):
        simulator.control("knobs", throughput=1000, pair_limit=False, sent_after=0.05, delivered_after=0.3, read_after=0.6, seed=7)
        machine.start("queue", "web", "worker")
        lines.subscribe(line.workspace_id, line.id, user_id=None)
        batch, cookie = worlds.batch(line, approved(line, simulator), COUNT), signed_in(line)
        if rules:
            simulator.control("faults", rules=list(rules))
        queue.ring(queue.BULK, "pump", batch.id)
        wait_for(lambda: counts(batch.id)["queued"] < COUNT, within=30)
        before, began = counts(batch.id)["queued"], time.monotonic()
        took, wrong = _used(machine, _pages(line, batch), cookie)
        sent = (before - counts(batch.id)["queued"]) / (time.monotonic() - began)
    assert not wrong, wrong[:5]
    p50, p95, p99 = (statistics.quantiles(took, n=100)[at - 1] * 1000 for at in (50, 95, 99))
    note = f"{len(took):,} pages in {SECONDS:g} s, p50 {p50:,.0f} ms, p99 {p99:,.0f} ms; {sent:,.0f} rows/s meanwhile; {load()}"
    return Figure(name, p95, "ms", must, stretch, note=note)


def _pages(line: Line, batch: Batch) -> list[str]:
    of_batch = [f"/batches/{batch.id}{end}" for end in ("", "/live", "/recipients")]
    return ["/outbound", "/flows", "/contacts", "/conversations", "/lines", f"/lines/{line.id}", *of_batch, *of_batch]


def signed_in(line: Line) -> str:
    """The cookie of an admin's browser."""
    now = clock.now()
    user = User(id=new_id("usr"), email="admin@bench.example", name="Admin", created_at=now)
    db.session.add(user)
    db.session.flush()
    db.session.add(Membership(workspace_id=line.workspace_id, user_id=user.id, role=Role.ADMIN))
    row = UserSession(
        id=new_id("ses"), user_id=user.id, workspace_id=line.workspace_id, created_at=now, last_seen_at=now,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    client = current_app.test_client()
    with client.session_transaction() as session:
        session.update(_user_id=row.id, _fresh=True)
    return client.get_cookie("flowbuilder").value


def _used(machine: Machine, pages: Sequence[str], cookie: str) -> tuple[list[float], list[str]]:
    """Seconds that each page took, and those that were not answered with 200."""
    took: list[float] = []
    wrong: list[str] = []
    ends = time.monotonic() + SECONDS

    def person(number: int) -> None:
        chosen = random.Random(number)
        with requests.Session() as browser:
            browser.cookies.set("flowbuilder", cookie)
            time.sleep(chosen.random() * LOOKS_FOR)
            while time.monotonic() < ends:
                page, began = chosen.choice(pages), time.perf_counter()
                answer = browser.get(f"http://127.0.0.1:{machine.port}{page}", timeout=30, allow_redirects=False)
                took.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    wrong.append(f"{page}: {answer.status_code}")
                time.sleep(LOOKS_FOR)

    people = [threading.Thread(target=person, args=(number,)) for number in range(PEOPLE)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    return took, wrong
