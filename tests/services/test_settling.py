"""Many statuses at once: each message moves once by all that was told of it, repetitions write nothing, big posts are cut."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import settle
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Batch, Message
from flowbuilder.whatsapp.webhooks import StatusUpdate
from tests import worlds

pytestmark = pytest.mark.database


@pytest.fixture
def batch(line: Line) -> Batch:
    worlds.seal(line)
    found = worlds.batch(line, worlds.template(line), 24)
    taken = {"status": "accepted", "wamid": "w." + Message.number.cast(db.String), "accepted_at": clock.now(), "sending_at": clock.now()}
    with transaction() as session:
        session.execute(sa.update(Message).values(taken))
    return found


def _told(row: Message, status: str, **more: Any) -> settle.Told:
    known = dict.fromkeys(StatusUpdate._fields, "") | {"error_code": None, "timestamp": 1_700_000_000}
    return settle.Told(row.line_id, StatusUpdate(**known | {"wamid": row.wamid, "status": status, "callback": str(row.id)} | more))


def _rows() -> list[Message]:
    db.session.rollback()
    return db.session.query(Message).order_by(Message.id).populate_existing().all()


def test_all_that_was_told_together_is_noted_whatever_the_order(batch: Batch) -> None:
    orders = list(permutations(("sent", "delivered", "read", "failed")))
    rows = _rows()
    with transaction() as session:
        settle.settle(session, [_told(row, status) for row, order in zip(rows, orders, strict=True) for status in order])
    for row in _rows():
        assert (row.status, row.error_code) == ("read", None)
        assert row.sent_at == row.delivered_at == row.read_at
        assert row.failed_at is None


def test_a_repetition_changes_nothing(batch: Batch) -> None:
    row = _rows()[0]
    for timestamp in (1_700_000_000, 1_700_000_900):
        with transaction() as session:
            settle.settle(session, [_told(row, "sent", timestamp=timestamp), _told(row, "delivered", timestamp=timestamp)])
    seen = _rows()[0]
    assert seen.status == "delivered"
    assert seen.sent_at.timestamp() == seen.delivered_at.timestamp() == 1_700_000_000


def test_a_status_without_our_id_finds_its_message_among_those_of_its_line_only(batch: Batch) -> None:
    row = _rows()[0]
    told = [_told(row, "sent", callback=None), _told(row, "read", callback=None)._replace(line_id="lin_other")]
    with transaction() as session:
        strangers = settle.settle(session, told, park=False)
    assert _rows()[0].status == "sent"
    assert [each.line_id for each in strangers] == ["lin_other"]


def test_posts_that_are_big_together_are_applied_in_several_transactions(
    batch: Batch, line: Line, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "_BYTES_AT_ONCE", 2000)
    sizes = []
    together = apply._settle_together
    monkeypatch.setattr(apply, "_settle_together", lambda posts: sizes.append(len(posts)) or together(posts))
    for row in _rows():
        body = worlds.status(row.wamid, "delivered", callback=row.id)
        intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    assert {row.status for row in _rows()} == {"delivered"}
    assert len(sizes) > 2
    assert sum(sizes) == 24
    assert db.session.query(Webhook).count() == 0
