"""Meta answers badly, or not at all, in the middle of a batch: nobody is messaged twice, nobody fails for it, all goes on."""

from __future__ import annotations

from typing import Any

from flowbuilder import queue
from flowbuilder.services.sending import batches
from flowbuilder.services.sending.pump import threads_for
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.faults.counts import times
from tests.faults.judge import counts, is_through, judge
from tests.faults.machine import Machine, accepted, approved, wait_for

PATIENCE = times(60, 1200)
_SAID_NOTHING = ("gateway", "redirect")
KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "drop_answer"}, {"kind": "half_answer"}, {"kind": "bad_json"}, {"kind": "no_id"}, {"kind": "gateway"},
    {"kind": "gateway_after"}, {"kind": "redirect"}, {"kind": "slow", "seconds": 1.0}, {"kind": "delay", "seconds": 1.0},
    {"kind": "error_after", "code": 131000}, {"kind": "error", "code": 131016}, {"kind": "error", "code": 131056},
)  # fmt: skip
"""Twelve ways for an answer to be bad."""
_OFTENER = {
    "drop_answer": 1.1, "half_answer": 1.1, "bad_json": 1.15, "no_id": 1.2, "gateway_after": 1.4, "error_after": 1.45,
    "delay": 0.85, "error": 0.85,
}  # fmt: skip
"""The simulator looks for one after the other, and for some of them only among what the others left."""


def _started(line: Line, simulator: Any, count: int) -> Batch:
    batch = worlds.batch(line, approved(line, simulator), count)
    queue.ring(queue.BULK, "pump", batch.id)
    return batch


def test_answers_that_are_lost_are_settled_by_their_webhooks(working: Line, machine: Machine, simulator: Any) -> None:
    """Half of the statuses come before the answer that they belong to."""
    count = times(400, 10_000)
    simulator.control("faults", rules=[{"kind": "drop_answer", "chance": 0.02}, {"kind": "webhook_first", "chance": 0.5, "seconds": 0.02}])
    batch = _started(working, simulator, count)
    wait_for(lambda: set(counts(batch.id)) == {"read"}, within=PATIENCE)
    judge(batch, simulator, count)
    assert len(accepted(simulator)) == count


def test_an_outage_delays_and_loses_nobody(working: Line, machine: Machine, simulator: Any) -> None:
    count = times(600, 5000)
    simulator.control("faults", rules=[{"kind": "outage", "after": 0.5, "seconds": times(3, 600)}])
    batch = _started(working, simulator, count)
    wait_for(lambda: set(counts(batch.id)) <= {"delivered", "read", "unknown"}, within=PATIENCE + times(3, 600))
    judge(batch, simulator, count)
    assert counts(batch.id)["failed"] == 0
    assert len(accepted(simulator)) == count - counts(batch.id)["unknown"]


def test_twelve_kinds_of_bad_answers_at_once(working: Line, machine: Machine, simulator: Any) -> None:
    """Each kind hits often; what was accepted is known in the end, and what was not is in doubt, never doubled, never failed."""
    count, least = times(700, 12_500), times(5, 500)
    rules = [{**kind, "chance": times(2, 5) / 100 * _OFTENER.get(kind["kind"], 1)} for kind in KINDS]
    simulator.control("faults", rules=rules)
    batch = _started(working, simulator, count)
    wait_for(lambda: not {"queued", "sending", "accepted"} & set(counts(batch.id)), within=PATIENCE)
    simulator.control("webhooks/drain", seconds=20)
    wait_for(lambda: not _in_doubt(batch) & set(accepted(simulator)), within=30)
    judge(batch, simulator, count)
    assert counts(batch.id)["failed"] == 0
    used = {(rule["kind"], rule["code"]): rule["used"] for rule in simulator.control("faults")}
    assert len(used) == len(KINDS)
    assert min(used.values()) >= least, used
    assert len(_in_doubt(batch)) == count - len(accepted(simulator))


def _in_doubt(batch: Batch) -> set[str]:
    db.session.rollback()
    wanted = Message.status.in_(("unknown", "unconfirmed"))
    return {str(id) for id in db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id, wanted))}


