"""People, workspace, test phones and audit log as pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Membership, Role, TestPhone, User, Workspace

SignIn = Callable[..., FlaskClient]


def _id(role: str) -> str:
    return db.session.query(User).filter_by(email=f"{role}@acme.example").one().id


def _text(client: FlaskClient, path: str) -> str:
    return " ".join(BeautifulSoup(client.get(path).text, "html.parser").main.text.split())


def test_the_list_shows_every_member_with_their_role(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("admin").get("/people").text, "html.parser")

    roles = {row.small.text.split(" ")[0]: row.find("option", selected=True).text for row in page.select("tbody tr")}
    assert roles == {f"{role}@acme.example": role.title() for role in Role}


def test_an_invitation_shows_a_link_once_that_leads_the_new_person_inside(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in("admin")

    page = BeautifulSoup(
        admin.post("/people/invite", data={"name": "New", "email": "new@acme.example", "role": "tester"}).text, "html.parser"
    )
    link = page.select_one("[data-copy]")["data-copy"]

    assert link.startswith("http://127.0.0.1:8000/signin/link/")
    assert link.rsplit("/", 1)[1] not in admin.get("/people").text
    newcomer = app.test_client()
    newcomer.post(link.removeprefix("http://127.0.0.1:8000"))
    assert "tester of Acme" in _text(newcomer, "/account")


def test_a_role_that_does_not_exist_is_refused(sign_in: SignIn) -> None:
    response = sign_in("admin").post(f"/people/{_id('viewer')}/role", data={"role": "owner"})

    assert response.status_code == 422
    assert db.session.query(Membership).filter_by(user_id=_id("viewer")).one().role == "viewer"


def test_a_changed_role_is_saved(sign_in: SignIn) -> None:
    response = sign_in("admin").post(f"/people/{_id('viewer')}/role", data={"role": "designer"})

    assert response.status_code == 303
    assert db.session.query(Membership).filter_by(user_id=_id("viewer")).one().role == "designer"


def test_removing_the_last_administrator_is_refused_with_the_reason(sign_in: SignIn) -> None:
    response = sign_in("admin").post(f"/people/{_id('admin')}/remove")

    assert response.status_code == 409
    assert "only administrator" in response.text


@pytest.mark.parametrize("deed", ["role", "remove", "link"])
def test_people_of_another_workspace_do_not_exist_here(sign_in: SignIn, deed: str) -> None:
    with transaction() as session:
        other = Workspace(id=new_id("wsp"), name="Globex", created_at=clock.now())
        user = User(id=new_id("usr"), email="boss@globex.example", created_at=clock.now())
        session.add_all([other, user])
        session.flush()
        session.add(Membership(workspace_id=other.id, user_id=user.id, role=Role.ADMIN))

    assert sign_in("admin").post(f"/people/{user.id}/{deed}", data={"role": "viewer"}).status_code == 404


def test_a_test_phone_is_kept_as_the_world_writes_it(sign_in: SignIn) -> None:
    response = sign_in("designer").post("/test-phones", data={"phone": "+49 (0)151 2345-6789", "name": "Ann"})

    assert response.status_code == 303
    assert db.session.query(TestPhone).one().phone == "+4915123456789"


@pytest.mark.parametrize("phone", ["", "12345", "+49 1", "not a phone", "+999 12345678"])
def test_what_is_no_phone_is_refused_in_words_and_kept_in_the_field(sign_in: SignIn, phone: str) -> None:
    response = sign_in("designer").post("/test-phones", data={"phone": phone, "name": "Ann"})

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert page.select_one("#field-phone-error").text.strip()
    assert page.find("input", {"name": "phone"})["value"] == phone


def test_a_phone_is_listed_once_and_can_be_removed(sign_in: SignIn) -> None:
    client = sign_in("designer")
    client.post("/test-phones", data={"phone": "+4915123456789", "name": "Ann"})

    assert client.post("/test-phones", data={"phone": "+49 151 23456789", "name": "Again"}).status_code == 422
    client.post(f"/test-phones/{db.session.query(TestPhone).one().id}/remove")
    assert db.session.query(TestPhone).count() == 0


def test_the_audit_log_tells_who_did_what(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    admin.post("/workspace", data={"name": "Acme Two"})
    admin.post(f"/people/{_id('viewer')}/role", data={"role": "designer"})

    text = _text(admin, "/audit-log")
    assert "The workspace is now called Acme Two." in text
    assert "viewer became designer" in text
    assert "Admin" in text


@pytest.mark.parametrize("page", ["0", "-3", "99999999", "x"])
def test_a_page_that_the_log_does_not_have_shows_the_nearest(sign_in: SignIn, page: str) -> None:
    admin = sign_in("admin")
    admin.post("/workspace", data={"name": "Acme Two"})

    assert "Acme Two" in _text(admin, f"/audit-log?page={page}")


def test_names_of_people_are_text_and_never_markup(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    admin.post("/account", data={"name": "<img src=x onerror=alert(1)>"})

    for path in ("/people", "/account", "/audit-log"):
        assert BeautifulSoup(admin.get(path).text, "html.parser").find("img") is None
