"""Idempotency-Key: what is called five times at once, or again an hour later, happens once."""

from __future__ import annotations

import contextvars
import io
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.errors import Unavailable
from flowbuilder.services import outbound as outbound_service
from flowbuilder.services.api import once
from flowbuilder.services.sending import reading
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Line
from flowbuilder.store.api import IdempotencyKey
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outgoing import OutgoingDelivery
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.fixtures.servers import Simulator
from tests.media import picture
from tests.web.api.conftest import Program

Call = dict[str, Any]
KEY = "5f0c9f1e-7a55-4d0c-9d6c-0a4a3f3c2b10"


@pytest.fixture
def template(line: Line) -> TemplateMessage:
    row = worlds.template(line)
    row.conversation, row.content = "NOTIFICATION", {**row.content, "conversation": "NOTIFICATION"}
    db.session.commit()
    return row


@pytest.fixture
def world(template: TemplateMessage, call: Program) -> dict[str, str]:
    """Something to begin each operation with, by the name that routes have for its id."""
    draft = call("POST", "/outbounds", json=_draft(template)).json["id"]
    rows = [{"phone": "+4915123456781", "parameters": {"first_name": "Ann"}}]
    batch = call("POST", "/batches", json={"outbound_id": template.id, "rows": rows}).json["id"]
    reading.run(batch)
    message = call("POST", "/messages", json=_message(template)).json["id"]
    db.session.query(Message).filter_by(id=message).update({"status": "unconfirmed"})
    db.session.commit()
    contact = call("POST", "/contacts", json={"phone": "+4915123456701"}).json["id"]
    webhook = call("POST", "/webhooks", json={"url": "https://example.com/hook", "events": ["message.read"]}).json["id"]
    delivery = _delivery(template.workspace_id, webhook)
    return {
        "contact_id": contact,
        "webhook_id": webhook,
        "delivery_id": str(delivery),
        "template_id": draft,
        "batch_id": batch,
        "message_id": str(message),
        "approved": template.id,
        "line_id": template.line_id,
    }


def _delivery(workspace_id: str, webhook_id: str) -> int:
    row = OutgoingDelivery(
        workspace_id=workspace_id, webhook_id=webhook_id, event_id="evt_1", event="message.read", payload={}, status="delivered",
        due_at=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row.id


def _draft(template: TemplateMessage) -> Call:
    return {"line_id": template.line_id, "name": "Draft", "category": "UTILITY", "language": "en_US", "body": "Your order is ready."}


def _message(template: TemplateMessage) -> Call:
    return {"outbound_id": template.id, "phone": "+4915123456789", "parameters": {"first_name": "Ann"}, "opt_in": True}


def _upload(world: dict[str, str]) -> Call:
    file = (io.BytesIO(b"Phone number,first_name\n+4915123456782,Bo\n"), "a.csv")
    return {"data": {"outbound_id": world["approved"], "file": file}, "content_type": "multipart/form-data"}


def _effects() -> Counter[str]:
    """What there is, and what was noted of deeds."""
    db.session.rollback()
    counts = Counter({kind.__tablename__: db.session.query(kind).count() for kind in (TemplateMessage, Message, Batch)})
    counts.update(event.verb for event in db.session.query(AuditEvent))
    counts["queued again"] = db.session.query(Message).filter_by(is_possible_duplicate=True).count()
    return counts


CALLS: dict[str, Callable[[dict[str, str]], Call]] = {
    "outbound_create": lambda w: {"json": {"line_id": w["line_id"], "name": "New", "category": "UTILITY", "language": "en_US"}},
    "outbound_submit": lambda w: {},
    "outbound_duplicate": lambda w: {},
    "outbound_add_language": lambda w: {"json": {"language": "es"}},
    "file_upload": lambda w: {"data": {"kind": "IMAGE", "file": (io.BytesIO(picture()), "a.png")}, "content_type": "multipart/form-data"},
    "message_send": lambda w: {
        "json": {"outbound_id": w["approved"], "phone": "+4915123456780", "parameters": {"first_name": "Bo"}, "opt_in": True}
    },
    "message_resend": lambda w: {},
    "batch_upload": _upload,
    "batch_columns": lambda w: {"json": {"columns": {"first_name": "first_name"}}},
    "batch_start": lambda w: {"json": {"opt_in": True}},
    "batch_unschedule": lambda w: {},
    "batch_send_rest": lambda w: {},
    "batch_retry": lambda w: {},
    "contact_add": lambda w: {"json": {"phone": "+4915123456700", "name": "Ann"}},
    "contact_consent_change": lambda w: {"json": {"consent": "opted_in", "reason": "At the counter"}},
    "webhook_create": lambda w: {"json": {"url": "https://example.com/other", "events": ["message.sent"]}},
    "webhook_rotate": lambda w: {},
    "webhook_test": lambda w: {},
    "delivery_replay": lambda w: {},
    "batch_pause": lambda w: {},
    "batch_resume": lambda w: {},
    "batch_cancel": lambda w: {},
}
_BEFORE = {
    "batch_pause": {"status": "running"}, "batch_resume": {"status": "paused"}, "batch_unschedule": {"status": "scheduled"},
    "batch_send_rest": {"status": "holding"}, "batch_retry": {"status": "finished", "started_at": clock.now()},
}  # fmt: skip


def _path(app: Flask, endpoint: str, world: dict[str, str]) -> str:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == f"api.{endpoint}")
    return rule.build({name: world[name] for name in rule.arguments})[1].removeprefix("/api/v1")


