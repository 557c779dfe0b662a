"""Outbound messages by the API: the same that the pages show."""

from __future__ import annotations

from typing import Any

import pytest

from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from tests import worlds
from tests.fixtures.servers import Simulator
from tests.web.api.conftest import Program


def _new(line: Line, **changes: Any) -> dict[str, Any]:
    return {
        "line_id": line.id, "name": "Order ready", "category": "UTILITY", "language": "en_US",
        "body": "Hi {{first_name}}, your order is ready.", "variables": [{"name": "first_name", "example": "Ann"}], **changes,
    }  # fmt: skip


def test_a_draft_is_written_read_changed_and_deleted(line: Line, call: Program) -> None:
    made = call("POST", "/outbounds", json=_new(line)).json
    assert (made["status"], made["words"], made["findings"]) == ("draft", ["first_name"], [])

    changed = call("PATCH", f"/outbounds/{made['id']}", json={"footer": "Thank you."}).json
    assert changed["content"] == {**made["content"], "footer": "Thank you."}
    assert call("GET", f"/outbounds/{made['id']}").json == changed

    assert call("DELETE", f"/outbounds/{made['id']}").status_code == 204
    assert call("GET", f"/outbounds/{made['id']}").status_code == 404


def test_what_breaks_a_rule_of_whatsapp_is_told_with_its_place(line: Line, call: Program) -> None:
    made = call("POST", "/outbounds", json=_new(line, body="{{first_name}}")).json

    assert "/body" in {finding["pointer"] for finding in made["findings"] if finding["severity"] == "error"}
    refused = call("POST", f"/outbounds/{made['id']}/submit")
    assert refused.status_code == 422
    assert "/body" in {error["pointer"] for error in refused.json["errors"]}


def test_submitting_has_meta_review_it_and_only_once(simulator: Simulator, line: Line, call: Program) -> None:
    made = call("POST", "/outbounds", json=_new(line)).json

    assert call("POST", f"/outbounds/{made['id']}/submit").json["status"] == "pending"
    again = call("POST", f"/outbounds/{made['id']}/submit")
    assert again.status_code == 409
    assert "only once" in again.json["detail"]


def test_a_copy_can_be_changed(line: Line, call: Program) -> None:
    template = worlds.template(line)

    copy = call("POST", f"/outbounds/{template.id}/duplicate")

    assert copy.status_code == 201
    assert (copy.json["copied_from"], copy.json["status"]) == (template.id, "draft")


def test_the_list_comes_page_by_page_without_gap_or_repetition(line: Line, call: Program) -> None:
    made = [call("POST", "/outbounds", json=_new(line, name=f"Message {number}")).json["id"] for number in range(7)]

    seen, after = [], ""
    while after is not None:
        page = call("GET", f"/outbounds?limit=3{after and f'&after={after}'}").json
        seen += [item["id"] for item in page["items"]]
        after = page["next"]

    assert seen == made[::-1]


def test_the_list_can_be_narrowed(line: Line, call: Program) -> None:
    approved = worlds.template(line)
    call("POST", "/outbounds", json=_new(line))

    assert [item["id"] for item in call("GET", "/outbounds?status=approved").json["items"]] == [approved.id]
    assert call("GET", "/outbounds?search=order").json["items"][0]["name"] == "Order ready"


@pytest.mark.parametrize("cursor", ["x", "bm8", "W10", "WzEsMl0", "WyJ5ZXN0ZXJkYXkiLCJvdXQiXQ"])
def test_a_cursor_that_is_none_of_ours_is_refused(call: Program, cursor: str) -> None:
    refused = call("GET", f"/outbounds?after={cursor}")

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/after"


@pytest.mark.parametrize(
    ("changes", "pointer", "sentence"),
    [
        ({"name": 7}, "/name", "must be a text"), ({"category": "NEWS"}, "/category", "must be one of"),
        ({"status": "approved"}, "/status", "not known"), ({"workspace_id": "wsp_x"}, "/workspace_id", "not known"),
        ({"id": "out_x"}, "/id", "not known"), ({"language": "English"}, "/language", "such as en_US"),
        ({"variables": [{"name": "a"}, {"example": "b"}]}, "/variables/1/name", "lacks “name”"),
        ({"actions": [{"kind": "call", "href": "x"}]}, "/actions/0/href", "not known"),
        ({"otp": {"lifetime_minutes": 91}}, "/otp/lifetime_minutes", "at most 90"), ({"line_id": "lin_x"}, "/line_id", "Choose the line"),
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_told_by_pointer_and_sentence(
    line: Line, call: Program, changes: dict[str, Any], pointer: str, sentence: str
) -> None:
    refused = call("POST", "/outbounds", json=_new(line, **changes))

    assert refused.status_code == 422
    assert {error["pointer"]: error["detail"] for error in refused.json["errors"]}[pointer].count(sentence) == 1
    assert db.session.query(TemplateMessage).count() == 0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400), (b"\xff", "application/json", 400), (b'{"a": NaN}', "application/json", 400),
        (b'{"name": "a\\u0000b"}', "application/json", 400), (b'{"name": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400), (b"{}", "text/plain", 415), (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"[]", "application/json", 422), (b"null", "application/json", 422), (b"[" * 50 + b"]" * 50, "application/json", 422),
        (b'{"name": "' + b"a" * 2_000_000 + b'"}', "application/json", 413),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(call: Program, body: bytes, kind: str, status: int) -> None:
    assert call("POST", "/outbounds", data=body, content_type=kind).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/lines", 405), ("GET", "/outbounds?page=2", 422)]
)
def test_an_address_that_is_not_there_is_answered_with_a_problem_too(call: Program, method: str, path: str, status: int) -> None:
    assert call(method, path).status_code == status
