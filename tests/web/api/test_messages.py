"""One message by the API, over the same service as the page."""

from __future__ import annotations

from typing import Any

import pytest

from flowbuilder.services.sending import deliver
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub
from tests.web.api.conftest import Program


@pytest.fixture
def template(line: Line) -> TemplateMessage:
    row = worlds.template(line)
    row.conversation, row.content = "NOTIFICATION", {**row.content, "conversation": "NOTIFICATION"}
    db.session.commit()
    return row


def _new(template: TemplateMessage, **changes: Any) -> dict[str, Any]:
    return {"outbound_id": template.id, "phone": "+4915123456789", "parameters": {"first_name": "Ann"}, "opt_in": True, **changes}


def test_a_message_is_queued_sent_and_followed(template: TemplateMessage, line: Line, call: Program) -> None:
    made = call("POST", "/messages", json=_new(template)).json
    assert (made["status"], made["phone"], made["parameters"]) == ("queued", "+4915123456789", {"first_name": "Ann"})

    with Stub() as meta:
        line.base_url = meta.url
        db.session.commit()
        deliver.one(made["id"])

    assert call("GET", f"/messages/{made['id']}").json["status"] == "accepted"


def test_a_number_may_come_with_its_country_beside_it(template: TemplateMessage, call: Program) -> None:
    assert call("POST", "/messages", json=_new(template, phone="0151 23456789", country="DE")).json["phone"] == "+4915123456789"


@pytest.mark.parametrize(
    ("changes", "pointer", "sentence"),
    [
        ({"phone": "+49151"}, "/phone", "too short"), ({"phone": "+4915123456789", "country": "FR"}, "/phone", "another country"),
        ({"parameters": {}}, "/parameters/first_name", "Fill in first_name"), ({"opt_in": False}, "/opt_in", "Confirm"),
        ({"opt_in": "yes"}, "/opt_in", "true or false"), ({"parameters": {"first_name": 7}}, "/parameters/first_name", "must be a text"),
        ({"status": "sent"}, "/status", "not known"), ({"workspace_id": "x"}, "/workspace_id", "not known"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_told_by_pointer_and_sentence(
    template: TemplateMessage, call: Program, changes: dict[str, Any], pointer: str, sentence: str
) -> None:
    refused = call("POST", "/messages", json=_new(template, **changes))

    assert refused.status_code == 422
    found = {error["pointer"]: error["detail"] for error in refused.json["errors"]}
    assert sentence in found.get(pointer, str(found))
    assert db.session.query(Message).count() == 0


def test_a_message_that_starts_a_flow_asks_which(line: Line, call: Program) -> None:
    refused = call("POST", "/messages", json=_new(worlds.template(line)))

    assert refused.json["errors"][0]["pointer"] == "/flow_id"


def test_only_an_approved_message_can_be_sent(template: TemplateMessage, call: Program) -> None:
    template.status = "paused"
    db.session.commit()

    assert call("POST", "/messages", json=_new(template)).status_code == 409


def test_what_failed_says_why_and_what_to_do(template: TemplateMessage, call: Program) -> None:
    made = call("POST", "/messages", json=_new(template)).json
    db.session.query(Message).update({"status": "failed", "error_code": 131026})
    db.session.commit()

    error = call("GET", f"/messages/{made['id']}").json["error"]
    assert error["code"] == 131026
    assert error["text"] and error["advice"]


def test_an_unconfirmed_message_can_be_sent_again_and_no_other(template: TemplateMessage, call: Program) -> None:
    made = call("POST", "/messages", json=_new(template)).json
    assert call("POST", f"/messages/{made['id']}/resend").status_code == 409
    db.session.query(Message).update({"status": "unconfirmed"})
    db.session.commit()

    again = call("POST", f"/messages/{made['id']}/resend").json

    assert (again["status"], again["is_possible_duplicate"]) == ("queued", True)


@pytest.mark.parametrize("message_id", [0, 999, 2**63, 10**30])
def test_a_message_that_is_not_there_is_not_found(call: Program, message_id: int) -> None:
    assert call("GET", f"/messages/{message_id}").status_code == 404
    assert call("POST", f"/messages/{message_id}/resend").status_code == 404


@pytest.mark.database
@pytest.mark.parametrize("path", ["/messages/9007199254740993", "/outbounds/a%00b"])
def test_what_no_database_can_hold_is_not_found_and_breaks_nothing(call: Program, path: str) -> None:
    assert call("GET", path).status_code == 404


@pytest.mark.database
def test_a_text_that_no_database_can_hold_is_told(template: TemplateMessage, call: Program) -> None:
    wish = {"outbound_id": template.id, "phone": "+4915123456789", "flow_id": "flw_\x00", "opt_in": True}
    assert call("POST", "/messages", json=wish).status_code == 400
