"""Attributes of contacts: set by a turn in its own transaction, known to the next one, and taken from files."""

from __future__ import annotations

import io

import pytest

from flowbuilder.services.contacts import attributes as service
from flowbuilder.services.contacts import importing
from flowbuilder.services.conversations import turns
from flowbuilder.store import attributes, db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.sending import Message
from tests import worlds

pytestmark = pytest.mark.database
_WA_ID = "4915112345678"
_CITY = worlds.flow(
    ("n1", "user_sends_it", {"phrases": [{"id": "p1", "text": "hi"}], "line": None}),
    ("n2", "open_question", {"text": "From {{contact.city}}, {{contact.plan}}?", "answer": "text", "variable": "town", "tries": 1,
                             "retry_text": ""}),
    ("n3", "set_variable", {"variable": "contact.city", "type": "text", "value": "{{town}}"}),
    ("n4", "finish", {"outcome": "success", "text": "{{contact.city}}, {{contact.plan}}"}),
    edges=(("n1", "next", "n2"), ("n2", "answered", "n3"), ("n2", "otherwise", "n3"), ("n3", "next", "n4")),
)  # fmt: skip


def _said() -> list[str]:
    db.session.rollback()
    return [row.content["body"] for row in db.session.query(Message).filter_by(direction="out", kind="text").order_by(Message.id)]


def test_what_a_flow_keeps_of_a_person_the_next_conversation_knows(here: Line) -> None:
    worlds.published(here, _CITY)
    for at, word in enumerate(("hi", "Lima", "hi")):
        worlds.hear(here, f"w{at}", wa_id=_WA_ID, text={"body": word})
    assert _said() == ["From , ?", "Lima, ", "From Lima, ?"]
    assert attributes.of(db.session, db.session.query(Contact).one().id) == {"city": "Lima"}
    assert attributes.names(here.workspace_id) == ["city"] and attributes.names("wsp_other") == []


def test_a_change_by_hand_is_known_to_a_conversation_under_way(here: Line) -> None:
    worlds.published(here, _CITY)
    worlds.hear(here, "w1", wa_id=_WA_ID, text={"body": "hi"})
    service.set_by_hand(db.session.query(Contact).one(), {"plan": "Gold"}, user_id=None)
    worlds.hear(here, "w2", wa_id=_WA_ID, text={"body": "Lima"})
    assert _said()[-1] == "Lima, Gold"


def test_a_turn_that_is_not_committed_leaves_no_attribute(here: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.published(here, _CITY)
    worlds.hear(here, "w1", wa_id=_WA_ID, text={"body": "hi"})
    with monkeypatch.context() as broken:
        broken.setattr(turns, "_ask", lambda *_: 1 / 0)
        worlds.hear(here, "w2", wa_id=_WA_ID, text={"body": "Lima"})
    db.session.rollback()
    assert attributes.of(db.session, db.session.query(Contact).one().id) == {}
    assert db.session.query(Conversation).one().status == "in_progress"


def test_columns_of_a_file_become_attributes_where_they_say_so_or_somebody_does(workspace: Workspace) -> None:
    file = b"phone,attribute: City,Customer number,Colour\n+4915100000001,Lima,77,red\n+4915100000002,,78,blue\n"
    made = importing.create(workspace.id, file=io.BytesIO(file), file_name="people.csv", user_id=None)
    importing.run(made.id)
    assert importing.find(workspace.id, made.id).others == ["Customer number", "Colour"]
    importing.keep_columns(workspace.id, made.id, ["Customer number"])
    importing.run(made.id)
    importing.start(workspace.id, made.id, user_id=None)
    importing.run(made.id)
    db.session.rollback()
    known = [attributes.of(db.session, one.id) for one in db.session.query(Contact).order_by(Contact.phone)]
    assert known == [{"city": "Lima", "customer_number": "77"}, {"customer_number": "78"}]
