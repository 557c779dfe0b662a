"""Words typed in answer to an initial message, which WhatsApp sends without saying what they answer."""

from __future__ import annotations

from datetime import timedelta

from flowbuilder import clock
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import deliver, single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.sending import Message
from tests import worlds

_WA_ID = "4915112345678"


def _opener(line: Line, *, with_flow: bool = True) -> Message:
    version = worlds.version(line).id if with_flow else None
    template = worlds.template(line).id
    row = single.send(
        line.workspace_id, template, f"+{_WA_ID}", {"first_name": "Ann"}, version_id=version, user_id=None, client_key=template
    )
    deliver.one(row.id)
    return worlds.reload(row)


def _types(line: Line, text: str, wamid: str = "wamid.t1") -> None:
    body = worlds.said_to_us(wamid, wa_id=_WA_ID, text={"body": text})
    intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def test_the_typed_label_of_the_button_counts_as_the_button(here: Line) -> None:
    opener = _opener(here)
    _types(here, " continue ")

    row = worlds.conversation_of(opener)
    assert row is not None and row.state["node"] != "n1"
    assert worlds.reload(opener).answered_at is not None


def test_other_words_are_asked_once_more_with_both_options(here: Line) -> None:
    opener = _opener(here)
    _types(here, "who are you?")

    row = worlds.conversation_of(opener)
    assert row is not None
    said = db.session.query(Message).filter_by(conversation_id=row.id, direction="out", kind="buttons").one()
    assert [button["title"] for button in said.content["buttons"]] == ["Continue", "Cancel"]
    assert db.session.query(Message).filter_by(conversation_id=row.id, direction="in").count() == 1


def test_words_after_a_message_without_a_flow_start_nothing(here: Line) -> None:
    _opener(here, with_flow=False)
    _types(here, "Continue")

    assert db.session.query(Conversation).count() == 0


def test_words_a_day_later_start_nothing(here: Line) -> None:
    _opener(here)
    with clock.shifted(timedelta(hours=25)):
        _types(here, "Continue")

    assert db.session.query(Conversation).count() == 0