def test_every_operation_that_makes_or_moves_something_is_tried_here(app: Flask) -> None:
    making = {
        name.removeprefix("api.") for name, view in app.view_functions.items() if getattr(view, "operation", None) and view.operation.making
    }
    posts = {
        rule.endpoint.removeprefix("api.")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1") and "POST" in rule.methods
    }

    assert making == posts == set(CALLS)


@pytest.mark.parametrize("endpoint", CALLS)
def test_five_calls_at_once_have_one_effect(app: Flask, simulator: Simulator, call: Program, world: dict[str, str], endpoint: str) -> None:
    db.session.query(Batch).update(_BEFORE.get(endpoint, {"status": "draft"}))
    if endpoint == "batch_retry":
        db.session.query(Message).filter(Message.batch_id.is_not(None)).update({"status": "failed"})
    db.session.commit()
    path, before, start = _path(app, endpoint, world), _effects(), threading.Barrier(5)

    def at_once(_: int) -> Any:
        start.wait()
        return call("POST", path, key=KEY, **CALLS[endpoint](world))

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda n: contextvars.Context().run(at_once, n), range(5)))

    made = [answer.json for answer in answers if answer.status_code < 300]
    assert made
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert all(answer == made[0] for answer in made)
    assert max((_effects() - before).values()) == 1
    again = call("POST", path, key=KEY, **CALLS[endpoint](world))
    assert again.json == made[0]


def test_a_repeat_gets_the_first_answer_though_the_thing_has_moved_on(template: TemplateMessage, call: Program) -> None:
    first = call("POST", "/messages", key=KEY, json=_message(template))
    db.session.query(Message).update({"status": "delivered"})
    db.session.commit()

    again = call("POST", "/messages", key=KEY, json=_message(template))

    assert (again.status_code, again.json) == (201, first.json)
    assert db.session.query(Message).count() == 1


def test_another_call_under_the_same_key_is_refused(template: TemplateMessage, call: Program) -> None:
    call("POST", "/messages", key=KEY, json=_message(template))

    other = call("POST", "/messages", key=KEY, json={**_message(template), "phone": "+4915123456780"})

    assert (other.status_code, other.json["errors"][0]["code"]) == (422, "key_reused")
    assert call("POST", "/outbounds", key=KEY, json=_draft(template)).status_code == 422


def test_while_it_is_being_fulfilled_a_repeat_is_told_to_wait(template: TemplateMessage, call: Program) -> None:
    call("POST", "/messages", key=KEY, json=_message(template))
    db.session.query(IdempotencyKey).update({"status": None, "answer": None})
    db.session.commit()

    running = call("POST", "/messages", key=KEY, json=_message(template))

    assert (running.status_code, running.headers["Retry-After"]) == (409, "1")


def test_whoever_repeats_after_a_crash_gets_what_was_done(template: TemplateMessage, call: Program) -> None:
    first = call("POST", "/messages", key=KEY, json=_message(template)).json
    long_ago = clock.now() - timedelta(minutes=5)
    db.session.query(IdempotencyKey).update({"status": None, "answer": None, "created_at": long_ago})
    db.session.commit()

    assert call("POST", "/messages", key=KEY, json=_message(template)).json == first
    assert db.session.query(Message).count() == 1


def test_after_a_day_the_key_is_new_again(template: TemplateMessage, call: Program) -> None:
    call("POST", "/messages", key=KEY, json=_message(template))
    db.session.query(IdempotencyKey).update({"created_at": clock.now() - timedelta(hours=25)})
    db.session.commit()

    assert call("POST", "/messages", key=KEY, json=_message(template)).status_code == 201
    assert db.session.query(Message).count() == 2


def test_keys_that_are_old_are_forgotten(template: TemplateMessage, call: Program) -> None:
    call("POST", "/messages", key=KEY, json=_message(template))
    once.forget_old()
    assert db.session.query(IdempotencyKey).count() == 1
    db.session.query(IdempotencyKey).update({"created_at": clock.now() - timedelta(hours=25)})
    db.session.commit()

    once.forget_old()

    assert db.session.query(IdempotencyKey).count() == 0


def test_what_failed_may_be_tried_again_under_the_same_key(
    template: TemplateMessage, call: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = outbound_service.create

    def fails(*args: Any, **named: Any) -> None:
        create(*args, **named)
        raise Unavailable()

    monkeypatch.setattr(outbound_service, "create", fails)
    with pytest.raises(AssertionError, match="does not answer just now"):
        call("POST", "/outbounds", key=KEY, json=_draft(template))
    monkeypatch.setattr(outbound_service, "create", create)

    assert call("POST", "/outbounds", key=KEY, json=_draft(template)).status_code == 201


def test_two_tokens_may_use_the_same_key(template: TemplateMessage, program: Callable[..., Program]) -> None:
    assert [program()("POST", "/messages", key="1", json=_message(template)).status_code for _ in range(2)] == [201, 201]
    assert db.session.query(Message).count() == 2


def test_the_kept_answer_can_not_be_read_in_the_database(template: TemplateMessage, call: Program) -> None:
    call("POST", "/messages", key=KEY, json=_message(template))

    assert b"4915123456789" not in db.session.query(IdempotencyKey).one().answer


@pytest.mark.parametrize("key", [" ", "x" * 256])
def test_a_key_that_is_none_is_refused(template: TemplateMessage, call: Program, key: str) -> None:
    assert call("POST", "/messages", headers={"Idempotency-Key": key}, json=_message(template)).status_code == 422
