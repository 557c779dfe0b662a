"""Test events of outgoing webhooks."""

from __future__ import annotations

import pytest

from flowbuilder.core.happening import Happening, example
from flowbuilder.services.outgoing import changes, deliveries, trying, webhooks
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook
from flowbuilder.store.sending import Batch
from tests.fixtures.receiver import Receiver


def test_a_test_event_is_told_once_and_says_nothing_of_the_address(line: Line, receiver: Receiver) -> None:
    hook = webhooks.create(line.workspace_id, receiver.url, list(Happening), user_id=None)
    receiver.answers[:] = [500]
    trying.send(line.workspace_id, hook.id, "batch.finished", user_id=None)
    deliveries.run()

    db.session.rollback()
    row, hook = db.session.query(OutgoingDelivery).one(), db.session.get_one(OutgoingWebhook, hook.id)
    assert (row.status, row.attempt, row.answer_status, hook.failing_since) == ("failed", 1, 500, None)
    assert (receiver.heard[0].event["type"], receiver.heard[0].event["test"]) == ("batch.finished", True)


@pytest.mark.parametrize("kind", list(Happening))
def test_an_example_has_the_parts_of_the_real_event(kind: Happening) -> None:
    real = {
        "message": {"message_id", "batch_id", "outbound_id", "phone"} | ({"error"} if kind is Happening.MESSAGE_FAILED else set()),
        "batch": set(changes._batch(Batch())), "outbound": set(changes._outbound(TemplateMessage())),
        "conversation": set(changes._conversation(Conversation())),
    }  # fmt: skip

    assert set(example(kind)) == real[kind.partition(".")[0]] | {"status"}
