"""Telling other programs what happens: everything once, signed, again until it was heard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.core.happening import Happening, sign
from flowbuilder.services import transaction
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.outgoing import changes, deliveries, events, webhooks
from flowbuilder.services.sending import deliver
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.fixtures.receiver import Receiver
from tests.stub import Stub


@pytest.fixture
def hook(line: Line, receiver: Receiver) -> OutgoingWebhook:
    """All events, to the receiver."""
    return webhooks.create(line.workspace_id, receiver.url, list(Happening), user_id=None)


@pytest.fixture
def message(line: Line) -> Message:
    """Accepted by Meta."""
    row = Message(
        workspace_id=line.workspace_id, line_id=line.id, direction="out", kind="template", status="accepted", phone="+4915123456789",
        template_id=worlds.template(line).id, content={"kind": "template"}, wamid="wamid.1",
        created_at=clock.now(), accepted_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def _webhook(app: Flask, line: Line, body: bytes) -> None:
    intake.of(app).receive(line.id, body, worlds.signed(body))
    apply.run()


def _told() -> list[str]:
    db.session.rollback()
    return [row.event for row in db.session.query(OutgoingDelivery).order_by(OutgoingDelivery.id)]


def _age(hours: float) -> None:
    """Let all that waits be so much older, and due."""
    db.session.rollback()
    for row in db.session.query(OutgoingDelivery):
        row.created_at -= timedelta(hours=hours)
        row.due_at = clock.now() - timedelta(seconds=1)
    for hook in db.session.query(OutgoingWebhook):
        hook.not_before = None
        hook.failing_since = hook.failing_since and hook.failing_since - timedelta(hours=hours)
    db.session.commit()


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "failed"])
def test_each_status_of_a_message_is_told_once_however_often_meta_says_it(
    app: Flask, line: Line, hook: OutgoingWebhook, message: Message, status: str
) -> None:
    for _ in range(3):
        _webhook(app, line, worlds.status("wamid.1", status))

    assert _told() == [f"message.{status}"]


def test_statuses_in_one_post_are_told_each(app: Flask, line: Line, hook: OutgoingWebhook, message: Message) -> None:
    each = [{"id": "wamid.1", "status": status, "timestamp": "1700000000"} for status in ("read", "delivered", "sent")]
    _webhook(app, line, worlds.statuses(each))

    assert sorted(_told()) == ["message.delivered", "message.read", "message.sent"]


def test_an_event_says_which_message_it_is_about(
    app: Flask, line: Line, hook: OutgoingWebhook, message: Message, receiver: Receiver
) -> None:
    _webhook(app, line, worlds.status("wamid.1", "failed", errors=[{"code": 131026, "title": "Message undeliverable"}]))
    deliveries.run()

    event = receiver.heard[0].event
    assert (event["type"], event["data"]["message_id"], event["data"]["phone"]) == ("message.failed", message.id, "+4915123456789")
    assert event["data"]["error"]["code"] == 131026


def test_a_post_is_signed_over_its_very_bytes(hook: OutgoingWebhook, line: Line, receiver: Receiver) -> None:
    _happen(line)
    deliveries.run()

    heard = receiver.heard[0]
    stamp = int(heard.headers["webhook-timestamp"])
    expected = sign(heard.headers["webhook-id"], stamp, heard.body, [webhooks.secret_of(hook)])
    assert heard.headers["webhook-signature"] == expected
    assert heard.headers["webhook-id"] == heard.event["id"]
    assert abs(clock.now().timestamp() - stamp) < 60


def test_nothing_is_told_to_those_who_did_not_ask(app: Flask, line: Line, message: Message, receiver: Receiver) -> None:
    webhooks.create(line.workspace_id, receiver.url, ["batch.finished"], user_id=None)
    _webhook(app, line, worlds.status("wamid.1", "read"))

    assert _told() == []


def test_a_message_that_fails_at_sending_is_told(app: Flask, line: Line, hook: OutgoingWebhook, message: Message) -> None:
    message.status = "queued"
    db.session.commit()
    refusal = (400, {"error": {"code": 131026, "message": "x"}})
    with Stub(lambda _: refusal) as meta:
        line.base_url = meta.url
        db.session.commit()
        deliver.one(message.id)

    assert _told() == ["message.failed"]


def test_an_answer_and_the_conversation_that_it_begins_are_told(app: Flask, line: Line, hook: OutgoingWebhook, message: Message) -> None:
    message.version_id = worlds.version(line).id
    db.session.commit()
    tapped = {"payload": "continue", "text": "Continue"}
    _webhook(app, line, worlds.said_to_us("wamid.2", wa_id="4915123456789", quoted="wamid.1", button=tapped))
    assert "message.answered" in _told()
    changes.tell_changes()
    db.session.query(Conversation).update({"status": "finished"})
    db.session.commit()
    changes.tell_changes()
    changes.tell_changes()

    assert [event for event in _told() if event.startswith("conversation.")] == ["conversation.started", "conversation.finished"]


def test_what_becomes_of_a_batch_is_told_in_order(line: Line, hook: OutgoingWebhook) -> None:
    batch = worlds.batch(line, worlds.template(line), 1)
    for status in ("running", "paused", "running", "stopped", "finished"):
        db.session.query(Batch).filter_by(id=batch.id).update({"status": status})
        db.session.commit()
        changes.tell_changes()

    assert [event for event in _told() if event.startswith("batch.")] == [
        "batch.started", "batch.paused", "batch.stopped", "batch.finished",
    ]  # fmt: skip


def test_a_batch_that_came_and_went_between_two_looks_is_told_from_its_start(line: Line, hook: OutgoingWebhook) -> None:
    worlds.batch(line, worlds.template(line), 1, status="finished")
    changes.tell_changes()

    assert [event for event in _told() if event.startswith("batch.")] == ["batch.started", "batch.finished"]


def test_what_meta_decides_on_an_outbound_message_is_told(line: Line, hook: OutgoingWebhook) -> None:
    template = worlds.template(line)
    changes.tell_changes()
    template.status = "paused"
    db.session.commit()
    changes.tell_changes()

    assert _told() == ["outbound.approved", "outbound.paused"]


def _happen(line: Line, count: int = 1) -> None:
    with transaction() as session:
        for number in range(count):
            found = events.listeners(session, set(Happening))
            events.tell(session, found, line.workspace_id, Happening.BATCH_FINISHED, clock.now(), {"number": number})


def test_an_event_is_tried_again_until_it_is_heard(line: Line, hook: OutgoingWebhook, receiver: Receiver) -> None:
    receiver.answers = [500, 404]
    _happen(line)
    for _ in range(4):
        deliveries.run()
        _age(0.01)

    row = db.session.query(OutgoingDelivery).one()
    assert (row.status, row.attempt, len(receiver.heard)) == ("delivered", 3, 3)
    assert len({one.headers["webhook-id"] for one in receiver.heard}) == 1
    assert db.session.query(OutgoingWebhook).one().failing_since is None


def test_after_a_day_it_is_given_up(line: Line, hook: OutgoingWebhook, receiver: Receiver) -> None:
    receiver.answers = [500] * 20
    _happen(line)
    deliveries.run()
    _age(24)
    deliveries.run()

    assert db.session.query(OutgoingDelivery).one().status == "failed"
    assert len(receiver.heard) == 2


def test_an_address_that_fails_rests_and_holds_up_no_other(line: Line, hook: OutgoingWebhook, receiver: Receiver) -> None:
    webhooks.create(line.workspace_id, "http://127.0.0.1:1/", list(Happening), user_id=None)
    _happen(line, 30)

    deliveries.run()

    assert len(receiver.heard) == 30
    failed = db.session.query(OutgoingDelivery).filter(OutgoingDelivery.status == "pending")
    assert failed.count() == 30
    assert sum(row.attempt for row in failed) <= 8


def test_after_three_days_of_failure_it_is_switched_off_with_a_notice(line: Line, hook: OutgoingWebhook, receiver: Receiver) -> None:
    receiver.answers = [500] * 20
    _happen(line)
    deliveries.run()
    db.session.query(OutgoingWebhook).update({"failing_since": clock.now() - timedelta(days=4), "not_before": None})
    db.session.commit()
    _happen(line)
    deliveries.run()

    row = db.session.get(OutgoingWebhook, hook.id, populate_existing=True)
    assert row.disabled_at is not None
    assert "three days" in row.disabled_because
    assert db.session.query(AuditEvent).filter_by(verb="webhook.disabled").count() == 1
    _happen(line)
    assert len(_told()) == 2


def test_what_a_dead_worker_had_taken_is_told_by_another(line: Line, hook: OutgoingWebhook, receiver: Receiver) -> None:
    _happen(line)
    deliveries._claim()
    deliveries.run()
    assert receiver.heard == []
    db.session.query(OutgoingDelivery).update({"lease_until": clock.now() - timedelta(seconds=1)})
    db.session.commit()

    deliveries.run()

    assert len(receiver.heard) == 1


def test_an_address_that_moved_into_an_inner_network_is_not_reached(line: Line, hook: OutgoingWebhook, receiver: Receiver) -> None:
    line.is_simulator = False
    db.session.commit()
    _happen(line)

    deliveries.run()

    assert receiver.heard == []
    assert "https://" in db.session.query(OutgoingDelivery).one().error


def test_what_happens_is_not_told_when_it_is_rolled_back(line: Line, hook: OutgoingWebhook, message: Message) -> None:
    def breaks() -> None:
        with transaction() as session:
            with events.Watch(session, [message.id]):
                session.query(Message).update({"sent_at": clock.now()})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    assert _told() == []


def test_old_deliveries_are_forgotten(line: Line, hook: OutgoingWebhook) -> None:
    _happen(line)
    deliveries.forget_old()
    assert len(_told()) == 1
    _age(31 * 24)

    deliveries.forget_old()

    assert _told() == []


def test_where_nobody_listens_one_query_is_all_it_costs(line: Line, message: Message) -> None:
    asked: list[Any] = []
    with transaction() as session:
        execute = session.execute

        class Counting:
            def execute(self, *args: Any) -> Any:
                asked.append(args)
                return execute(*args)

        with events.Watch(Counting(), [message.id]):  # type: ignore[arg-type]
            pass

    assert len(asked) == 1
