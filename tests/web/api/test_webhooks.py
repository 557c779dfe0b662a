"""Outgoing webhooks by the API and on their pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core import contract
from flowbuilder.core.happening import Happening
from flowbuilder.services import transaction
from flowbuilder.services.outgoing import deliveries, events, webhooks
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Line, Workspace
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook
from tests.fixtures.receiver import Receiver
from tests.web.api.conftest import Program

SignIn = Callable[..., FlaskClient]
_NEW = {"url": "https://example.com/hook", "events": ["message.delivered", "batch.finished"]}


def happen(workspace: Workspace, kind: Happening = Happening.BATCH_FINISHED) -> None:
    with transaction() as session:
        events.tell(session, events.listeners(session, set(Happening)), workspace.id, kind, clock.now(), {"batch_id": "bat_1"})


def test_a_webhook_is_added_changed_switched_off_and_deleted(line: Line, call: Program) -> None:
    made = call("POST", "/webhooks", json=_NEW).json
    assert made["secret"].startswith("whsec_")
    assert "secret" not in call("GET", f"/webhooks/{made['id']}").json

    changed = call("PATCH", f"/webhooks/{made['id']}", json={"events": ["message.read"], "enabled": False}).json
    assert (changed["events"], changed["enabled"], changed["url"]) == (["message.read"], False, _NEW["url"])
    assert call("GET", "/webhooks").json["items"] == [changed]

    assert call("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert call("GET", f"/webhooks/{made['id']}").status_code == 404


def test_the_secret_is_not_in_the_database_as_it_is(line: Line, call: Program) -> None:
    secret = call("POST", "/webhooks", json=_NEW, key="k").json["secret"]

    row = db.session.query(OutgoingWebhook).one()
    assert secret.encode() not in row.secret
    assert webhooks.secret_of(row) == secret
    assert not any(secret in event.text for event in db.session.query(AuditEvent))


def test_a_new_secret_replaces_the_former_which_signs_a_day_longer(line: Line, call: Program) -> None:
    made = call("POST", "/webhooks", json=_NEW).json

    renewed = call("POST", f"/webhooks/{made['id']}/rotate").json

    assert renewed["secret"] != made["secret"]
    assert webhooks.valid_secrets(db.session.query(OutgoingWebhook).one()) == [renewed["secret"], made["secret"]]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "http://example.com/"}, "/url"), ({"url": "https://user:pass@example.com"}, "/url"),
        ({"url": "https://example.com:22"}, "/url"),
        ({"events": []}, "/events"), ({"events": ["message.eaten"]}, "/events/0"), ({"secret": "mine"}, "/secret"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_with_its_place(line: Line, call: Program, changes: dict[str, Any], pointer: str) -> None:
    refused = call("POST", "/webhooks", json={**_NEW, **changes})

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


def test_this_machine_is_told_only_while_every_line_is_the_simulators(line: Line, call: Program) -> None:
    local = {**_NEW, "url": "http://127.0.0.1:9000/hook"}
    assert call("POST", "/webhooks", json=local).status_code == 201
    line.is_simulator = False
    db.session.commit()

    assert call("POST", "/webhooks", json=local).status_code == 422


def test_there_are_at_most_twenty(line: Line, call: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST", 1)
    call("POST", "/webhooks", json=_NEW)

    assert call("POST", "/webhooks", json=_NEW).status_code == 409


def test_deliveries_are_listed_with_request_and_answer_and_told_again(
    workspace: Workspace, line: Line, call: Program, receiver: Receiver
) -> None:
    made = call("POST", "/webhooks", json={**_NEW, "url": receiver.url}).json
    happen(workspace)
    deliveries.run()

    told = call("GET", f"/webhooks/{made['id']}/deliveries").json["items"][0]
    assert (told["status"], told["answer_status"], told["tries"]) == ("delivered", 200, 1)
    assert told["answer_body"].startswith("thank you")
    again = call("POST", f"/deliveries/{told['id']}/replay").json
    assert (again["status"], again["event_id"]) == ("pending", told["event_id"])
    deliveries.run()
    assert [one.headers["webhook-id"] for one in receiver.heard] == [told["event_id"]] * 2


def test_what_waits_for_its_next_try_is_told_at_once_when_asked(
    workspace: Workspace, line: Line, sign_in: SignIn, call: Program, receiver: Receiver
) -> None:
    made = call("POST", "/webhooks", json={**_NEW, "url": receiver.url}).json
    receiver.answers[:] = [500]
    happen(workspace)
    deliveries.run()
    page = sign_in("admin").get(f"/api/webhooks/{made['id']}").text
    assert "Try now" in page

    told = call("GET", f"/webhooks/{made['id']}/deliveries").json["items"][0]
    call("POST", f"/deliveries/{told['id']}/replay")
    deliveries.run()

    assert call("GET", f"/webhooks/{made['id']}/deliveries").json["items"][0]["status"] == "delivered"


def test_the_schema_names_every_event() -> None:
    assert contract.schemas()["EventKind"]["enum"] == list(Happening)


def test_the_pages_add_show_and_tell_again(workspace: Workspace, line: Line, sign_in: SignIn, receiver: Receiver) -> None:
    admin = sign_in("admin")
    page = BeautifulSoup(admin.post("/api/webhooks/new", data={"url": receiver.url, "events": ["batch.finished"]}).text, "html.parser")
    assert page.select_one("[data-copy]")["data-copy"].startswith("whsec_")
    row = db.session.query(OutgoingWebhook).one()
    happen(workspace)
    deliveries.run()

    shown = admin.get(f"/api/webhooks/{row.id}").text
    assert "batch.finished" in shown and "thank you" in shown and "bat_1" in shown
    assert "whsec_" not in shown
    admin.post(f"/api/deliveries/{db.session.query(OutgoingDelivery).one().id}/replay")
    deliveries.run()
    assert len(receiver.heard) == 2


def test_the_form_says_what_is_wrong_and_keeps_what_was_chosen(line: Line, sign_in: SignIn) -> None:
    response = sign_in("admin").post("/api/webhooks/new", data={"url": "http://example.com", "events": ["batch.finished"]})

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert "https://" in page.select_one("#field-url-error").text
    assert page.select_one("input[value='batch.finished']").has_attr("checked")


def test_a_webhook_is_switched_off_and_on_changed_and_deleted_on_its_page(line: Line, call: Program, sign_in: SignIn) -> None:
    admin, made = sign_in("admin"), call("POST", "/webhooks", json=_NEW).json["id"]

    admin.post(f"/api/webhooks/{made}/off")
    assert "switched off" in admin.get(f"/api/webhooks/{made}").text
    admin.post(f"/api/webhooks/{made}/on")
    admin.post(f"/api/webhooks/{made}/edit", data={"url": "https://example.com/other", "events": ["message.read"]})
    assert call("GET", f"/webhooks/{made}").json["url"] == "https://example.com/other"
    assert "whsec_" in admin.post(f"/api/webhooks/{made}/rotate").text
    admin.post(f"/api/webhooks/{made}/delete")
    assert db.session.query(OutgoingWebhook).count() == 0


def test_a_test_event_is_sent_by_page_and_program_and_its_answer_shown(
    line: Line, call: Program, sign_in: SignIn, receiver: Receiver
) -> None:
    admin, made = sign_in("admin"), call("POST", "/webhooks", json={**_NEW, "url": receiver.url}).json["id"]

    sent = call("POST", f"/webhooks/{made}/test", json={}, key="once").json
    assert (sent["event"], sent["status"]) == ("message.delivered", "pending")
    assert call("POST", f"/webhooks/{made}/test", json={}, key="once").json["event_id"] == sent["event_id"]
    assert call("POST", f"/webhooks/{made}/test", json={"event": "message.read"}).status_code == 422
    admin.post(f"/api/webhooks/{made}/test", data={"event": "batch.finished"})
    deliveries.run()

    assert sorted(receiver.events) == ["batch.finished", "message.delivered"]
    assert "thank you" in admin.get(f"/api/webhooks/{made}").text
