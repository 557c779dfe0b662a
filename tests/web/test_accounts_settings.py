"""What admins set for their workspace: the rules for messages in doubt."""

from __future__ import annotations

from collections.abc import Callable

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.services.accounts import workspaces
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Workspace

RULES = {
    "MARKETING_minutes": "60", "MARKETING_then": "list", "UTILITY_minutes": "5", "UTILITY_then": "list",
    "AUTHENTICATION_minutes": "10", "AUTHENTICATION_then": "list", "SERVICE_minutes": "2", "SERVICE_then": "resend",
}  # fmt: skip


def test_the_page_shows_the_defaults_at_first(sign_in: Callable[..., FlaskClient]) -> None:
    page = BeautifulSoup(sign_in("admin").get("/workspace").text, "html.parser")
    shown = {field["name"]: field["value"] for field in page.select(".doubts input[name$=_minutes]")}
    chosen = {field["name"]: field.find("option", selected=True)["value"] for field in page.select(".doubts select")}
    assert shown == {"MARKETING_minutes": "15", "UTILITY_minutes": "15", "AUTHENTICATION_minutes": "10", "SERVICE_minutes": "2"}
    assert chosen == {"MARKETING_then": "list", "UTILITY_then": "resend", "AUTHENTICATION_then": "list", "SERVICE_then": "resend"}


def test_saved_rules_hold_and_are_written_down(sign_in: Callable[..., FlaskClient], workspace: Workspace) -> None:
    assert sign_in("admin").post("/workspace/doubts", data=RULES).status_code == 303
    db.session.rollback()
    rules = workspaces.doubts(workspace.id)
    assert (rules["MARKETING"].minutes, rules["UTILITY"].minutes, rules["UTILITY"].then) == (60, 5, "list")
    (event,) = db.session.query(AuditEvent).filter_by(verb="workspace.doubts")
    assert "utility 5 min then list" in event.text


def test_a_wait_that_is_none_gets_a_sentence_at_its_place_and_nothing_is_lost(sign_in: Callable[..., FlaskClient]) -> None:
    response = sign_in("admin").post("/workspace/doubts", data=RULES | {"UTILITY_minutes": "soon"})
    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert "whole number from 1 to 10080" in page.select_one("[data-field=UTILITY_minutes] .field-error").text
    assert page.select_one("input[name=MARKETING_minutes]")["value"] == "60"


def test_only_admins_set_them(sign_in: Callable[..., FlaskClient]) -> None:
    assert sign_in("designer").post("/workspace/doubts", data=RULES).status_code == 403
