"""A person sends an unconfirmed message again: it leaves, whatever has become of its batch meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.sending import again, pump
from flowbuilder.store import db, leases
from flowbuilder.store.accounts import AuditEvent, Line, User
from flowbuilder.store.sending import Batch, Message
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
    return worlds.seal(line)


def _unconfirmed(line: Line, status: str) -> tuple[Batch, Message]:
    """A batch of one row whose arrival nobody knows."""
    batch = worlds.batch(line, worlds.template(line), 1, status=status)
    with transaction() as session:
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(status="unconfirmed"))
        session.execute(db.update(Batch).where(Batch.id == batch.id).values(ended_at=clock.now()))
    return batch, db.session.query(Message).filter_by(batch_id=batch.id).one()


def test_a_row_of_a_finished_batch_leaves_and_the_batch_finishes_anew(here: Line, meta: Stub) -> None:
    batch, row = _unconfirmed(here, "finished")
    again.resend(here.workspace_id, row.id, user_id=None)
    reopened = worlds.reload(batch)
    assert (reopened.status, reopened.ended_at) == ("running", None)
    pump.run(batch.id)
    after = worlds.reload(row)
    assert (after.status, after.is_possible_duplicate, len(meta.seen)) == ("accepted", True, 1)
    assert worlds.reload(batch).status == "finished"


@pytest.mark.parametrize("status", ["paused", "stopped"])
def test_a_row_of_a_waiting_batch_waits_with_it(here: Line, status: str) -> None:
    batch, row = _unconfirmed(here, status)
    again.resend(here.workspace_id, row.id, user_id=None)
    assert worlds.reload(batch).status == status
    assert worlds.reload(row).status == "queued"


def test_a_row_of_a_cancelled_batch_stays(here: Line) -> None:
    _, row = _unconfirmed(here, "cancelled")
    with pytest.raises(Conflict, match="cancelled"):
        again.resend(here.workspace_id, row.id, user_id=None)
    after = worlds.reload(row)
    assert (after.status, after.is_possible_duplicate) == ("unconfirmed", False)


def test_a_row_is_not_reached_through_another_batch(here: Line) -> None:
    _, row = _unconfirmed(here, "finished")
    other = worlds.batch(here, worlds.template(here), 1, status="finished")
    with pytest.raises(NotFound):
        again.resend(here.workspace_id, row.id, user_id=None, batch_id=other.id)
    assert worlds.reload(row).status == "unconfirmed"


def test_it_is_written_down_who_sent_it_again(here: Line, sign_in: Any) -> None:
    user = db.session.scalars(db.select(User)).first()
    _, row = _unconfirmed(here, "paused")
    again.resend(here.workspace_id, row.id, user_id=user.id)
    (event,) = db.session.query(AuditEvent).filter_by(verb="message.resent")
    assert (event.user_id, event.subject, event.workspace_id) == (user.id, str(row.id), here.workspace_id)


def test_all_unconfirmed_rows_of_a_batch_leave_again_and_no_other(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 5, status="finished")
    rows = db.session.query(Message).filter_by(batch_id=batch.id).order_by(Message.id).all()
    for row, status in zip(rows, ["unconfirmed", "read", "unconfirmed", "failed", "unconfirmed"], strict=True):
        row.status = status
    db.session.commit()
    assert again.resend_all(here.workspace_id, batch.id, user_id=None) == 3
    pump.run(batch.id)
    rows = db.session.query(Message).filter_by(batch_id=batch.id).order_by(Message.id).all()
    assert [row.status for row in rows] == ["accepted", "read", "accepted", "failed", "accepted"]
    assert [row.is_possible_duplicate for row in rows] == [True, False, True, False, True]
    assert len(meta.seen) == 3
    assert worlds.reload(batch).status == "finished"
    (event,) = db.session.query(AuditEvent).filter_by(verb="batch.resent")
    assert event.text == "Sent 3 unconfirmed messages again"


def test_whoever_asks_second_for_all_is_told_that_nothing_is_left(here: Line) -> None:
    batch, _ = _unconfirmed(here, "paused")
    again.resend_all(here.workspace_id, batch.id, user_id=None)
    with pytest.raises(Conflict, match="No message of this batch is unconfirmed any more"):
        again.resend_all(here.workspace_id, batch.id, user_id=None)
    assert db.session.query(AuditEvent).filter_by(verb="batch.resent").count() == 1


def test_nothing_of_a_cancelled_batch_leaves_again(here: Line) -> None:
    batch, row = _unconfirmed(here, "cancelled")
    with pytest.raises(Conflict, match="cancelled"):
        again.resend_all(here.workspace_id, batch.id, user_id=None)
    assert worlds.reload(row).status == "unconfirmed"


def test_a_batch_is_not_finished_over_a_row_that_is_sent_again_at_that_moment(here: Line, app: Any) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    batch, row = _unconfirmed(here, "running")
    finished: list[bool] = []

    def finish() -> None:
        with app.app_context(), db.engine.begin() as connection:
            finished.append(leases.finish_batch(connection, batch.id, clock.now()))

    with transaction() as session:
        session.execute(db.select(Batch.id).where(Batch.id == batch.id).with_for_update())
        session.execute(db.update(Message).where(Message.id == row.id).values(status="queued"))
        thread = threading.Thread(target=finish)
        thread.start()
        thread.join(0.5)
    thread.join(5)
    assert finished == [False]
