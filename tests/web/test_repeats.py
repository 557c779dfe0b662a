"""A form that is sent again leads to where it led the first time; one with other words is heard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.store import db
from flowbuilder.store.accounts import TestPhone
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.repeats import SentForm

ANN = {"phone": "+4915112345678", "name": "Ann"}


@pytest.fixture
def admin(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("admin")


def _mark(client: FlaskClient, path: str) -> dict[str, str]:
    return {"form_mark": BeautifulSoup(client.get(path).text, "html.parser").select_one("main input[name=form_mark]")["value"]}


def test_the_second_sending_leads_to_what_the_first_one_made(admin: FlaskClient) -> None:
    form = {"name": "Survey"} | _mark(admin, "/flows")
    first, second = (admin.post("/flows", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert db.session.query(FlowDraft).count() == 1


def test_the_same_page_may_be_used_for_something_else(admin: FlaskClient) -> None:
    mark = _mark(admin, "/test-phones")
    for form in (ANN, ANN | {"phone": "+4915187654321"}):
        assert admin.post("/test-phones", data=form | mark).status_code == 303
    assert db.session.query(TestPhone).count() == 2


def test_the_same_wish_from_a_page_that_was_opened_anew_is_a_new_wish(admin: FlaskClient) -> None:
    locations = {admin.post("/flows", data={"name": "Survey"} | _mark(admin, "/flows")).location for _ in range(2)}
    assert len(locations) == db.session.query(FlowDraft).count() == 2


def test_what_was_refused_may_be_sent_again(admin: FlaskClient) -> None:
    mark = _mark(admin, "/test-phones")
    assert admin.post("/test-phones", data=ANN | mark | {"phone": "12"}).status_code == 422
    assert admin.post("/test-phones", data=ANN | mark).status_code == 303
    assert db.session.query(SentForm).count() == 1


def test_what_failed_after_all_may_be_tried_again(admin: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    form = ANN | _mark(admin, "/test-phones")
    with monkeypatch.context() as patch:
        patch.setattr("flowbuilder.web.accounts.workspace.flash", lambda *_: 1 / 0)
        assert admin.post("/test-phones", data=form).status_code == 500
    assert db.session.query(SentForm).count() == 0
    assert admin.post("/test-phones", data=form).status_code == 422
