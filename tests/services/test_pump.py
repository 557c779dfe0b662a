"""A running batch is sent once to everybody, at the line's pace, and stops when told; on a real database and queue server."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from flowbuilder import queue
from flowbuilder.services import transaction
from flowbuilder.services.sending import lease, pump, rate
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub, accept, refuse


@pytest.fixture
def meta() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def here(redis_url: str, line: Line, meta: Stub) -> Line:
    line.base_url = meta.url
    line.messages_per_second = 0
    return worlds.seal(line)


def _counts(batch: Batch) -> Counter[str]:
    db.session.rollback()
    return Counter(status for (status,) in db.session.query(Message.status).filter_by(batch_id=batch.id))


def _change(row: Any, **values: Any) -> None:
    with transaction() as session:
        session.execute(db.update(type(row)).where(type(row).id == row.id).values(**values))


def test_everybody_gets_it_once_and_the_batch_is_finished(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 300)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 300}
    assert max(Counter(payload["to"] for payload in meta.seen).values()) == 1
    assert worlds.reload(batch).status == "finished"
    assert worlds.reload(batch).lease_owner is None


def test_what_goes_out_is_the_frozen_template_with_our_id(here: Line, meta: Stub) -> None:
    template = worlds.template(here)
    batch = worlds.batch(here, template, 1)
    wire_name = template.wire_name
    _change(template, content={"body": "changed"})
    pump.run(batch.id)
    row = db.session.query(Message).filter_by(batch_id=batch.id).one()
    (payload,) = meta.seen
    assert payload["biz_opaque_callback_data"] == str(row.id)
    assert payload["template"]["name"] == wire_name
    assert payload["template"]["components"][0]["parameters"] == [{"type": "text", "parameter_name": "first_name", "text": "P0"}]


@pytest.mark.parametrize("status", ["draft", "paused", "cancelled", "stopped", "finished"])
def test_a_batch_that_is_not_running_sends_nothing(here: Line, meta: Stub, status: str) -> None:
    batch = worlds.batch(here, worlds.template(here), 3, status=status)
    pump.run(batch.id)
    assert meta.seen == []
    assert worlds.reload(batch).status == status


def test_a_batch_that_another_process_holds_is_left_alone(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 3)
    _change(batch, lease_owner="elsewhere@1:1", lease_until=lease.until(batch.created_at, 60))
    pump.run(batch.id)
    assert meta.seen == []


def test_a_pause_holds_within_two_seconds_and_resuming_sends_the_rest(here: Line, meta: Stub, app: Any) -> None:
    meta.delay = 0.05
    batch = worlds.batch(here, worlds.template(here), 2000)
    ended = []

    def work() -> None:
        with app.app_context():
            pump.run(batch.id, threads=8)
            ended.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    while len(meta.seen) < 50:
        time.sleep(0.01)
    _change(batch, status="paused")
    paused, seen = time.monotonic(), len(meta.seen)
    thread.join(10)
    assert ended[0] - paused < 2
    assert len(meta.seen) - seen <= 8
    assert set(_counts(batch)) == {"accepted", "queued"}
    _change(batch, status="running")
    meta.delay = 0
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 2000}


def test_only_rows_under_way_are_sending(here: Line, meta: Stub, app: Any) -> None:
    meta.delay = 0.1
    batch = worlds.batch(here, worlds.template(here), 100)
    most = 0

    def work() -> None:
        with app.app_context():
            pump.run(batch.id, threads=10)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        most = max(most, _counts(batch)["sending"])
        time.sleep(0.02)
    assert 0 < most <= 10 + 10 // 4


def test_an_answer_that_got_lost_is_unknown_and_never_sent_again(here: Line, meta: Stub) -> None:
    lost = {3, 8, 20}
    batch = worlds.batch(here, worlds.template(here), 40)
    first = min(row.id for row in db.session.query(Message).filter_by(batch_id=batch.id))
    meta.answer = lambda payload: None if int(payload["biz_opaque_callback_data"]) - first in lost else accept(payload)
    pump.run(batch.id)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 37, "unknown": 3}
    assert len(meta.seen) == 40
    assert worlds.reload(batch).status == "running"


def test_a_refusal_for_one_person_fails_that_row_alone(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 10)
    meta.answer = lambda payload: refuse(131026) if payload["to"].endswith("7") else accept(payload)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 9, "failed": 1}
    failed = db.session.query(Message).filter_by(status="failed").one()
    assert failed.error_code == 131026
    assert worlds.reload(batch).status == "finished"


@pytest.mark.parametrize("code", [190, 131031, 131042, 368, 132015, 131048])
def test_an_error_of_the_account_or_template_stops_the_batch_and_fails_nobody(here: Line, meta: Stub, code: int) -> None:
    batch = worlds.batch(here, worlds.template(here), 200)
    meta.answer = lambda payload: refuse(code)
    pump.run(batch.id, threads=8)
    assert _counts(batch) == {"queued": 200}
    assert len(meta.seen) <= 16
    row = worlds.reload(batch)
    assert row.status == "stopped"
    assert row.stopped_because


def test_once_meta_refuses_the_account_no_more_than_is_under_way_is_refused(here: Line, meta: Stub) -> None:
    meta.answer, meta.delay = lambda payload: refuse(190), 0.1
    batch = worlds.batch(here, worlds.template(here), 100)
    pump.run(batch.id, threads=4)
    assert 1 <= len(meta.seen) <= 4
    assert worlds.reload(batch).status == "stopped"


def test_a_template_that_meta_paused_stops_the_batch(here: Line, meta: Stub) -> None:
    template = worlds.template(here)
    batch = worlds.batch(here, template, 50)
    _change(template, status="paused")
    pump.run(batch.id)
    assert meta.seen == []
    assert worlds.reload(batch).status == "stopped"


def test_throttled_messages_are_sent_later_and_cost_no_attempt(here: Line, meta: Stub) -> None:
    _change(here, messages_per_second=200)
    batch = worlds.batch(here, worlds.template(here), 60)
    refused: set[str] = set()

    def throttle(payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if len(refused) < 5 and payload["to"] not in refused:
            refused.add(payload["to"])
            return refuse(130429)
        return accept(payload)

    meta.answer = throttle
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 60}
    assert {row.attempt for row in db.session.query(Message)} == {1}


def test_nobody_answering_leaves_rows_queued_and_does_not_burn_them(here: Line) -> None:
    _change(here, base_url="http://127.0.0.1:9")
    batch = worlds.batch(here, worlds.template(here), 500)
    pump.run(batch.id, seconds=1.5, threads=16)
    assert _counts(batch) == {"queued": 500}
    assert sum(row.attempt for row in db.session.query(Message)) < 60


def test_a_storm_of_lost_answers_puts_few_in_doubt(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 500)
    meta.answer = lambda payload: None
    pump.run(batch.id, seconds=1.5, threads=16)
    assert _counts(batch)["unknown"] < 60


def test_a_batch_takes_as_long_as_the_lines_rate_asks(here: Line, meta: Stub) -> None:
    _change(here, messages_per_second=100)
    batch = worlds.batch(here, worlds.template(here), 250)
    started = time.monotonic()
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 250}
    assert time.monotonic() - started >= 1.5


def test_no_second_ever_holds_more_than_the_lines_rate(here: Line) -> None:
    grants: list[tuple[float, float, int]] = []
    started = time.monotonic()
    while time.monotonic() - started < 3:
        before = time.monotonic()
        granted, wait = rate.take(here.id, 100, 7, bulk=True)
        grants.append((before, time.monotonic(), granted))
        time.sleep(wait if not granted else 0.4 * (len(grants) % 20 == 0))
    for start, _, _ in grants:
        assert sum(count for before, after, count in grants if before >= start and after < start + 1) <= 100
    assert sum(count for *_, count in grants) >= 120


def test_two_processes_share_one_lines_rate(here: Line) -> None:
    started = time.monotonic()
    granted = 0
    while time.monotonic() - started < 1:
        for bulk in (True, False):
            count, _ = rate.take(here.id, 50, 5, bulk=bulk)
            granted += count if time.monotonic() - started < 1 else 0
    assert 45 <= granted <= 50


def test_a_throttled_line_runs_at_half_its_rate(here: Line) -> None:
    rate.slow_down(here.id, 100)
    started, granted = time.monotonic(), 0
    while time.monotonic() - started < 1:
        granted += rate.take(here.id, 100, 5, bulk=True)[0]
    assert 40 <= granted <= 65


def test_without_a_queue_server_a_process_takes_less_than_half(app: Any) -> None:
    started, granted = time.monotonic(), 0
    while time.monotonic() - started < 0.5:
        granted += rate.take("lin_alone", 100, 5, bulk=True)[0]
    assert 15 <= granted <= 22


def test_losing_everything_in_the_queue_server_does_not_break_the_rate(here: Line) -> None:
    from flowbuilder import queue

    rate.take(here.id, 100, 5, bulk=True)
    queue.connection().flushall()
    queue.connection().script_flush()
    assert rate.take(here.id, 100, 5, bulk=True)[0] >= 1


def test_a_stopped_template_row_is_left_for_a_person(here: Line, meta: Stub) -> None:
    template = db.session.get(TemplateMessage, worlds.template(here).id)
    batch = worlds.batch(here, template, 1)
    meta.answer = lambda payload: refuse(132016)
    pump.run(batch.id)
    assert _counts(batch) == {"queued": 1}


def test_only_other_work_makes_a_batch_give_way(here: Line) -> None:
    for _ in range(2):
        pump.ring_batch("bat_1")
        queue.started("pump", "bat_1")
    assert not queue.is_waiting(queue.BULK, "pump", "bat_1")
    assert queue.is_waiting(queue.BULK, "pump", "bat_2")
    queue.ring(queue.BULK, "read_batch", "bat_1")
    assert queue.is_waiting(queue.BULK, "pump", "bat_1")