def test_a_revoked_token_stops_the_line_and_a_good_one_lets_it_go_on(working: Line, machine: Machine, simulator: Any) -> None:
    """At 80 a second; answers take as long as Meta's do, so some are under way when the token ends: no more than those are refused."""
    count, under_way = times(400, 10_000), 16
    working.messages_per_second = 80
    db.session.commit()
    slow = {"kind": "delay", "chance": 1, "seconds": 0.1}
    simulator.control("faults", rules=[slow])
    batch = _started(working, simulator, count)
    wait_for(lambda: len(accepted(simulator)) >= count // 20, within=PATIENCE)
    simulator.control("faults", rules=[{"kind": "token"}, slow])
    wait_for(lambda: worlds.reload(batch).status == "stopped", within=20)
    wait_for(lambda: counts(batch.id)["sending"] == 0, within=20)
    refused = simulator.control("faults")[0]["used"]
    assert 1 <= refused <= under_way
    assert counts(batch.id)["failed"] == 0
    assert "access token" in worlds.reload(working).paused_reason
    assert "access token" in worlds.reload(batch).stopped_because

    simulator.control("faults", rules=[], by="test")
    batches.resume(working.workspace_id, batch.id, user_id=None)
    wait_for(lambda: set(counts(batch.id)) <= {"delivered", "read"}, within=PATIENCE)
    judge(batch, simulator, count)
    wait_for(lambda: worlds.reload(working).paused_reason == "", within=10)


def test_a_template_that_is_paused_in_the_middle_stops_its_batch(working: Line, machine: Machine, simulator: Any) -> None:
    simulator.control("faults", rules=[{"kind": "pause_template", "skip": 60, "times": 1}])
    batch = _started(working, simulator, 600)
    wait_for(lambda: worlds.reload(batch).status == "stopped", within=PATIENCE)
    wait_for(lambda: counts(batch.id)["sending"] == 0, within=20)
    assert len(accepted(simulator)) <= 60 + 100
    assert counts(batch.id)["failed"] == 0
    assert counts(batch.id)["queued"] > 400
    wait_for(lambda: db.session.rollback() or db.session.get(TemplateMessage, batch.template_id).status == "paused", within=20)
    judge(batch, simulator, 600)


def test_throttling_fails_nobody(working: Line, machine: Machine, simulator: Any) -> None:
    count = times(200, 2000)
    simulator.control("faults", rules=[{"kind": "throttle", "rate": 60}])
    batch = _started(working, simulator, count)
    wait_for(lambda: set(counts(batch.id)) <= {"delivered", "read"}, within=PATIENCE)
    judge(batch, simulator, count)


def test_pauses_and_deaths_of_a_long_batch_keep_everybody_in_one_place(working: Line, machine: Machine, simulator: Any) -> None:
    count, turns = times(1000, 20_000), times(6, 20)
    batch = _started(working, simulator, count)
    for turn in range(turns):
        target = count * (turn + 1) // (turns + 2)
        wait_for(lambda target=target: counts(batch.id)["queued"] <= count - target, within=PATIENCE)
        assert counts(batch.id).total() == count
        if turn % 2:
            machine.kill("worker")
            machine.revive()
            continue
        batches.pause(working.workspace_id, batch.id, user_id=None)
        wait_for(lambda: counts(batch.id)["sending"] == 0, within=10)
        still = len(accepted(simulator))
        batches.resume(working.workspace_id, batch.id, user_id=None)
        assert still <= count
    wait_for(lambda: is_through(batch.id, but={"unknown"}), within=PATIENCE)
    judge(batch, simulator, count)
    assert counts(batch.id)["unknown"] + counts(batch.id)["unconfirmed"] <= (turns // 2) * 100


def test_a_cancelled_batch_stops_within_two_seconds(working: Line, machine: Machine, simulator: Any) -> None:
    """What was under way then is all that still arrives: no more than there are threads."""
    template = approved(working, simulator)
    count = 2000
    planned = [worlds.batch(working, template, count) for _ in range(times(1, 50))]
    for batch in planned:
        queue.ring(queue.BULK, "pump", batch.id)
        wait_for(lambda batch=batch: counts(batch.id)["queued"] < count - 50, within=PATIENCE)
        batches.cancel(working.workspace_id, batch.id, user_id=None)
        before = len(accepted(simulator))
        wait_for(lambda batch=batch: not {"queued", "sending"} & set(counts(batch.id)), within=times(5, 2))
        assert len(accepted(simulator)) - before <= threads_for(working.messages_per_second)
        assert counts(batch.id)["cancelled"] > 0
        judge(batch, simulator, count)
