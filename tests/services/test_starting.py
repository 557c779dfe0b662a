"""How batches start: first ten, at a time, once whoever presses the button; and how they stop by themselves."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import transaction
from flowbuilder.services.sending import batches, pump, starting, sweep
from flowbuilder.store import batches as queries
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub, accept

pytestmark = pytest.mark.database


@pytest.fixture
def template(here: Line) -> TemplateMessage:
    row = worlds.template(here)
    row.content = {**row.content, "conversation": "NOTIFICATION"}
    db.session.commit()
    return row


@pytest.fixture
def draft(here: Line, template: TemplateMessage, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(pump, "ring_batch", lambda batch_id: None)

    def of(count: int = 30, **values: Any) -> Batch:
        row = worlds.batch(here, template, count, status="draft")
        row.started_at = None
        for name, value in values.items():
            setattr(row, name, value)
        db.session.commit()
        return row

    return of


def _start(batch: Batch, **more: Any) -> None:
    starting.start(batch.workspace_id, batch.id, **{"opted_in": True, "again": False, "user_id": None, **more})


def _counts(batch: Batch) -> Counter[str]:
    db.session.rollback()
    return Counter(status for (status,) in db.session.query(Message.status).filter_by(batch_id=batch.id))


def test_the_first_ten_go_out_and_the_rest_waits_for_a_word(draft: Any, meta: Stub) -> None:
    batch = draft(30)
    _start(batch, first=10)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 10, "queued": 20}
    assert worlds.reload(batch).status == "holding"
    assert {payload["to"] for payload in meta.seen} == {f"+4915{number:09}" for number in range(10)}
    pump.run(batch.id)
    assert len(meta.seen) == 10
    batches.send_rest(batch.workspace_id, batch.id, user_id=None)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 30}
    assert worlds.reload(batch).status == "finished"


def test_a_canary_of_a_small_batch_holds_nothing_back(draft: Any, meta: Stub) -> None:
    batch = draft(10)
    _start(batch, first=10)
    pump.run(batch.id)
    assert worlds.reload(batch).status == "finished"


def test_the_first_ten_hold_also_when_one_of_them_has_to_wait(draft: Any, meta: Stub) -> None:
    batch = draft(30)
    refused = {"error": {"message": "(#131056)", "code": 131056}}
    meta.answer = lambda payload: (400, refused) if payload["to"].endswith("003") else accept(payload)
    _start(batch, first=10)
    pump.run(batch.id, seconds=0.3)
    assert worlds.reload(batch).status == "running"
    meta.answer = accept
    with transaction() as session:
        session.execute(update(Message).where(Message.batch_id == batch.id).values(due_at=None))
    pump.run(batch.id)
    assert worlds.reload(batch).status == "holding"
    assert _counts(batch) == {"accepted": 10, "queued": 20}


def test_a_sweep_lets_a_batch_hold_whose_pump_died(draft: Any) -> None:
    batch = draft(30)
    _start(batch, first=10)
    ids = db.session.scalars(select(Message.id).where(Message.batch_id == batch.id).order_by(Message.id).limit(10)).all()
    with transaction() as session:
        session.execute(update(Message).where(Message.id.in_(ids)).values(status="accepted"))
    sweep.finish_batches()
    assert worlds.reload(batch).status == "holding"


def test_a_holding_batch_is_not_resumed_by_mistake_and_may_be_cancelled(draft: Any) -> None:
    batch = draft(30, status="holding")
    with pytest.raises(Conflict):
        batches.resume(batch.workspace_id, batch.id, user_id=None)
    batches.cancel(batch.workspace_id, batch.id, user_id=None)
    assert worlds.reload(batch).status == "cancelled"


def test_a_batch_starts_at_its_time_exactly_once(draft: Any) -> None:
    batch, at = draft(), clock.now() + timedelta(hours=3)
    _start(batch, at=at, zone="Europe/Berlin")
    assert worlds.reload(batch).status == "scheduled"
    starting.start_due()
    assert worlds.reload(batch).started_at is None
    with clock.shifted(timedelta(hours=3, minutes=1)):
        starting.start_due()
        first = worlds.reload(batch).started_at
        starting.start_due()
    assert worlds.reload(batch).status == "running"
    assert worlds.reload(batch).started_at == first
    started = select(AuditEvent).where(AuditEvent.subject == batch.id, AuditEvent.verb == "batch.due_running")
    assert len(db.session.scalars(started).all()) == 1


def test_sweeps_of_several_workers_start_a_batch_once(draft: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(pump, "ring_batch", rung.append)
    batch = draft()
    _start(batch, at=clock.now() + timedelta(minutes=1))
    with clock.shifted(timedelta(minutes=2)):
        _at_once(app, 4, starting.start_due)
    assert rung == [batch.id]


def test_a_start_that_was_missed_by_more_than_an_hour_asks(draft: Any) -> None:
    batch = draft()
    _start(batch, at=clock.now() + timedelta(minutes=1), zone="America/Bogota")
    with clock.shifted(timedelta(hours=1, minutes=2)):
        starting.start_due()
    batch = worlds.reload(batch)
    assert batch.status == "draft"
    assert "America/Bogota" in batch.stopped_because
    assert "Nothing was sent" in batch.stopped_because
    _start(batch)
    assert (worlds.reload(batch).status, worlds.reload(batch).stopped_because) == ("running", "")


def test_a_message_that_is_not_approved_when_its_batch_is_due_stops_it(draft: Any, template: TemplateMessage) -> None:
    batch = draft()
    _start(batch, at=clock.now() + timedelta(minutes=1))
    template.status = "paused"
    db.session.commit()
    with clock.shifted(timedelta(minutes=2)):
        starting.start_due()
    assert worlds.reload(batch).status == "stopped"
    assert "Look at its review" in worlds.reload(batch).stopped_because


def test_what_starts_by_itself_can_be_put_back_or_cancelled(draft: Any) -> None:
    batch, other = draft(), draft()
    for each in (batch, other):
        _start(each, at=clock.now() + timedelta(hours=1))
    starting.put_back(batch.workspace_id, batch.id, user_id=None)
    assert worlds.reload(batch).status == "draft"
    batches.cancel(other.workspace_id, other.id, user_id=None)
    with clock.shifted(timedelta(hours=1, minutes=1)):
        starting.start_due()
    assert [worlds.reload(each).status for each in (batch, other)] == ["draft", "cancelled"]


def test_a_time_that_is_over_and_a_share_that_is_none_are_refused(draft: Any) -> None:
    with pytest.raises(Invalid) as caught:
        _start(draft(), at=clock.now() - timedelta(minutes=1), stop_at=101)
    assert {finding.field for finding in caught.value.findings} == {"at", "stop_at"}


def test_of_many_who_press_start_one_starts_and_the_others_are_told(draft: Any, app: Any) -> None:
    for _ in range(5):
        batch, told = draft(3), []

        def press(batch: Batch = batch, told: list[str] = told) -> None:
            try:
                _start(batch)
                told.append("started")
            except Conflict as error:
                told.append(error.text)

        _at_once(app, 8, press)
        assert told.count("started") == 1
        assert len(told) == 8


def test_of_the_same_file_uploaded_often_one_starts_unasked(draft: Any, app: Any) -> None:
    twins, asked = [draft(3, file_digest="same").id for _ in range(8)], []

    def press() -> None:
        batch = db.session.get_one(Batch, twins.pop())
        try:
            _start(batch)
        except Invalid as error:
            asked.append(error.findings[0].field)

    _at_once(app, 8, press)
    assert asked == ["again"] * 7


def test_a_batch_stops_when_thirty_percent_are_refused(draft: Any, meta: Stub) -> None:
    batch = draft(400)
    refused = {"error": {"message": "(#131026)", "code": 131026}}
    meta.answer = lambda payload: (400, refused) if int(payload["to"][-3:]) % 3 == 0 else accept(payload)
    meta.delay = 0.05
    _start(batch)
    pump.run(batch.id, threads=4)
    batch = worlds.reload(batch)
    assert batch.status == "stopped"
    assert "30%" in batch.stopped_because
    assert _counts(batch)["queued"] > 0


def test_a_batch_stops_when_webhooks_tell_of_failures(draft: Any) -> None:
    batch = draft(300)
    _start(batch)
    _set(batch, 60, status="failed", accepted_at=clock.now(), sending_at=clock.now())
    _set(batch, 200, status="accepted", accepted_at=clock.now(), sending_at=clock.now())
    assert pump.threshold.stop_if_failing(db.session, batch.id)
    db.session.commit()
    assert worlds.reload(batch).status == "stopped"


def test_refusals_before_it_was_resumed_do_not_count_again(draft: Any) -> None:
    batch = draft(300)
    _start(batch)
    _set(batch, 100, status="failed", sending_at=clock.now() - timedelta(minutes=1))
    assert not pump.threshold.stop_if_failing(db.session, batch.id)
    assert len(queries.last_tries(db.session, batch.id, None, 100)) == 100


def test_a_batch_whose_threshold_is_nought_goes_on(draft: Any) -> None:
    batch = draft(300)
    _start(batch, stop_at=0)
    _set(batch, 200, status="failed", sending_at=clock.now())
    assert not pump.threshold.stop_if_failing(db.session, batch.id)


def test_a_cancel_takes_effect_within_two_seconds(draft: Any, meta: Stub, app: Any) -> None:
    meta.delay = 0.05
    batch = draft(2000)
    _start(batch)
    thread = threading.Thread(target=lambda: _within(app, lambda: pump.run(batch.id, threads=8)))
    thread.start()
    while len(meta.seen) < 50:
        thread.join(0.01)
    batches.cancel(batch.workspace_id, batch.id, user_id=None)
    seen = len(meta.seen)
    thread.join(2)
    assert not thread.is_alive()
    assert len(meta.seen) - seen <= 8
    assert set(_counts(batch)) == {"accepted", "cancelled"}


def _set(batch: Batch, count: int, **values: Any) -> None:
    waiting = select(Message.id).where(Message.batch_id == batch.id, Message.status == "queued").order_by(Message.id).limit(count)
    ids = db.session.scalars(waiting).all()
    with transaction() as session:
        session.execute(update(Message).where(Message.id.in_(ids)).values(**values))


def _within(app: Any, act: Any) -> None:
    with app.app_context():
        act()
        db.session.remove()


def _at_once(app: Any, count: int, act: Any) -> None:
    gate = threading.Barrier(count)

    def run() -> None:
        gate.wait(10)
        _within(app, act)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
