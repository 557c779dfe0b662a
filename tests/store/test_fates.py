"""What is written down of a send, whichever comes first: Meta's answer to it or what Meta tells of it later."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services import transaction
from flowbuilder.store import db, evidence, outbox
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Message
from tests import worlds

pytestmark = pytest.mark.database
_ANSWER = {"become": DeliveryStatus.ACCEPTED, "wamid": "wamid.1"}


@pytest.fixture
def sending(line: Line) -> Message:
    batch = worlds.batch(line, worlds.template(line), 1)
    with transaction() as session:
        session.execute(
            update(Message).where(Message.batch_id == batch.id).values(status="sending", error_code=131000, error_text="Earlier")
        )
    return db.session.scalars(select(Message).where(Message.batch_id == batch.id)).one()


def test_a_failure_that_is_told_before_the_answer_came_keeps_its_reason(sending: Message) -> None:
    told = evidence.Move(sending.id, DeliveryStatus.FAILED, clock.now(), "wamid.1", code=131026, text="No WhatsApp there.")
    with transaction() as session:
        evidence.apply(session, [told])
        outbox.record(session, [{**_ANSWER, "id": sending.id, "at": clock.now()}])
    row = worlds.reload(sending)
    assert (row.status, row.error_code, row.error_text, row.wamid) == ("failed", 131026, "No WhatsApp there.", "wamid.1")
    assert row.accepted_at is not None


def test_an_answer_wipes_what_an_earlier_try_came_to(sending: Message) -> None:
    with transaction() as session:
        outbox.record(session, [{**_ANSWER, "id": sending.id, "at": clock.now()}])
    row = worlds.reload(sending)
    assert (row.status, row.error_code, row.error_text) == ("accepted", None, "")
