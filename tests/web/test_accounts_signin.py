"""The ways in and out as a browser sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.services import accounts
from flowbuilder.store import db
from flowbuilder.store.accounts import SigninFailure, User, UserSession

PASSWORD = "the kettle sings at nine"
BROWSER = {"Sec-Fetch-Dest": "document"}


@pytest.fixture
def link(app: Flask) -> str:
    """The path that a first start prints."""
    return accounts.first_start(app.extensions["flowbuilder"])


@pytest.fixture
def inside(app: Flask, link: str) -> FlaskClient:
    """A browser that came in by the link and chose a password."""
    client = app.test_client()
    client.get(link, headers=BROWSER)
    client.post("/password", data={"password": PASSWORD})
    return client


def _sign_in(client: FlaskClient, password: str = PASSWORD, **fields: str):
    return client.post("/signin", data={"email": "admin@example.com", "password": password, **fields})


def test_one_click_on_the_printed_link_leads_inside_and_asks_for_a_password(client: FlaskClient, link: str) -> None:
    response = client.get(link, headers=BROWSER)

    assert response.location == "/password"
    page = BeautifulSoup(client.get("/password").text, "html.parser")
    assert page.h1.text == "Choose a password"
    assert page.find("a", string=lambda text: text and "Do this later" in text)


def test_the_link_works_once(app: Flask, client: FlaskClient, link: str) -> None:
    client.get(link, headers=BROWSER)

    response = app.test_client().get(link, headers=BROWSER)

    assert response.status_code == 404
    assert "used already" in response.text


def test_looking_ahead_at_the_link_does_not_use_it_up(client: FlaskClient, link: str) -> None:
    client.head(link)
    preview = client.get(link)

    assert "It works once." in preview.text
    assert client.get("/lines").status_code == 303
    assert client.post(link).location == "/password"
    assert client.get("/lines").status_code == 200


@pytest.mark.parametrize("password", ["short", "password1234", "admin@example.com"])
def test_a_weak_password_is_refused_beside_its_field(client: FlaskClient, link: str, password: str) -> None:
    client.get(link, headers=BROWSER)

    response = client.post("/password", data={"password": password})

    field = BeautifulSoup(response.text, "html.parser").find("input", {"name": "password"})
    assert response.status_code == 422
    assert field["aria-invalid"] == "true"
    assert not db.session.query(User).one().password_hash


def test_with_the_password_one_gets_in_again(app: Flask, inside: FlaskClient) -> None:
    client = app.test_client()

    response = _sign_in(client)

    assert response.status_code == 303
    assert client.get("/account").status_code == 200


def test_a_wrong_password_shows_the_form_again_with_the_address_kept(inside: FlaskClient, client: FlaskClient) -> None:
    response = _sign_in(client, "something else entirely")

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert "E-mail or password is wrong" in page.find(role="alert").text
    assert page.find("input", {"name": "email"})["value"] == "admin@example.com"
    assert "something else" not in response.text


def test_guessing_is_answered_429_but_not_for_the_browser_of_the_owner(inside: FlaskClient, client: FlaskClient) -> None:
    inside.post("/signout")
    for _ in range(10):
        _sign_in(client, "something else entirely")

    assert _sign_in(client).status_code == 429
    assert _sign_in(inside).status_code == 303
    assert db.session.query(SigninFailure).count() == 10


def test_a_forged_device_cookie_is_worth_nothing(inside: FlaskClient, client: FlaskClient) -> None:
    client.set_cookie("flowbuilder_device", '["known", "forged"]')
    for _ in range(10):
        _sign_in(client, "something else entirely")

    assert _sign_in(client).status_code == 429


def test_signing_in_renames_the_session_that_was_there(app: Flask, inside: FlaskClient, client: FlaskClient) -> None:
    client.get("/signin")
    with client.session_transaction() as cookie:
        planted = cookie["planted"] = "by somebody else"
        before = cookie["csrf_token"]

    _sign_in(client)
    client.get("/account")

    with client.session_transaction() as cookie:
        assert planted not in cookie.values()
        assert cookie["csrf_token"] != before


def test_signing_out_ends_the_session_for_good(app: Flask, inside: FlaskClient) -> None:
    with inside.session_transaction() as cookie:
        old = dict(cookie)

    assert inside.post("/signout").location == "/signin"

    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(old)
    assert thief.get("/account").status_code == 303
    assert db.session.query(UserSession).count() == 0


def test_another_browser_is_signed_out_from_the_account_page(app: Flask, inside: FlaskClient) -> None:
    other = app.test_client()
    _sign_in(other)
    page = BeautifulSoup(inside.get("/account").text, "html.parser")
    forms = [form for form in page.find_all("form") if "/sessions/" in form.get("action", "")]

    assert len(forms) == 1
    inside.post(forms[0]["action"])

    assert other.get("/account").status_code == 303
    assert inside.get("/account").status_code == 200


def test_changing_the_password_signs_other_browsers_out(app: Flask, inside: FlaskClient) -> None:
    other = app.test_client()
    _sign_in(other)

    inside.post("/password", data={"current": PASSWORD, "password": "nine kettles sing at dawn"})

    assert other.get("/account").status_code == 303
    assert inside.get("/account").status_code == 200


_ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/a\r\nSet-Cookie: x",
    "evil",
    "",
    "/a\\..\\b",
    "\t//evil",
)


@pytest.mark.parametrize(
    ("target", "lands"), [("/lines?x=1", "/lines?x=1"), ("/%2F/x", "/%2F/x"), *((target, "/") for target in _ELSEWHERE)]
)
def test_after_sign_in_one_lands_on_a_page_of_ours_only(inside: FlaskClient, client: FlaskClient, target: str, lands: str) -> None:
    assert _sign_in(client, next=target).location == lands


def test_fields_that_the_form_does_not_have_are_ignored(inside: FlaskClient) -> None:
    inside.post("/account", data={"name": "New name", "email": "other@example.com", "id": "x", "role": "viewer", "password_hash": "x"})

    user = db.session.query(User).one()
    assert (user.name, user.email) == ("New name", "admin@example.com")
    assert user.password_hash.startswith("$argon2id$")


def test_who_is_signed_in_skips_the_sign_in_page(sign_in: Callable[..., FlaskClient]) -> None:
    assert sign_in("viewer").get("/signin").location == "/"
