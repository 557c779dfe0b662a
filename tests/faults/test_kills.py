"""kill -9 of anything in the middle of anything: nobody is messaged twice, nobody is forgotten. The ledger judges."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import pytest
import requests

from flowbuilder import queue
from flowbuilder.services.sending import single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.faults.counts import times
from tests.faults.machine import Machine, accepted, approved, doubled, wait_for

# How many sends one kill of the worker may cut off: its threads, and what was claimed for them ahead.
UNDER_WAY = 20
# The seconds to wait for replies: one that was under way at a kill is repeated after two minutes.
DOUBTED = 180
_THROUGH = {"accepted", "sent", "delivered", "read", "failed", "unconfirmed"}


def _counts(batch: Batch) -> Counter[str]:
    db.session.rollback()
    return Counter(status for (status,) in db.session.query(Message.status).filter_by(batch_id=batch.id))


def _is_through(batch: Batch) -> bool:
    return set(_counts(batch)) <= _THROUGH


def _judge(batch: Batch, simulator: Any, count: int) -> None:
    """Everybody ends in exactly one place, and whoever the ledger knows was accepted exactly once."""
    assert doubled(simulator) == {}
    assert sum(_counts(batch).values()) == count
    ids = {str(id) for (id,) in db.session.query(Message.id).filter_by(batch_id=batch.id)}
    reached = {
        str(id)
        for (id,) in db.session.query(Message.id).filter(Message.batch_id == batch.id, Message.status.in_(("sent", "delivered", "read")))
    }
    assert reached <= set(accepted(simulator)) <= ids


@pytest.mark.parametrize("seed", [7])
def test_kills_in_the_middle_of_a_batch_double_and_lose_nobody(working: Line, machine: Machine, simulator: Any, seed: int) -> None:
    chosen = random.Random(seed)
    simulator.control("faults", rules=[{"kind": "drop_answer", "chance": 0.02}, {"kind": "delay", "chance": 0.5, "seconds": 0.1}])
    batch = worlds.batch(working, approved(working, simulator), 500)
    queue.ring(queue.BULK, "pump", batch.id)
    began = time.monotonic()

    def strike() -> None:
        if machine.kills_of.total() < 8 and time.monotonic() - began > 0.6 * (machine.kills_of.total() + 1):
            name = chosen.choice(["worker", "worker", "web", "queue"])
            machine.kill(name, chosen if name == "worker" and chosen.random() < 0.6 else None)
        machine.revive()

    wait_for(lambda: _counts(batch)["queued"] == 0, within=90, meanwhile=strike)
    wait_for(lambda: machine.kills_of.total() >= 8, within=20, meanwhile=strike)
    simulator.control("webhooks/drain", seconds=20)
    wait_for(lambda: not {"sending", "accepted"} & set(_counts(batch)), within=30, meanwhile=machine.revive)
    wait_for(lambda: _known_to_ledger_only(batch, simulator) == set(), within=30, meanwhile=machine.revive)
    _judge(batch, simulator, 500)
    in_doubt = _counts(batch)["unknown"] + _counts(batch)["unconfirmed"]
    assert in_doubt <= machine.kills_of["worker"] * UNDER_WAY
    assert len(accepted(simulator)) >= 500 - in_doubt


def _known_to_ledger_only(batch: Batch, simulator: Any) -> set[str]:
    """Whom the simulator accepted while we are in doubt: their webhooks must settle it."""
    db.session.rollback()
    doubt = {
        str(id) for (id,) in db.session.query(Message.id).filter(Message.batch_id == batch.id, Message.status.in_(("unknown", "queued")))
    }
    return doubt & set(accepted(simulator))


def test_sending_goes_on_soon_after_the_worker_was_killed(working: Line, machine: Machine, simulator: Any) -> None:
    batch = worlds.batch(working, approved(working, simulator), 2000)
    queue.ring(queue.BULK, "pump", batch.id)
    wait_for(lambda: _counts(batch)["queued"] < 1900, within=20)
    machine.kill("worker")
    left = _counts(batch)["queued"]
    assert left > 0
    machine.revive()
    wait_for(lambda: _counts(batch)["queued"] < left, within=20)
    assert doubled(simulator) == {}


def test_sigterm_leaves_nobody_in_doubt(working: Line, machine: Machine, simulator: Any) -> None:
    simulator.control("faults", rules=[{"kind": "delay", "chance": 1, "seconds": 0.3}])
    batch = worlds.batch(working, approved(working, simulator), times(1500, 30_000))
    queue.ring(queue.BULK, "pump", batch.id)
    for _ in range(times(1, 50)):
        before = _counts(batch)["queued"]
        wait_for(lambda before=before: _counts(batch)["queued"] < before - 50, within=20)
        assert machine.terminate("worker") < 30
        counts = _counts(batch)
        assert counts["queued"] > 0
        assert counts["sending"] == counts["unknown"] == 0
        machine.start("worker")
    assert doubled(simulator) == {}


def test_an_emptied_or_killed_queue_server_only_delays(working: Line, machine: Machine, simulator: Any) -> None:
    count = times(600, 5000)
    batch = worlds.batch(working, approved(working, simulator), count)
    queue.ring(queue.BULK, "pump", batch.id)
    for turn in range(times(5, 70)):
        time.sleep(0.3)
        if turn % 3 == 2:
            machine.kill("queue")
            machine.revive()
        else:
            queue.connection().flushall()
    wait_for(lambda: _is_through(batch), within=60)
    _judge(batch, simulator, count)


def test_lost_answers_are_settled_by_their_webhooks(working: Line, machine: Machine, simulator: Any) -> None:
    simulator.control("faults", rules=[{"kind": "drop_answer", "chance": 0.1}, {"kind": "webhook_first", "chance": 0.2}])
    batch = worlds.batch(working, approved(working, simulator), 300)
    queue.ring(queue.BULK, "pump", batch.id)
    wait_for(lambda: set(_counts(batch)) == {"read"}, within=40)
    assert accepted(simulator).keys() == {str(id) for (id,) in db.session.query(Message.id).filter_by(batch_id=batch.id)}
    assert doubled(simulator) == {}
    wait_for(lambda: worlds.reload(batch).status == "finished", within=10)


def test_kills_in_the_middle_of_conversations_lose_no_answer(working: Line, machine: Machine, simulator: Any) -> None:
    chosen = random.Random(3)
    template, version = approved(working, simulator), worlds.version(working)
    phones = [f"+49151234567{number:02}" for number in range(12)]
    openers = [
        single.send(working.workspace_id, template.id, phone, {"first_name": "A"}, version_id=version.id, user_id=None, client_key=phone)
        for phone in phones
    ]
    ids = [row.id for row in openers]
    wait_for(
        lambda: db.session.rollback() or db.session.query(Message).filter(Message.id.in_(ids), Message.status == "read").count() == 12, 30
    )
    began = time.monotonic()

    def strike() -> None:
        if machine.kills_of.total() < 6 and time.monotonic() - began > 0.5 * (machine.kills_of.total() + 1):
            name = chosen.choice(["worker", "web", "queue"])
            machine.kill(name, chosen if name == "worker" and chosen.random() < 0.5 else None)
        machine.revive()

    for phone in phones:
        _tap(simulator, phone, "Continue")
        strike()
    asked = {"kind": "buttons", "direction": "out"}
    wait_for(lambda: db.session.rollback() or _settled(asked) == 12, DOUBTED, strike)
    for phone in phones:
        _tap(simulator, phone, "Red")
        strike()
    wait_for(lambda: db.session.rollback() or db.session.query(Conversation).filter_by(status="finished").count() == 12, DOUBTED, strike)
    wait_for(
        lambda: db.session.rollback() or db.session.query(Message).filter(Message.status.in_(("queued", "sending"))).count() == 0,
        30,
        strike,
    )
    assert doubled(simulator) == {}
    assert db.session.query(Message).filter_by(direction="in").count() == 24
    assert db.session.query(Message).filter_by(direction="out").count() == 12 * 4


def _settled(wanted: dict[str, str]) -> int:
    through = Message.status.in_(("sent", "delivered", "read"))
    return db.session.query(Message).filter_by(**wanted).filter(through).count()


def _tap(simulator: Any, phone: str, title: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        answer = requests.post(f"{simulator.url}/_sim/phones/{phone.lstrip('+')}/tap", json={"title": title}, timeout=10)
        if answer.ok:
            return
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)


def test_the_judge_sees_what_a_naive_sender_does(working: Line, machine: Machine, simulator: Any) -> None:
    """The control: whoever repeats what stayed unanswered messages people twice, and the ledger shows it."""
    from flowbuilder.services.sending import lines
    from flowbuilder.whatsapp.errors import WireError

    simulator.control("faults", rules=[{"kind": "drop_answer", "chance": 0.2}])
    wire = lines.wire(working, approved(working, simulator))
    for number in range(40):
        payload = wire.template({"first_name": "A"}, f"+49151234000{number:02}", 1000 + number)
        for _ in range(3):
            try:
                wire.sender.send(payload)
                break
            except WireError:
                continue
    assert doubled(simulator)
