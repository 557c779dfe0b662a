"""Retry failed: a linked batch of those who may yet be reached, and of nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from flowbuilder import clock
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import transaction
from flowbuilder.services.sending import batches, pump, reading, retry, starting
from flowbuilder.store import batches as queries
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub

pytestmark = pytest.mark.database


@pytest.fixture
def sent(here: Line, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Twenty accepted; of the others 4 were held back by Meta, 3 have no WhatsApp, 2 met a dead network, 1 is in doubt."""
    monkeypatch.setattr(pump, "ring_batch", lambda batch_id: None)
    template = worlds.template(here)
    template.content = {**template.content, "conversation": "NOTIFICATION"}
    batch = worlds.batch(here, template, 30)
    states: list[tuple[int, dict[str, Any]]] = [
        (20, {"status": "accepted"}), (4, {"status": "failed", "error_code": 131049}), (3, {"status": "failed", "error_code": 131026}),
        (2, {"status": "failed", "error_text": "Nobody answers."}), (1, {"status": "unconfirmed"}),
    ]  # fmt: skip
    for count, values in states:
        ids = db.session.scalars(select(Message.id).where(Message.batch_id == batch.id, Message.status == "queued").limit(count)).all()
        with transaction() as session:
            session.execute(update(Message).where(Message.id.in_(ids)).values(**values))
    return batch


def _read(made: Batch) -> Batch:
    reading.run(made.id)
    return worlds.reload(made)


def test_only_those_are_retried_whose_reason_may_be_gone(sent: Batch) -> None:
    made = _read(retry.retry(sent.workspace_id, sent.id, user_id=None))
    assert (made.status, made.rows, made.faulty, made.retry_of) == ("draft", 6, 0, sent.id)
    assert [each.id for each in queries.retries(sent)] == [made.id]
    rows = db.session.scalars(select(Message).where(Message.batch_id == made.id)).all()
    failed = db.session.scalars(select(Message).where(Message.batch_id == sent.id, Message.status == "failed")).all()
    assert {row.phone for row in rows} == {row.phone for row in failed if row.error_code != 131026}
    assert {(row.status, row.attempt, row.error_code, row.wamid) for row in rows} == {("queued", 0, None, None)}
    assert all(row.content == next(each.content for each in failed if each.phone == row.phone) for row in rows)


def test_all_who_failed_are_retried_by_choice_but_nobody_in_doubt(sent: Batch) -> None:
    made = _read(retry.retry(sent.workspace_id, sent.id, everyone=True, user_id=None))
    assert made.rows == 9


def test_who_met_the_limit_of_promotions_today_may_be_left_out_and_is_found_tomorrow(sent: Batch) -> None:
    held = update(Message).where(Message.batch_id == sent.id, Message.error_code == 131049)
    with transaction() as session:
        session.execute(held.values(failed_at=clock.now()))
    assert retry.resting(sent) == 4
    first = _read(retry.retry(sent.workspace_id, sent.id, but_resting=True, user_id=None))
    assert first.rows == 2
    batches.cancel(sent.workspace_id, first.id, user_id=None)
    with transaction() as session:
        session.execute(delete(Message).where(Message.batch_id == sent.id, Message.status == "failed", Message.error_code.is_(None)))
    with pytest.raises(Invalid, match="held back all of them"):
        retry.retry(sent.workspace_id, sent.id, but_resting=True, user_id=None)
    with transaction() as session:
        session.execute(held.values(failed_at=clock.now() - timedelta(hours=25)))
    assert retry.resting(sent) == 0
    assert _read(retry.retry(sent.workspace_id, sent.id, but_resting=True, user_id=None)).rows == 4


def test_asking_twice_gives_the_same_retry(sent: Batch) -> None:
    first = _read(retry.retry(sent.workspace_id, sent.id, user_id=None))
    assert retry.retry(sent.workspace_id, sent.id, everyone=True, user_id=None).id == first.id


def test_who_is_in_a_retry_already_is_in_no_other(sent: Batch, meta: Stub) -> None:
    first = _read(retry.retry(sent.workspace_id, sent.id, user_id=None))
    starting.start(sent.workspace_id, first.id, opted_in=True, again=False, user_id=None)
    with pytest.raises(Invalid):
        retry.retry(sent.workspace_id, sent.id, user_id=None)
    second = _read(retry.retry(sent.workspace_id, sent.id, everyone=True, user_id=None))
    assert second.rows == 3


def test_a_cancelled_retry_leaves_its_people_to_the_next(sent: Batch) -> None:
    first = _read(retry.retry(sent.workspace_id, sent.id, user_id=None))
    batches.cancel(sent.workspace_id, first.id, user_id=None)
    assert _read(retry.retry(sent.workspace_id, sent.id, user_id=None)).rows == 6


def test_a_retry_is_sent_like_any_batch(sent: Batch, meta: Stub) -> None:
    made = _read(retry.retry(sent.workspace_id, sent.id, user_id=None))
    starting.start(sent.workspace_id, made.id, opted_in=True, again=False, user_id=None)
    pump.run(made.id)
    assert worlds.reload(made).status == "finished"
    assert len(meta.seen) == 6
    assert meta.seen[0]["template"]["components"][0]["parameters"][0]["text"].startswith("P")


def test_reading_a_retry_again_doubles_nothing(sent: Batch) -> None:
    made = _read(retry.retry(sent.workspace_id, sent.id, user_id=None))
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == made.id).values(status="reading", lease_until=None))
    assert _read(made).rows == 6


def test_nothing_is_retried_of_a_batch_that_was_never_started(sent: Batch) -> None:
    sent.started_at = None
    db.session.commit()
    with pytest.raises(Conflict):
        retry.retry(sent.workspace_id, sent.id, user_id=None)
