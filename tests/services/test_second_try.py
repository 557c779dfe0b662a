"""What an earlier try came to says nothing of the next one: only a fault that Meta admitted of this very try allows another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.sending import batches, doubt, lease, sweep
from flowbuilder.store import db, outbox
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch, Message
from tests import worlds

_GONE = "elsewhere@7:7"


@pytest.fixture
def here(redis_url: str, line: Line) -> Line:
    sweep._last.clear()
    return worlds.seal(line)


def _of(batch: Batch, **values: Any) -> Message:
    with transaction() as session:
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(**values))
    return db.session.query(Message).filter_by(batch_id=batch.id).one()


def _throttled(line: Line, category: str) -> tuple[Batch, Message]:
    batch = worlds.batch(line, worlds.template(line, category=category), 1)
    return batch, _of(batch, error_code=130429, error_text="Too fast.", attempt=0)


def _claim(batch: Batch) -> None:
    now = clock.now()
    with transaction() as session:
        session.execute(db.update(Batch).where(Batch.id == batch.id).values(lease_owner=_GONE, lease_until=lease.until(now)))
        assert len(outbox.claim_of_batch(session, batch.id, _GONE, 1, now, lease.until(now))) == 1


def _is_heard(line: Line) -> None:
    """Twenty later messages of the line were told of, so that doubts may end."""
    batch = worlds.batch(line, worlds.template(line), 20, status="finished")
    with transaction() as session:
        told = {"status": "delivered", "sending_at": clock.now(), "delivered_at": clock.now()}
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(**told))


@pytest.mark.parametrize("category", ["MARKETING", "AUTHENTICATION"])
def test_a_throttled_message_whose_second_try_died_is_not_sent_a_third_time(here: Line, category: str) -> None:
    batch, row = _throttled(here, category)
    _claim(batch)
    with clock.shifted(timedelta(seconds=60)):
        sweep.reap()
        assert worlds.reload(row).status == "unknown"
        _is_heard(here)
    with clock.shifted(timedelta(minutes=20)):
        doubt.resolve()
    after = worlds.reload(row)
    assert (after.status, after.is_possible_duplicate) == ("unconfirmed", False)


def test_a_claim_wipes_what_the_earlier_try_came_to(here: Line) -> None:
    batch, row = _throttled(here, "MARKETING")
    _claim(batch)
    after = worlds.reload(row)
    assert (after.status, after.error_code, after.error_text) == ("sending", None, "")


def test_a_single_claim_wipes_it_too(here: Line) -> None:
    _, row = _throttled(here, "MARKETING")
    now = clock.now()
    with transaction() as session:
        assert outbox.claim(session, row.id, _GONE, now, lease.until(now))
    assert worlds.reload(row).error_code is None


def test_the_dead_leave_no_code_behind(here: Line) -> None:
    batch, _ = _throttled(here, "MARKETING")
    row = _of(batch, status="sending", lease_owner=_GONE, lease_until=clock.now() - timedelta(seconds=1))
    sweep.reap()
    after = worlds.reload(row)
    assert (after.status, after.error_code) == ("unknown", None)


@pytest.mark.parametrize(("code", "ends"), [(130429, "unconfirmed"), (131048, "unconfirmed"), (190, "unconfirmed"), (131000, "queued")])
def test_only_a_fault_of_meta_itself_is_repeated(here: Line, code: int, ends: str) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 1)
    row = _of(batch, status="unknown", sending_at=clock.now() - timedelta(minutes=16), error_code=code)
    _is_heard(here)
    doubt.resolve()
    assert worlds.reload(row).status == ends


@pytest.mark.parametrize(
    ("status", "ends"), [("cancelled", "unconfirmed"), ("running", "queued"), ("paused", "queued"), ("stopped", "queued")]
)
def test_a_doubt_of_a_cancelled_batch_is_not_queued_again(here: Line, status: str, ends: str) -> None:
    batch = worlds.batch(here, worlds.template(here, category="UTILITY"), 1, status=status)
    row = _of(batch, status="unknown", sending_at=clock.now() - timedelta(minutes=16))
    _is_heard(here)
    doubt.resolve()
    batches.cancel_rows(batch.id)
    assert worlds.reload(row).status == ends


def test_what_waits_to_be_sent_again_stays_in_doubt_when_its_batch_is_cancelled(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here), 2, status="paused")
    again = db.session.scalar(db.select(db.func.min(Message.id)).where(Message.batch_id == batch.id))
    with transaction() as session:
        session.execute(db.update(Message).where(Message.id == again).values(is_possible_duplicate=True))
    batches.cancel(here.workspace_id, batch.id, user_id=None)
    ends = {row.id: row.status for row in db.session.query(Message).filter_by(batch_id=batch.id)}
    assert ends.pop(again) == "unconfirmed"
    assert list(ends.values()) == ["cancelled"]
