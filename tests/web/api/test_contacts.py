"""Contacts and consent by the API, over the same services as their pages."""

from __future__ import annotations

from typing import Any

import pytest

from flowbuilder.store import db
from flowbuilder.store.conversations import Contact
from tests.web.api.conftest import Program

ANN = {"phone": "+4915123456789", "name": "Ann"}


def test_attributes_are_written_and_read(call: Program) -> None:
    call("POST", "/contacts", json={**ANN, "attributes": {"city": "Lima", "plan": "Gold"}})
    call("POST", "/contacts", json={**ANN, "attributes": {"plan": ""}})
    (found,) = call("GET", "/contacts").json["items"]
    assert found["attributes"] == {"city": "Lima"}
    assert call("POST", "/contacts", json={**ANN, "attributes": {"name": "Bob"}}).status_code == 422


def test_a_contact_is_added_found_and_erased(call: Program) -> None:
    made = call("POST", "/contacts", json=ANN).json
    assert (made["phone"], made["name"], made["consent"]) == ("+4915123456789", "Ann", "unknown")
    assert call("GET", "/contacts?search=ann").json["items"] == [made]
    assert call("GET", f"/contacts/{made['id']}").json == made

    assert call("DELETE", f"/contacts/{made['id']}").status_code == 204
    assert call("GET", f"/contacts/{made['id']}").status_code == 404


def test_a_number_that_is_known_is_no_second_contact(call: Program) -> None:
    first = call("POST", "/contacts", json=ANN).json
    second = call("POST", "/contacts", json={"phone": "0151 23456789", "country": "DE", "name": "Anna"}).json

    assert (second["id"], second["name"]) == (first["id"], "Anna")


def test_consent_is_changed_with_its_proof(call: Program) -> None:
    made = call("POST", "/contacts", json=ANN).json

    changed = call("POST", f"/contacts/{made['id']}/consent", json={"consent": "opted_out", "reason": "By phone on 3 May"}).json

    assert changed["consent"] == "opted_out"
    history = call("GET", f"/contacts/{made['id']}/consent").json["items"]
    assert [(entry["consent"], entry["source"], entry["reason"]) for entry in history] == [("opted_out", "api", "By phone on 3 May")]
    assert call("GET", "/contacts?consent=opted_in").json["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/contacts", {"phone": "+49151"}, "/phone"), ("/contacts", {"phone": "+4915123456789", "consent": "opted_in"}, "/consent"),
        ("/contacts/{id}/consent", {"consent": "opted_in"}, "/reason"),
        ("/contacts/{id}/consent", {"consent": "opted_in", "reason": " "}, "/reason"),
        ("/contacts/{id}/consent", {"consent": "maybe", "reason": "x"}, "/consent"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_pointer(call: Program, path: str, body: dict[str, Any], pointer: str) -> None:
    known = call("POST", "/contacts", json=ANN).json["id"]

    refused = call("POST", path.format(id=known), json=body)

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    assert db.session.query(Contact).count() == 1
