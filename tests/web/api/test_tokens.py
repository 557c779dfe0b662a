"""API tokens: made and revoked on their page, checked with each call."""

from __future__ import annotations

import hashlib
import random
import string
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core.scope import Scope
from flowbuilder.services.api import throttle, tokens
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Role
from flowbuilder.store.api import ApiToken
from flowbuilder.web.policy import policy_of
from tests.web.api.conftest import Program
from tests.web.routes import addresses

SignIn = Callable[..., FlaskClient]
_FORM = {"name": "Order system", "days": "90", "scopes": ["lines:read", "outbounds:write"]}


def _made(client: FlaskClient, **changes: object) -> str:
    page = BeautifulSoup(client.post("/api/tokens/new", data={**_FORM, **changes}).text, "html.parser")
    return page.select_one("[data-copy]")["data-copy"]


def test_a_token_is_shown_once_and_opens_what_was_chosen(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in("admin")

    token = _made(admin)

    assert token not in admin.get("/api/tokens").text
    assert Program(app, token)("GET", "/lines").status_code == 200
    assert Program(app, token)("GET", "/outbounds").status_code == 403


def test_a_token_lasts_ninety_days_unless_said(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("admin").get("/api/tokens/new").text, "html.parser")

    assert page.find("option", selected=True)["value"] == "90"


def test_only_a_hash_of_the_token_is_kept(app: Flask, sign_in: SignIn, database_url: str) -> None:
    token = _made(sign_in("admin"))

    row = db.session.query(ApiToken).one()
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert row.shown == f"wfd_…{token[-4:]}"
    kept = [str(value) for value in vars(row).values()] + [event.text for event in db.session.query(AuditEvent)]
    assert not any(token in value for value in kept)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter a name"), ({"scopes": []}, "Choose at least one thing"), ({"days": "9999"}, "Choose how long"),
        ({"scopes": ["everything"]}, "Choose at least one thing"),
    ],
)  # fmt: skip
def test_a_form_that_lacks_something_says_so_and_keeps_the_rest(sign_in: SignIn, changes: dict[str, object], sentence: str) -> None:
    response = sign_in("admin").post("/api/tokens/new", data={**_FORM, **changes})

    assert response.status_code == 422
    assert sentence in response.text
    assert db.session.query(ApiToken).count() == 0


def test_a_revoked_token_is_refused_at_the_next_call(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in("admin")
    call = Program(app, _made(admin))
    assert call("GET", "/lines").status_code == 200

    admin.post(f"/api/tokens/{db.session.query(ApiToken).one().id}/revoke")

    assert call("GET", "/lines").status_code == 401
    assert {"token.created", "token.revoked"} <= {event.verb for event in db.session.query(AuditEvent)}


def test_a_token_whose_time_is_over_is_refused(app: Flask, call: Program) -> None:
    db.session.query(ApiToken).update({"expires_at": clock.now() - timedelta(seconds=1)})
    db.session.commit()

    assert call("GET", "/lines").status_code == 401


def test_the_last_use_is_noted(call: Program) -> None:
    call("GET", "/lines")

    assert clock.now() - db.session.query(ApiToken).one().last_used_at < timedelta(minutes=1)


def test_ten_thousand_guesses_open_nothing(app: Flask, call: Program) -> None:
    seed = random.Random(7)
    letters = string.ascii_letters + string.digits
    guesses = ["wfd_" + "".join(seed.choices(letters, k=49)) for _ in range(9_000)] + [tokens.make() for _ in range(1_000)]

    assert [guess for guess in guesses if tokens.find(guess)] == []
    assert sum(tokens.is_well_formed(guess) for guess in guesses[:9_000]) == 0


def test_a_token_with_one_wrong_character_is_known_for_wrong_without_a_look_into_the_database() -> None:
    token = tokens.make()

    assert tokens.is_well_formed(token)
    for at in range(4, len(token)):
        other = "a" if token[at] != "a" else "b"
        assert not tokens.is_well_formed(token[:at] + other + token[at + 1 :])


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer wfd_", f"Bearer {'5f' * 30}", "wfd_x", "Bearer \xff"])
def test_a_call_without_a_valid_token_is_told_how_to_send_one(client: FlaskClient, sent: str) -> None:
    response = client.get("/api/v1/lines", headers={"Authorization": sent} if sent else {})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in response.json["detail"]


@pytest.mark.parametrize("role", list(Role))
def test_a_cookie_opens_nothing_of_the_api(app: Flask, sign_in: SignIn, role: str) -> None:
    client = sign_in(role)

    for rule, method, path in addresses(app):
        if rule.rule.startswith("/api/v1/"):
            assert client.open(path, method=method).status_code == 401, f"{method} {rule}"


def test_each_scope_opens_exactly_its_operations(app: Flask, program: Callable[..., Program]) -> None:
    for endpoint in list(app.view_functions):
        if endpoint.startswith("api."):
            policy = policy_of(app, endpoint)

            def stub(**_: object) -> str:
                return "reached"

            stub.policy = policy  # type: ignore[attr-defined]
            app.view_functions[endpoint] = stub
    for scope in Scope:
        token = program(scope).token
        for rule, method, path in addresses(app):
            if not rule.endpoint.startswith("api."):
                continue
            response = app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {token}"})
            assert response.status_code == (200 if policy_of(app, rule.endpoint).scope == scope else 403), f"{method} {rule} with {scope}"


def test_what_a_token_does_stands_in_the_audit_log_under_its_name(line: object, call: Program, sign_in: SignIn) -> None:
    body = {"line_id": line.id, "name": "Order ready", "category": "UTILITY", "language": "en_US"}
    call("POST", "/outbounds", json=body)

    event = db.session.query(AuditEvent).filter_by(verb="outbound.created").one()
    assert event.through == "Order system"
    page = sign_in("admin").get("/audit-log")
    assert "by the API token Order system" in page.text
    assert db.session.query(AuditEvent).filter(AuditEvent.through != "").count() == 1


def test_too_many_calls_are_told_to_wait(redis_url: str, monkeypatch: pytest.MonkeyPatch, call: Program) -> None:
    monkeypatch.setattr(throttle, "PER_MINUTE", 5)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)

    answers = [call("GET", "/lines") for _ in range(7)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_without_a_queue_server_calls_are_not_counted(monkeypatch: pytest.MonkeyPatch, call: Program) -> None:
    monkeypatch.setattr(throttle, "PER_MINUTE", 1)

    assert [call("GET", "/lines").status_code for _ in range(3)] == [200] * 3
