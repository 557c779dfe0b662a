"""Batches by the API: handed in as a file or as JSON, read, moved, and looked at row by row."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import reading
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.web.api.conftest import Program

_CSV = b"Phone number;first_name\n+4915123456781;Ann\n+49;Bob\n+4915123456783;Cy\n"


@pytest.fixture
def template(line: Line) -> TemplateMessage:
    row = worlds.template(line)
    row.conversation, row.content = "NOTIFICATION", {**row.content, "conversation": "NOTIFICATION"}
    db.session.commit()
    return row


@pytest.fixture
def draft(template: TemplateMessage, call: Program) -> str:
    """A batch of three rows, of which one is faulty, read."""
    made = upload(call, template)
    reading.run(made["id"])
    return made["id"]


def upload(call: Program, template: TemplateMessage, content: bytes = _CSV, **fields: str) -> dict[str, Any]:
    data = {"outbound_id": template.id, "file": (io.BytesIO(content), "people.csv"), **fields}
    return call("POST", "/batches", data=data, content_type="multipart/form-data").json


def test_a_file_is_read_and_its_faults_are_told(draft: str, call: Program) -> None:
    found = call("GET", f"/batches/{draft}").json

    assert (found["status"], found["name"]) == ("draft", "people.csv")
    assert {name: count for name, count in found["numbers"].items() if count} == {"rows": 3, "faulty": 1, "queued": 2}
    fault = call("GET", f"/batches/{draft}/faults").json["items"][0]
    assert (fault["row"], fault["column"], fault["value"]) == (3, "Phone number", "+49")


def test_rows_may_come_as_json(template: TemplateMessage, call: Program) -> None:
    rows = [
        {"phone": "+4915123456781", "parameters": {"first_name": "=1+1"}},
        {"phone": "01512 3456782", "country": "DE", "parameters": {"first_name": "Bob, \"the\nbuilder\""}},
        {"phone": "+4915123456783"},
    ]  # fmt: skip
    made = call("POST", "/batches", json={"outbound_id": template.id, "rows": rows, "name": "Morning"}).json
    reading.run(made["id"])

    found = call("GET", f"/batches/{made['id']}").json
    people = call("GET", f"/batches/{made['id']}/recipients").json["items"]
    assert (found["name"], found["numbers"]["rows"], found["numbers"]["faulty"]) == ("Morning", 3, 2)
    assert [(row["phone"], row["parameters"]) for row in people] == [("+4915123456781", {"first_name": "=1+1"})]


def test_a_batch_is_started_paused_resumed_and_cancelled(draft: str, call: Program) -> None:
    assert call("POST", f"/batches/{draft}/start", json={"opt_in": False}).json["errors"][0]["pointer"] == "/opt_in"
    assert call("POST", f"/batches/{draft}/start", json={"opt_in": True}).json["status"] == "running"
    assert call("POST", f"/batches/{draft}/start", json={"opt_in": True}).status_code == 409
    assert call("POST", f"/batches/{draft}/pause").json["status"] == "paused"
    assert call("POST", f"/batches/{draft}/resume").json["status"] == "running"
    cancelled = call("POST", f"/batches/{draft}/cancel").json
    assert (cancelled["status"], cancelled["numbers"]["cancelled"]) == ("cancelled", 2)


def test_a_batch_may_start_by_itself_and_be_put_back(draft: str, call: Program) -> None:
    later = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:00Z")
    scheduled = call("POST", f"/batches/{draft}/start", json={"opt_in": True, "at": later}).json

    assert (scheduled["status"], scheduled["scheduled_at"][:16]) == ("scheduled", later[:16])
    assert call("POST", f"/batches/{draft}/unschedule").json["status"] == "draft"


@pytest.mark.parametrize("at", ["tomorrow", "2026-02-31T09:00:00Z", "2026-12-01T09:00:00", "2020-01-01T00:00:00Z"])
def test_a_moment_that_is_none_or_over_is_refused(draft: str, call: Program, at: str) -> None:
    refused = call("POST", f"/batches/{draft}/start", json={"opt_in": True, "at": at})

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/at")


def test_those_who_failed_are_tried_again_in_a_batch_of_their_own(draft: str, call: Program) -> None:
    call("POST", f"/batches/{draft}/start", json={"opt_in": True})
    db.session.query(Message).filter_by(number=2).update({"status": "failed"})
    db.session.commit()

    made = call("POST", f"/batches/{draft}/retry").json
    reading.run(made["id"])

    assert made["retry_of"] == draft
    assert [row["row"] for row in call("GET", f"/batches/{made['id']}/recipients").json["items"]] == [2]


def test_whom_meta_keeps_from_promotions_can_be_left_out_of_a_retry(draft: str, call: Program) -> None:
    call("POST", f"/batches/{draft}/start", json={"opt_in": True})
    db.session.query(Message).filter_by(number=2).update({"status": "failed", "error_code": 131049, "failed_at": clock.now()})
    db.session.commit()

    assert call("POST", f"/batches/{draft}/retry", json={"but_resting": True}).status_code == 422
    assert call("POST", f"/batches/{draft}/retry", json={"but_resting": False}).status_code == 201


def test_recipients_come_page_by_page_and_by_status(draft: str, call: Program) -> None:
    first = call("GET", f"/batches/{draft}/recipients?limit=1").json
    second = call("GET", f"/batches/{draft}/recipients?limit=1&after={first['next']}").json

    assert [page["items"][0]["row"] for page in (first, second)] == [2, 4]
    assert second["next"] is None
    assert call("GET", f"/batches/{draft}/recipients?status=failed").json["items"] == []


def test_columns_can_be_matched_by_hand(template: TemplateMessage, call: Program) -> None:
    made = upload(call, template, b"Handy;Vorname\n+4915123456781;Ann\n")
    reading.run(made["id"])
    unread = call("GET", f"/batches/{made['id']}").json
    assert (unread["status"], unread["headers"]) == ("unreadable", ["Handy", "Vorname"])

    call("POST", f"/batches/{made['id']}/columns", json={"columns": {"Phone number": "Handy", "first_name": "Vorname"}})
    reading.run(made["id"])

    assert call("GET", f"/batches/{made['id']}").json["numbers"]["queued"] == 1


def test_the_list_comes_page_by_page(template: TemplateMessage, call: Program) -> None:
    made = [upload(call, template)["id"] for _ in range(3)]

    first = call("GET", "/batches?limit=2").json
    assert [item["id"] for item in first["items"]] + [
        item["id"] for item in call("GET", f"/batches?after={first['next']}").json["items"]
    ] == made[::-1]


@pytest.mark.parametrize(
    ("fields", "pointer"), [({}, "/outbound_id"), ({"outbound_id": "x"}, "/file"), ({"outbound_id": "x", "door": "trial"}, "/door")]
)
def test_a_form_that_lacks_a_part_is_told_which(call: Program, fields: dict[str, str], pointer: str) -> None:
    refused = call("POST", "/batches", data=fields, content_type="multipart/form-data")

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == pointer


def test_a_refused_upload_leaves_no_file_behind(template: TemplateMessage, call: Program) -> None:
    template.status = "paused"
    db.session.commit()

    call("POST", "/batches", data={"outbound_id": template.id, "file": (io.BytesIO(_CSV), "a.csv")}, content_type="multipart/form-data")

    assert not list(service.path_of("x").parent.glob("*"))
    assert db.session.query(Batch).count() == db.session.query(Message).count() == 0
