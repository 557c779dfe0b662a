"""The sweep puts right what deaths and lost rings left behind, and settles old doubts by the rules of each category."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from flowbuilder import clock, jobs, queue
from flowbuilder.services import transaction
from flowbuilder.services.inbound import intake
from flowbuilder.services.sending import again, deliver, doubt, lease, single, sweep
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub


@pytest.fixture
def meta() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def here(redis_url: str, line: Line, meta: Stub) -> Line:
    line.base_url = meta.url
    line.messages_per_second = 0
    sweep._last.clear()
    return worlds.seal(line)


def _message(line: Line, *, category: str = "UTILITY", **values: Any) -> Message:
    template = worlds.template(line, category=category)
    row = single.send(
        line.workspace_id, template.id, "+4915112345678", {"first_name": "A", "code": "1"}, user_id=None, client_key=template.id
    )
    with transaction() as session:
        session.execute(db.update(Message).where(Message.id == row.id).values({"status": "queued", **values}))
    queue.connection().flushall()
    return row


def _unknown(line: Line, ago: timedelta, **more: Any) -> Message:
    return _message(line, status="unknown", sending_at=clock.now() - ago, **more)


def _witnesses(line: Line, count: int) -> None:
    batch = worlds.batch(line, worlds.template(line), count, status="finished")
    with transaction() as session:
        told = {"status": "delivered", "sending_at": clock.now(), "delivered_at": clock.now()}
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(**told))


def _queued(lane: str) -> int:
    return queue.connection().llen(f"rq:queue:{lane}")


def _dead_owner() -> str:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    owner = f"{lease._HOST}@{child.pid}:{lease._start_of(child.pid)}"
    assert not lease.is_dead(owner)
    child.kill()
    child.wait()
    return owner


def test_what_a_dead_process_was_sending_is_unknown_at_once(here: Line) -> None:
    row = _message(here, status="sending", lease_owner=_dead_owner(), lease_until=clock.now() + timedelta(seconds=60))
    sweep.reap()
    assert worlds.reload(row).status == "unknown"


def test_what_a_living_process_is_sending_is_left_alone(here: Line) -> None:
    row = _message(here, status="sending", lease_owner=lease.owner(), lease_until=clock.now() + timedelta(seconds=60))
    sweep.reap()
    assert worlds.reload(row).status == "sending"


def test_the_lease_of_another_host_counts_until_it_ends(here: Line) -> None:
    row = _message(here, status="sending", lease_owner="elsewhere@7:7", lease_until=clock.now() + timedelta(seconds=10))
    sweep.reap()
    assert worlds.reload(row).status == "sending"
    with clock.shifted(timedelta(seconds=11)):
        sweep.reap()
    assert worlds.reload(row).status == "unknown"


def test_a_pid_that_was_given_to_another_process_is_dead(here: Line) -> None:
    assert lease.is_dead(f"{lease._HOST}@{os.getpid()}:1")
    assert not lease.is_dead(lease.owner())


def test_a_batch_of_a_dead_process_is_rung_again(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here), 3)
    with transaction() as session:
        session.execute(db.update(type(batch)).values(lease_owner=_dead_owner(), lease_until=clock.now() + timedelta(seconds=60)))
    sweep.reap()
    sweep.ring_batches()
    assert _queued("bulk") == 1


def test_a_message_whose_ring_was_lost_is_rung_again(here: Line, meta: Stub) -> None:
    _message(here)
    sweep.ring_messages()
    assert _queued("replies") == 0
    with clock.shifted(timedelta(seconds=3)):
        sweep.ring_messages()
        sweep.ring_messages()
    assert _queued("replies") == 1


def test_a_webhook_whose_ring_was_lost_is_rung_again(app: Flask, here: Line) -> None:
    body = worlds.said_to_us("w1", text={"body": "Hi"})
    intake.of(app).pen.write({"line_id": here.id, "received_at": clock.now(), "body": body, "status": "pending", "error": ""})
    sweep.ring_webhooks()
    assert _queued("replies") == 1
    jobs.converse()
    assert db.session.query(Webhook).count() == 0


def test_a_batch_makes_no_way_for_reviews_of_which_nothing_is_to_be_asked(here: Line) -> None:
    row = worlds.template(here)
    sweep.ring_reviews()
    assert _queued(queue.BULK) == 0
    row.ask_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    sweep.ring_reviews()
    assert _queued(queue.BULK) == 1


def test_rings_for_the_same_thing_are_one_until_its_job_starts(here: Line) -> None:
    for _ in range(50):
        queue.ring(queue.REPLIES, "converse")
    assert _queued("replies") == 1
    queue.started("converse")
    queue.ring(queue.REPLIES, "converse")
    assert _queued("replies") == 2


@pytest.mark.parametrize(("category", "ends"), [("MARKETING", "unconfirmed"), ("AUTHENTICATION", "unconfirmed"), ("UTILITY", "queued")])
def test_an_old_doubt_ends_by_the_rule_of_its_category(here: Line, category: str, ends: str) -> None:
    row = _unknown(here, timedelta(minutes=16), category=category)
    _witnesses(here, 20)
    doubt.resolve()
    after = worlds.reload(row)
    assert (after.status, after.is_possible_duplicate) == (ends, ends == "queued")


def test_a_doubt_stays_while_webhooks_may_be_missing(here: Line) -> None:
    row = _unknown(here, timedelta(hours=5))
    _witnesses(here, 19)
    doubt.resolve()
    assert worlds.reload(row).status == "unknown"


def test_a_young_doubt_stays(here: Line) -> None:
    row = _unknown(here, timedelta(minutes=14))
    _witnesses(here, 25)
    doubt.resolve()
    assert worlds.reload(row).status == "unknown"


def test_after_seven_days_no_webhook_comes_any_more(here: Line) -> None:
    row = _unknown(here, timedelta(days=7, minutes=1), category="MARKETING")
    doubt.resolve()
    assert worlds.reload(row).status == "unconfirmed"


def test_what_was_sent_again_by_itself_is_not_sent_a_third_time(here: Line) -> None:
    row = _unknown(here, timedelta(minutes=16), is_possible_duplicate=True)
    _witnesses(here, 20)
    doubt.resolve()
    assert worlds.reload(row).status == "unconfirmed"


def test_a_fault_that_meta_admitted_is_tried_again_in_every_category(here: Line) -> None:
    row = _unknown(here, timedelta(minutes=16), category="MARKETING", error_code=131000)
    _witnesses(here, 20)
    doubt.resolve()
    assert worlds.reload(row).status == "queued"


def test_a_person_may_send_an_unconfirmed_message_again_and_it_is_marked(here: Line, meta: Stub) -> None:
    row = _message(here, status="unconfirmed")
    again.resend(here.workspace_id, row.id, user_id=None)
    deliver.one(row.id)
    after = worlds.reload(row)
    assert (after.status, after.is_possible_duplicate, len(meta.seen)) == ("accepted", True, 1)


def test_a_batch_of_which_nothing_is_open_is_finished(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here), 2)
    with transaction() as session:
        session.execute(db.update(Message).values(status="unconfirmed"))
    sweep.finish_batches()
    assert worlds.reload(batch).status == "finished"


def test_one_wish_is_one_message(here: Line) -> None:
    template = worlds.template(here)
    ids = {
        single.send(here.workspace_id, template.id, "+4915112345678", {"first_name": "A"}, user_id=None, client_key="k").id
        for _ in range(3)
    }
    assert len(ids) == 1


def test_two_jobs_for_one_message_send_it_once(here: Line, meta: Stub) -> None:
    row = _message(here)
    deliver.one(row.id)
    deliver.one(row.id)
    assert Counter(payload["biz_opaque_callback_data"] for payload in meta.seen) == {str(row.id): 1}
