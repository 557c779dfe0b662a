"""Several numbers behind one address: what a webhook says goes to the line that it names, and to no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Message
from tests import worlds

_OTHER = "3000000000000002"


@pytest.fixture
def here(line: Line) -> Line:
    return worlds.seal(line)


def _line(like: Line, **values: Any) -> Line:
    same = {
        name: getattr(like, name)
        for name in ("workspace_id", "base_url", "waba_id", "app_id", "app_secret", "access_token", "verify_token")
    }
    row = Line(
        id=new_id("lin"),
        name="Second",
        display_number="+1 555-010-0002",
        created_at=clock.now(),
        **{**same, "phone_number_id": _OTHER, **values},
    )
    db.session.add(row)
    db.session.commit()
    return row


def _tell(line: Line, body: bytes) -> None:
    intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def _accepted(line: Line, wamid: str) -> Message:
    batch = worlds.batch(line, worlds.template(line), 1)
    row = db.session.query(Message).filter_by(batch_id=batch.id).one()
    row.status, row.wamid = "accepted", wamid
    db.session.commit()
    return row


@pytest.mark.parametrize("differs", [{"app_id": "7"}, {"waba_id": "7"}])
def test_a_message_goes_to_the_line_that_it_names(here: Line, differs: dict[str, str]) -> None:
    second = _line(here, **differs)
    _tell(here, worlds.said_to_us("w1", to=_OTHER, text={"body": "Hi"}))
    assert db.session.query(Message).one().line_id == second.id
    assert worlds.reload(second).last_webhook_at is not None


def test_a_status_goes_to_the_line_that_it_names(here: Line) -> None:
    second = _line(here)
    row = _accepted(second, "wamid.second")
    _tell(here, worlds.status("wamid.second", "delivered", number_id=_OTHER))
    assert worlds.reload(row).status == "delivered"


def test_what_is_about_no_line_of_ours_is_set_aside_with_a_sentence(here: Line) -> None:
    row = _accepted(here, "wamid.first")
    _tell(here, worlds.said_to_us("w1", to="999", text={"body": "Hi"}))
    _tell(here, worlds.status("wamid.first", "delivered", number_id="999"))
    assert worlds.reload(row).status == "accepted"
    assert db.session.query(Message).filter_by(direction="in").count() == 0
    aside = db.session.query(Webhook).all()
    assert [each.status for each in aside] == ["dead", "dead"]
    assert all("number with the id 999" in each.error for each in aside)


@pytest.mark.parametrize("differs", [{"app_id": "7", "waba_id": "7"}, {"workspace_id": "wsp_other"}], ids=["account", "workspace"])
def test_a_number_elsewhere_is_not_reached_through_this_address(here: Line, differs: dict[str, str]) -> None:
    db.session.add(Workspace(id="wsp_other", name="Globex", created_at=clock.now()))
    db.session.commit()
    _line(here, **differs)
    _tell(here, worlds.said_to_us("w1", to=_OTHER, text={"body": "Hi"}))
    assert db.session.query(Message).count() == 0
    assert db.session.query(Webhook).one().status == "dead"


def test_the_rest_of_a_post_is_applied_all_the_same(here: Line) -> None:
    theirs, ours = (
        json.loads(worlds.said_to_us(wamid, to=to, text={"body": "Hi"})) for wamid, to in (("a", "999"), ("b", worlds.NUMBER_ID))
    )
    theirs["entry"] += ours["entry"]
    _tell(here, json.dumps(theirs).encode())
    assert db.session.query(Message).one().wamid == "b"
    assert db.session.query(Webhook).one().status == "dead"


def test_a_review_of_an_account_that_we_do_not_have_changes_nothing(here: Line) -> None:
    template = worlds.template(here)
    value = {"message_template_name": template.wire_name, "message_template_language": "en_US", "event": "DISABLED"}
    change = {"field": "message_template_status_update", "value": value}
    for account, status in (("999", "approved"), (here.waba_id, "disabled")):
        _tell(here, json.dumps({"entry": [{"id": account, "changes": [change]}]}).encode())
        assert worlds.reload(template).status == status
