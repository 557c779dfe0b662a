"""How batches start: first ten, at a time, once whoever presses the button."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from flowbuilder import clock
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import transaction
from flowbuilder.services.sending import batches, pump, starting, sweep
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, User
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.faults.counts import times
from tests.services.starts import at_once, counts, start
from tests.stub import Stub, accept

pytestmark = pytest.mark.database


def test_the_first_ten_go_out_and_the_rest_waits_for_a_word(draft: Any, meta: Stub) -> None:
    batch = draft(30)
    start(batch, first=10)
    pump.run(batch.id)
    assert counts(batch) == {"accepted": 10, "queued": 20}
    assert worlds.reload(batch).status == "holding"
    assert {payload["to"] for payload in meta.seen} == {f"+4915{number:09}" for number in range(10)}
    pump.run(batch.id)
    assert len(meta.seen) == 10
    batches.send_rest(batch.workspace_id, batch.id, user_id=None)
    pump.run(batch.id)
    assert counts(batch) == {"accepted": 30}
    assert worlds.reload(batch).status == "finished"


def test_a_canary_of_a_small_batch_holds_nothing_back(draft: Any, meta: Stub) -> None:
    batch = draft(10)
    start(batch, first=10)
    pump.run(batch.id)
    assert worlds.reload(batch).status == "finished"


def test_the_first_ten_hold_also_when_one_of_them_has_to_wait(draft: Any, meta: Stub) -> None:
    batch = draft(30)
    refused = {"error": {"message": "(#131056)", "code": 131056}}
    meta.answer = lambda payload: (400, refused) if payload["to"].endswith("003") else accept(payload)
    start(batch, first=10)
    pump.run(batch.id, seconds=0.3)
    assert worlds.reload(batch).status == "running"
    meta.answer = accept
    with transaction() as session:
        session.execute(update(Message).where(Message.batch_id == batch.id).values(due_at=None))
    pump.run(batch.id)
    assert worlds.reload(batch).status == "holding"
    assert counts(batch) == {"accepted": 10, "queued": 20}


def test_a_sweep_lets_a_batch_hold_whose_pump_died(draft: Any) -> None:
    batch = draft(30)
    start(batch, first=10)
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
    start(batch, at=at, zone="Europe/Berlin")
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
    start(batch, at=clock.now() + timedelta(minutes=1))
    with clock.shifted(timedelta(minutes=2)):
        at_once(app, 4, starting.start_due)
    assert rung == [batch.id]


def test_a_start_that_was_missed_by_more_than_an_hour_asks(draft: Any) -> None:
    batch = draft()
    start(batch, at=clock.now() + timedelta(minutes=1), zone="America/Bogota")
    with clock.shifted(timedelta(hours=1, minutes=2)):
        starting.start_due()
    batch = worlds.reload(batch)
    assert batch.status == "draft"
    assert "America/Bogota" in batch.stopped_because
    assert "Nothing was sent" in batch.stopped_because
    start(batch)
    assert (worlds.reload(batch).status, worlds.reload(batch).stopped_because) == ("running", "")


def test_a_message_that_is_not_approved_when_its_batch_is_due_stops_it(draft: Any, notification: TemplateMessage) -> None:
    batch = draft()
    start(batch, at=clock.now() + timedelta(minutes=1))
    notification.status = "paused"
    db.session.commit()
    with clock.shifted(timedelta(minutes=2)):
        starting.start_due()
    assert worlds.reload(batch).status == "stopped"
    assert "Look at its review" in worlds.reload(batch).stopped_because


def test_what_starts_by_itself_can_be_put_back_or_cancelled(draft: Any) -> None:
    batch, other = draft(), draft()
    for each in (batch, other):
        start(each, at=clock.now() + timedelta(hours=1))
    starting.put_back(batch.workspace_id, batch.id, user_id=None)
    assert worlds.reload(batch).status == "draft"
    batches.cancel(other.workspace_id, other.id, user_id=None)
    with clock.shifted(timedelta(hours=1, minutes=1)):
        starting.start_due()
    assert [worlds.reload(each).status for each in (batch, other)] == ["draft", "cancelled"]


def test_a_time_that_is_over_and_a_share_that_is_none_are_refused(draft: Any) -> None:
    with pytest.raises(Invalid) as caught:
        start(draft(), at=clock.now() - timedelta(minutes=1), stop_at=101)
    assert {finding.field for finding in caught.value.findings} == {"at", "stop_at"}


def test_of_many_who_press_start_one_starts_and_the_others_are_told_who(draft: Any, app: Any) -> None:
    hands, rounds = 20, times(4, 50)
    presser = db.session.scalars(select(User).where(User.name == "Tester")).one().id
    for _ in range(rounds):
        batch_id, told = draft(3).id, []

        def press(batch_id: str = batch_id, told: list[str] = told) -> None:
            try:
                start(db.session.get_one(Batch, batch_id), user_id=presser)
                told.append("started")
            except Conflict as error:
                told.append(error.text[:42])

        at_once(app, hands, press)
        assert Counter(told) == {"started": 1, "This batch was started already by Tester a": hands - 1}
    db.session.rollback()
    started = select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == "batch.started")
    assert db.session.scalar(started) == rounds


def test_of_the_same_file_uploaded_often_one_starts_unasked(draft: Any, app: Any) -> None:
    twins, asked = [draft(3, file_digest="same").id for _ in range(20)], []

    def press() -> None:
        batch = db.session.get_one(Batch, twins.pop())
        try:
            start(batch)
        except Invalid as error:
            asked.append(error.findings[0].field)

    at_once(app, 20, press)
    assert asked == ["again"] * 19
    db.session.rollback()
    assert db.session.query(Batch).filter_by(status="running").count() == 1
