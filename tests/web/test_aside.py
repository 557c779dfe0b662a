"""What could not be taken in, and what came too late: both are shown to people who can do something about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Line
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Message
from tests import worlds


@pytest.fixture
def here(line: Line, redis_url: str) -> Line:
    return worlds.seal(line)


def _told(line: Line, body: bytes) -> None:
    intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def _page(client: FlaskClient, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).text, "html.parser")


def test_events_that_were_set_aside_are_shown_with_their_reason_and_words(here: Line, sign_in: Callable[..., FlaskClient]) -> None:
    _told(here, b"<b>no JSON</b>")
    admin = sign_in("admin")
    assert "1 that could not be taken in" in _page(admin, f"/lines/{here.id}").text
    page = _page(admin, f"/lines/{here.id}/webhooks")
    assert page.select_one("pre").text == "<b>no JSON</b>"
    assert "not a JSON object" in page.select_one("tbody .main-cell").text


def test_they_can_be_tried_again_or_deleted(here: Line, sign_in: Callable[..., FlaskClient]) -> None:
    _told(here, b"nonsense")
    admin, address = sign_in("admin"), f"/lines/{here.id}/webhooks"
    assert "1 event is tried once more." in admin.post(f"{address}/retry", follow_redirects=True).text
    assert db.session.query(Webhook).one().status == "pending"
    apply.run()
    db.session.rollback()
    assert db.session.query(Webhook).one().status == "dead"
    assert "Nothing is set aside" in admin.post(f"{address}/drop", follow_redirects=True).text
    assert db.session.query(Webhook).count() == 0
    assert {event.verb for event in db.session.query(AuditEvent)} >= {"webhooks.retried", "webhooks.dropped"}


def test_only_admins_see_them(here: Line, sign_in: Callable[..., FlaskClient]) -> None:
    assert sign_in("designer").get(f"/lines/{here.id}/webhooks").status_code == 403


def test_what_came_too_late_is_listed_until_somebody_takes_care(here: Line, sign_in: Callable[..., FlaskClient]) -> None:
    _told(here, worlds.said_to_us("in1", text={"body": "Are you open?"}, ago=3600))
    _told(here, worlds.said_to_us("in2", wa_id="4915100000002", text={"body": "Hello"}, ago=60))
    tester = sign_in("tester")
    assert "1 message was missed while offline" in _page(tester, "/conversations").text
    page = _page(tester, "/conversations/missed")
    assert [row.select("td")[1].text for row in page.select("tbody tr")] == ["Are you open?"]
    tester.post(page.select_one("tbody form")["action"])
    assert "Nothing was missed" in _page(tester, "/conversations/missed").text
    assert "missed while offline" not in _page(tester, "/conversations").text
    assert db.session.query(Message).filter_by(direction="in").count() == 2


def test_all_of_it_can_be_taken_off_at_once_but_not_by_viewers(here: Line, sign_in: Callable[..., FlaskClient]) -> None:
    for number in range(3):
        _told(here, worlds.said_to_us(f"in{number}", text={"body": "Hi"}, ago=86400 * number + 3600))
    assert sign_in("viewer").post("/conversations/missed/seen").status_code == 403
    assert "Nothing was missed" in sign_in("tester").post("/conversations/missed/seen", follow_redirects=True).text
