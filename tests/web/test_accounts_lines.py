"""Lines: their pages, their secrets that never come out, and the check against a number that answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.accounts import lines
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import AuditEvent, Line, Membership, Role, User, Workspace

if TYPE_CHECKING:
    from tests.fixtures.servers import Simulator

SignIn = Callable[..., FlaskClient]
SECRETS = {"access_token": "EAAG-access-sentinel", "app_secret": "app-secret-sentinel", "verify_token": "verify-sentinel-token"}
FORM = {
    "name": "Shop", "display_number": "+49 30 1234567", "phone_number_id": "106540352242922", "waba_id": "102290129340398",
    "app_id": "1000200030004000", "base_url": "https://graph.facebook.com", "messages_per_second": "80", **SECRETS,
}  # fmt: skip


def _added(client: FlaskClient) -> Line:
    assert client.post("/lines/new", data=FORM).status_code == 200
    return db.session.query(Line).filter_by(name="Shop").one()


def _main(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").main.text.split())


def test_a_line_is_added_with_its_secrets_sealed(sign_in: SignIn) -> None:
    line = _added(sign_in("admin"))

    assert (line.display_number, line.phone_number_id, line.base_url) == ("+49 30 1234567", "106540352242922", "https://graph.facebook.com")
    assert lines.access_token(line) == SECRETS["access_token"]
    assert SECRETS["access_token"].encode() not in line.access_token


def test_whether_batches_hold_at_the_messaging_limit_is_chosen_per_line(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    line = _added(admin)
    assert not line.holds_at_limit
    assert "Batches go on" in _main(admin.get(f"/lines/{line.id}").text)
    assert admin.post(f"/lines/{line.id}/edit", data=FORM | {"holds_at_limit": "1"}).status_code == 303
    assert "Batches wait" in _main(admin.get(f"/lines/{line.id}").text)
    ticked = BeautifulSoup(admin.get(f"/lines/{line.id}/edit").text, "html.parser").select_one("[name=holds_at_limit]")
    assert ticked.has_attr("checked")


def test_after_adding_the_address_and_the_verify_token_are_there_to_paste(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("admin").post("/lines/new", data=FORM).text, "html.parser")

    copied = [button["data-copy"] for button in page.select("[data-copy]")]
    line = db.session.query(Line).filter_by(name="Shop").one()
    assert copied == [f"http://127.0.0.1:8000/webhooks/{line.id}", SECRETS["verify_token"]]


def test_secrets_are_never_shown_again(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    line = _added(admin)

    for path in ("/lines", f"/lines/{line.id}", f"/lines/{line.id}/edit", "/audit-log"):
        page = admin.get(path).text
        assert not [secret for secret in SECRETS.values() if secret in page], path
    assert "••••inel" in admin.get(f"/lines/{line.id}").text


def test_secrets_that_were_refused_do_not_come_back_in_the_form(sign_in: SignIn) -> None:
    response = sign_in("admin").post("/lines/new", data=FORM | {"phone_number_id": "abc"})

    assert response.status_code == 422
    assert SECRETS["access_token"] not in response.text
    assert SECRETS["app_secret"] not in response.text


def test_a_viewer_sees_no_trace_of_the_secrets(sign_in: SignIn) -> None:
    line = _added(sign_in("admin"))

    assert "••••" not in sign_in("viewer").get(f"/lines/{line.id}").text


def test_secrets_left_empty_stay_as_they_are(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    line = _added(admin)

    admin.post(f"/lines/{line.id}/edit", data=FORM | dict.fromkeys(SECRETS, "") | {"name": "Renamed", "app_secret": "another-app-secret"})

    line = db.session.get(Line, line.id)
    assert line.name == "Renamed"
    assert lines.access_token(line) == SECRETS["access_token"]
    assert lines.app_secret(line) == "another-app-secret"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("display_number", "030 1234567"), ("phone_number_id", "12 34"), ("waba_id", ""), ("app_id", "x"),
        ("base_url", "http://graph.facebook.com"), ("base_url", "https://user@evil.example"), ("base_url", "file:///etc/passwd"),
        ("base_url", "http://127.0.0.1@evil.example"), ("messages_per_second", "0"), ("messages_per_second", "1001"),
        ("messages_per_second", "fast"), ("access_token", ""), ("app_secret", ""), ("name", "x" * 61),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_right_is_refused_where_it_stands(sign_in: SignIn, field: str, value: str) -> None:
    response = sign_in("admin").post("/lines/new", data=FORM | {field: value})

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert page.select_one(f"#field-{field}-error").text.strip()
    assert db.session.query(Line).count() == 0


def test_a_phone_number_id_belongs_to_one_line(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    _added(admin)

    response = admin.post("/lines/new", data=FORM | {"name": "Twin"})

    assert response.status_code == 422
    assert "The line Shop has this phone number ID already." in response.text


def test_checking_the_connection_shows_what_the_number_says(sign_in: SignIn, simulator: Simulator, line: Line) -> None:
    with transaction():
        db.session.get(Line, line.id).access_token = _token_of(simulator, line)

    response = sign_in("designer").post(f"/lines/{line.id}/check", headers={"HX-Request": "true"})

    page = BeautifulSoup(response.text, "html.parser")
    facts = {term.text: term.find_next("dd").text.strip() for term in page.select("dt")}
    assert facts["Connection"] == "Connected"
    assert facts["Throughput"].endswith("messages a second")
    assert facts["Quality"]
    assert facts["Messaging limit"]
    assert page.find(id="line-facts")
    assert page.find("html") is None


def _token_of(simulator: Simulator, line: Line) -> bytes:
    from flowbuilder.services.accounts import secrets

    return secrets.seal(getattr(simulator, "access_token", "access-token"), line.workspace_id, line.id, "access_token")


def test_a_line_that_does_not_answer_is_said_in_words_and_kept(sign_in: SignIn, line: Line) -> None:
    client = sign_in("designer")

    client.post(f"/lines/{line.id}/check")

    assert "could not be reached" in _main(client.get(f"/lines/{line.id}").text)
    assert "Does not answer" in _main(client.get("/lines").text)
    assert db.session.query(AuditEvent).filter_by(verb="line.checked").count() == 1


def test_asking_for_events_from_a_line_that_does_not_answer_tells_so(sign_in: SignIn, line: Line) -> None:
    response = sign_in("admin").post(f"/lines/{line.id}/subscribe", headers={"HX-Request": "true"})

    assert "could not be reached" in response.headers["HX-Trigger"]


@pytest.mark.parametrize(("path", "method"), [("", "GET"), ("/edit", "GET"), ("/edit", "POST"), ("/check", "POST"), ("/subscribe", "POST")])
def test_a_line_of_another_workspace_does_not_exist(app: Flask, sign_in: SignIn, line: Line, path: str, method: str) -> None:
    client = sign_in("admin")
    with transaction() as session:
        other = Workspace(id=new_id("wsp"), name="Globex", created_at=clock.now())
        session.add(other)
        session.flush()
        user = session.query(User).filter_by(email="admin@acme.example").one()
        session.add(Membership(workspace_id=other.id, user_id=user.id, role=Role.ADMIN))
    client.post(f"/account/workspaces/{other.id}")

    response = client.open(f"/lines/{line.id}{path}", method=method, data=FORM)

    assert response.status_code == 404
    assert "Simulator" not in response.text
    assert "Simulator" not in client.get("/lines").text


def test_without_lines_the_page_says_what_to_do_next(sign_in: SignIn) -> None:
    assert "Add a line" in _main(sign_in("admin").get("/lines").text)
    assert "An administrator can add one." in _main(sign_in("viewer").get("/lines").text)


def test_names_that_meta_tells_are_text_and_never_markup(sign_in: SignIn, line: Line) -> None:
    with transaction():
        row = db.session.get(Line, line.id)
        row.facts = {"status": "CONNECTED", "name": "<script>alert(1)</script>", "quality": "GREEN", "limit": "TIER_2K"}
        row.checked_at = clock.now()

    page = sign_in("viewer").get(f"/lines/{line.id}").text

    assert "<script>alert" not in page
    assert "2,000 people in 24 hours" in page


def test_with_script_a_refused_form_is_left_as_it_was_typed(sign_in: SignIn) -> None:
    response = sign_in("admin").post("/lines/new", data=FORM | {"phone_number_id": "abc"}, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert 'hx-target="#field-phone_number_id-error"' in response.text
    assert "number of 5 to 32 digits" in response.text
    assert "<form" not in response.text
    assert SECRETS["access_token"] not in response.text


def test_with_script_the_last_step_takes_the_place_of_the_form(sign_in: SignIn) -> None:
    response = sign_in("admin").post("/lines/new", data=FORM, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert '<hx-partial hx-target="#content"' in response.text
    assert "Step 4 of 4" in response.text
    assert "account_alerts" in response.text


def test_a_line_is_disabled_enabled_and_deleted_by_its_buttons(sign_in: SignIn) -> None:
    client = sign_in("admin")
    client.post("/lines/new", data=FORM)
    line_id = db.session.query(Line).filter_by(phone_number_id=FORM["phone_number_id"]).one().id
    client.post(f"/lines/{line_id}/disable")
    page = client.get(f"/lines/{line_id}").text
    assert "This line is disabled" in page and "Enable" in page and "Delete this line" in page
    client.post(f"/lines/{line_id}/enable")
    assert "This line is disabled" not in client.get(f"/lines/{line_id}").text
    assert client.post(f"/lines/{line_id}/remove").location.endswith("/lines")
    assert client.get(f"/lines/{line_id}").status_code == 404
