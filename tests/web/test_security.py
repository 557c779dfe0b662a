"""Headers of every answer, the cookie, cross-site requests, and templates that keep to the content security policy."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder import create_app
from flowbuilder.store.accounts import Role
from flowbuilder.web.policy import allow, policy_of
from flowbuilder.web.security import CONTENT_SECURITY_POLICY, HEADERS
from tests.web.routes import addresses

ROOT = Path(__file__).parents[2]
RENDERED_BEFORE = {"card.html | safe"}
"""The inside of a step's card: itself the work of a template that escapes, kept because equal cards are many."""
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The app with tokens asked for, as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def failing(app: Flask) -> Flask:
    """The app with a page that breaks, whose exceptions become answers."""

    @allow(None)
    def broken() -> str:
        raise RuntimeError("a secret detail")

    app.add_url_rule("/broken", "broken", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def _token(client: FlaskClient, path: str = "/workspace") -> str:
    page = BeautifulSoup(client.get(path).text, "html.parser")
    return page.find("meta", {"name": "csrf-token"})["content"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/signin", "GET", 200), ("/lines", "GET", 303), ("/nothing-here", "GET", 404), ("/signin", "DELETE", 405),
        ("/signin", "POST", 422), ("/broken", "GET", 500), ("/static/none.css", "GET", 404),
    ],
)  # fmt: skip
def test_every_answer_carries_the_headers(failing: Flask, path: str, method: str, status: int) -> None:
    response = failing.test_client().open(path, method=method)

    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert response.headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["/lines", "/people", "/account"])
def test_pages_of_people_are_not_kept_by_browsers(sign_in: Callable[..., FlaskClient], path: str) -> None:
    assert sign_in("admin").get(path).headers["Cache-Control"] == "no-store"


def test_the_policy_allows_nothing_inline_and_nothing_foreign() -> None:
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    for directive in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'"):
        assert directive in CONTENT_SECURITY_POLICY


def test_over_https_the_cookie_is_bound_to_the_host_and_browsers_stay_on_https(app: Flask) -> None:
    config = dataclasses.replace(app.extensions["flowbuilder"], public_url="https://flows.example")
    client = create_app(config).test_client()

    response = client.get("/signin", base_url="https://flows.example")

    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-flowbuilder=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert client.get("/signin", base_url="https://evil.example").status_code == 400


def test_without_https_the_cookie_is_still_hidden_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/signin").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_unforeseen_error_shows_the_number_of_the_request_and_nothing_of_itself(failing: Flask) -> None:
    response = failing.test_client().get("/broken", headers={"X-Request-ID": "abc-12345678"})

    assert "abc-12345678" in response.text
    assert "secret detail" not in response.text


def test_a_request_id_that_could_forge_log_lines_is_replaced(client: FlaskClient) -> None:
    response = client.get("/signin", headers={"X-Request-ID": "x" * 500})

    assert re.fullmatch("[0-9a-f]{16}", response.headers["X-Request-ID"])


def test_a_form_without_token_changes_nothing(guarded: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in("admin")

    assert client.post("/workspace", data={"name": "Taken"}).status_code == 403
    assert "Acme" in client.get("/workspace").text


def test_the_token_of_another_session_is_refused(guarded: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    foreign = _token(sign_in("admin"))

    assert sign_in("admin").post("/workspace", data={"name": "Taken", "csrf_token": foreign}).status_code == 403


@pytest.mark.parametrize("carried_by", ["field", "header"])
def test_the_right_token_lets_a_form_through(guarded: Flask, sign_in: Callable[..., FlaskClient], carried_by: str) -> None:
    client = sign_in("admin")
    token = _token(client)

    data = {"name": "Renamed"} | ({"csrf_token": token} if carried_by == "field" else {})
    response = client.post("/workspace", data=data, headers={"X-CSRFToken": token} if carried_by == "header" else {})

    assert response.status_code == 303
    assert "Renamed" in client.get("/workspace").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)  # fmt: skip
def test_another_site_changes_nothing_even_with_the_token(
    guarded: Flask, sign_in: Callable[..., FlaskClient], headers: dict[str, str]
) -> None:
    client = sign_in("admin")

    response = client.post("/workspace", data={"name": "Taken", "csrf_token": _token(client)}, headers=headers)

    assert response.status_code == 403


def test_every_unsafe_route_asks_for_the_token(guarded: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in(Role.ADMIN)

    for rule, method, path in addresses(guarded):
        if method != "GET" and policy_of(guarded, rule.endpoint).csrf:
            assert client.open(path, method=method).status_code == 403, f"{method} {rule}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_keeps_to_the_content_security_policy(path: Path) -> None:
    source = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S)

    assert not re.search(r"<script(?![^>]*\ssrc=)", source), "a script without src"
    assert not re.search(r"<style\b|\sstyle\s*=", source, re.I), "style within the page"
    assert not re.search(r"""[\s"']on[a-z]+\s*=\s*["']""", source), "an event handler as attribute"
    assert not re.search(r"hx-on|\bjs:|javascript:", source), "script in an attribute"
    assert set(re.findall(r"[\w.]+\s*\|\s*safe\b", source)) <= RENDERED_BEFORE, "text that is not escaped"
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", source), "a file from elsewhere"


def test_nothing_of_ours_is_evaluated_or_written_as_html() -> None:
    scripts = [path for path in (ROOT / "static" / "js").rglob("*.js")]

    for path in scripts:
        assert not re.search(r"\beval\(|new Function|document\.write|setAttribute\(.style", path.read_text()), path
