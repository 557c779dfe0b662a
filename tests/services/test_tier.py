"""The messaging limit: who counts, for which lines, and a batch that holds at it and goes on by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock, queue
from flowbuilder.services import transaction
from flowbuilder.services.sending import pump, sweep, tier
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub

pytestmark = pytest.mark.database
LIMIT = 250


@pytest.fixture
def meta() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def here(redis_url: str, line: Line, meta: Stub) -> Line:
    line.base_url, line.messages_per_second = meta.url, 0
    line.facts, line.checked_at = {"limit": "TIER_250"}, clock.now()
    sweep._last.clear()
    return worlds.seal(line)


def _reached(line: Line, count: int, *, ago: timedelta = timedelta(hours=1), status: str = "delivered", **more: Any) -> Batch:
    batch = worlds.batch(line, worlds.template(line), count, status="finished")
    _change(batch, {"status": status, "sending_at": clock.now() - ago, **more})
    return batch


def _change(batch: Batch, values: dict[str, Any]) -> None:
    with transaction() as session:
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(values))


def _statuses(batch: Batch) -> Counter[str]:
    db.session.rollback()
    return Counter(status for (status,) in db.session.query(Message.status).filter_by(batch_id=batch.id))


def _used(line: Line) -> int:
    db.session.rollback()
    return tier.of(db.session, line.id).used


def test_people_are_counted_once_however_many_messages_they_got(here: Line) -> None:
    _reached(here, 5)
    _reached(here, 8)
    assert tier.of(db.session, here.id) == tier.Tier(LIMIT, 8)


@pytest.mark.parametrize(
    ("status", "counts"), [("sending", True), ("unknown", True), ("read", True), ("failed", False), ("queued", False), ("cancelled", False)]
)
def test_only_what_meta_took_or_may_have_taken_counts(here: Line, status: str, counts: bool) -> None:
    _reached(here, 3, status=status)
    assert _used(here) == (3 if counts else 0)


def test_after_24_hours_a_person_is_free_again(here: Line) -> None:
    _reached(here, 3, ago=timedelta(hours=24, seconds=1))
    assert _used(here) == 0


def test_who_wrote_to_us_before_it_is_not_counted(here: Line) -> None:
    _reached(here, 3)
    heard = {"+4915000000000": timedelta(hours=2), "+4915000000001": timedelta(minutes=2)}
    for phone, ago in heard.items():
        at = clock.now() - ago
        db.session.add(Contact(id=new_id("con"), workspace_id=here.workspace_id, phone=phone, last_heard_at=at, created_at=at))
    db.session.commit()
    assert _used(here) == 2


def test_lines_of_one_account_share_their_limit_and_others_do_not(here: Line) -> None:
    same = _other_line(here, waba_id=here.waba_id)
    stranger = _other_line(here, waba_id="2999999999999999")
    _reached(same, 4)
    assert _used(here) == _used(same) == 4
    assert tier.of(db.session, stranger.id) == tier.Tier(None)


def _other_line(line: Line, *, waba_id: str) -> Line:
    names = ("workspace_id", "name", "display_number", "app_id", "base_url", "app_secret", "access_token", "verify_token")
    same = {name: getattr(line, name) for name in names}
    row = Line(id=new_id("lin"), waba_id=waba_id, phone_number_id=new_id("n"), created_at=clock.now(), **same)
    db.session.add(row)
    db.session.commit()
    return row


@pytest.mark.parametrize("facts", [{}, {"limit": "TIER_UNLIMITED"}, {"limit": "TIER_OF_TOMORROW"}, {"error": "No answer."}])
def test_a_line_without_a_known_limit_has_none(here: Line, facts: dict[str, str]) -> None:
    here.facts = facts
    db.session.commit()
    _reached(here, 3)
    assert tier.of(db.session, here.id) == tier.Tier(None)


def test_a_batch_holds_at_the_limit_with_its_reason_and_goes_on_when_people_are_free_again(here: Line, meta: Stub) -> None:
    _reached(here, LIMIT - 20, ago=timedelta(hours=23, minutes=55))
    batch = _strangers(here, 50)
    pump.run(batch.id)
    assert _statuses(batch) == {"accepted": 20, "queued": 30}
    held = worlds.reload(batch)
    assert (held.status, held.lease_owner) == ("running", None)
    assert held.waits_because == "The messaging limit of this WhatsApp account is reached: 250 people in 24 hours."
    assert timedelta(minutes=4) < held.waits_until - clock.now() < timedelta(minutes=5)
    queue.connection().flushall()
    sweep.ring_batches()
    assert not queue.is_waiting(queue.BULK)
    with clock.shifted(timedelta(minutes=6)):
        sweep.ring_batches()
        assert queue.is_waiting(queue.BULK)
        pump.run(batch.id)
    assert _statuses(batch) == {"accepted": 50}
    assert (worlds.reload(batch).status, worlds.reload(batch).waits_because) == ("finished", "")
    assert len(meta.seen) == 50


def test_a_line_that_does_not_hold_goes_on(here: Line) -> None:
    here.holds_at_limit = False
    db.session.commit()
    _reached(here, LIMIT)
    batch = _strangers(here, 30)
    pump.run(batch.id)
    assert _statuses(batch) == {"accepted": 30}


def test_who_was_reached_already_takes_no_room(here: Line) -> None:
    _reached(here, LIMIT - 10)
    batch = worlds.batch(here, worlds.template(here), 40)
    pump.run(batch.id)
    assert _statuses(batch) == {"accepted": 40}


def test_two_running_batches_share_what_is_left(here: Line) -> None:
    first, second = _strangers(here, 200), _strangers(here, 200, first=300)
    room = tier.Room(worlds.reload(here))
    assert room.admits(db.session, 200) == LIMIT // 2
    assert {first.status, second.status} == {"running"}


def _strangers(line: Line, count: int, *, first: int = 100) -> Batch:
    """A running batch to people who were not written to before."""
    batch = worlds.batch(line, worlds.template(line), count)
    with transaction() as session:
        for row in session.query(Message).filter_by(batch_id=batch.id):
            row.phone = f"+34600{row.number + first * 100:06}"
    return batch
