"""Conversations with people: who has one, what leaves through the outbox, and how the flow goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.consent import Consent, ConsentSource
from flowbuilder.core.run import Input, InputKind
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import transaction
from flowbuilder.services.contacts import consent
from flowbuilder.services.conversations import handovers, turns
from flowbuilder.services.inbound import apply
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.handovers import Handover
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub

_WA_ID = "4915112345678"
_HELP = {"id": "n2", "kind": "hand_over", "data": {"note": "Wants {{first_name}}.", "text": "Somebody comes.", "after": 86400}}
_END = {"id": "n3", "kind": "finish", "data": {"outcome": "success", "text": "Goodbye."}}
_EDGES = [("n1", "continue", "n2"), ("n2", "given_back", "n3")]


def document(*nodes: dict[str, Any], edges: list[tuple[str, str, str]]) -> dict[str, Any]:
    start = {"id": "n1", "kind": "you_send_it", "data": {}}
    return {
        "schema": 1, "name": "Help", "nodes": [start, *nodes],
        "edges": [dict(zip(("source", "port", "target"), edge, strict=True)) for edge in edges],
    }  # fmt: skip


@pytest.fixture
def begun(here: Line, meta: Stub) -> Callable[..., Conversation]:
    """Call it with a flow: a conversation that has gone past its opening."""

    def begin(flow: dict[str, Any]) -> Conversation:
        return worlds.begin(here, flow, _WA_ID)

    return begin


def hear(line: Line, wamid: str, **what: Any) -> None:
    worlds.hear(line, wamid, wa_id=_WA_ID, **what)


@pytest.fixture
def handed(begun: Callable[..., Conversation]) -> Handover:
    begun(document(_HELP, _END, edges=_EDGES))
    return db.session.query(Handover).one()


def texts(meta: Stub) -> list[str]:
    apply.run()
    db.session.rollback()
    return [sent["text"]["body"] for sent in meta.seen if sent["type"] == "text"]


def status() -> str:
    db.session.rollback()
    return db.session.query(Conversation).one().status


def silent_for(hours: float) -> None:
    with transaction() as session:
        session.query(Contact).update({"last_heard_at": clock.now() - timedelta(hours=hours)})


@pytest.mark.database
def test_a_colleague_answers_and_gives_back(handed: Handover, here: Line, ann: str, meta: Stub) -> None:
    hear(here, "w2", text={"body": "It is urgent"})
    assert texts(meta) == ["Somebody comes."]
    row = db.session.query(Handover).one()
    assert (row.note, row.is_unread, status()) == ("Wants Ann.", True, "with_person")
    handovers.take(here.workspace_id, handed.id, user_id=ann)
    handovers.keep_draft(here.workspace_id, handed.id, "How can", user_id=ann)
    handovers.reply(here.workspace_id, handed.id, "How can I help?", user_id=ann, client_key="a")
    handovers.reply(here.workspace_id, handed.id, "How can I help?", user_id=ann, client_key="a")
    handovers.give_back(here.workspace_id, handed.id, user_id=ann)
    assert texts(meta) == ["Somebody comes.", "How can I help?", "Goodbye."]
    row = db.session.query(Handover).one()
    assert (status(), row.draft, row.ended_at is None) == ("finished", "", False)
    with pytest.raises(Conflict, match="no longer with a person"):
        handovers.reply(here.workspace_id, handed.id, "One more", user_id=ann, client_key="b")


def test_two_take_it_and_the_second_is_told_who_has_it(handed: Handover, here: Line, ann: str, ben: str) -> None:
    handovers.take(here.workspace_id, handed.id, user_id=ann)
    with pytest.raises(Conflict, match="took it a moment ago"):
        handovers.take(here.workspace_id, handed.id, user_id=ben)
    with pytest.raises(Conflict, match="has this conversation now"):
        handovers.reply(here.workspace_id, handed.id, "Hello", user_id=ben, client_key="a")
    handovers.assign(here.workspace_id, handed.id, ben, had_by=ann, user_id=ben)
    with pytest.raises(Conflict, match="has it meanwhile"):
        handovers.assign(here.workspace_id, handed.id, ann, had_by="", user_id=ann)


def test_the_exit_word_leaves_a_colleague_too(handed: Handover, here: Line, ann: str) -> None:
    handovers.take(here.workspace_id, handed.id, user_id=ann)
    hear(here, "w2", text={"body": "exit"})
    assert status() == "cancelled"
    assert db.session.query(Handover).one().ended_at is not None


def test_outside_the_window_nothing_is_answered_and_finish_says_nothing(handed: Handover, here: Line, ann: str, meta: Stub) -> None:
    handovers.take(here.workspace_id, handed.id, user_id=ann)
    silent_for(13)
    with pytest.raises(Conflict, match="12 hours"):
        handovers.give_back(here.workspace_id, handed.id, user_id=ann)
    handovers.reply(here.workspace_id, handed.id, "Still there?", user_id=ann, client_key="a")
    silent_for(25)
    with pytest.raises(Conflict, match="24 hours"):
        handovers.reply(here.workspace_id, handed.id, "Hello?", user_id=ann, client_key="b")
    with pytest.raises(Invalid):
        handovers.reply(here.workspace_id, handed.id, "  ", user_id=ann, client_key="c")
    handovers.finish(here.workspace_id, handed.id, user_id=ann)
    assert status() == "finished"


def test_nobody_took_it_in_time(handed: Handover) -> None:
    talk = db.session.query(Conversation).one()
    with transaction() as session:
        turns.take(session, turns.locked(session, talk.id), Input(InputKind.TIMER), clock.now() + timedelta(hours=24, seconds=1))
    assert status() == "expired"
    assert db.session.query(Handover).one().ended_at is not None


def on_the_way(template: str) -> dict[str, Any]:
    sent = {"message": template, "parameters": {"first_name": "{{first_name}}"}, "replies": [{"id": "r1", "title": "Continue"}]}
    ends = [{"id": id, "kind": "finish", "data": {"outcome": "success", "text": text}} for id, text in (("n3", "Good."), ("n4", "No."))]
    edges = [("n1", "continue", "n2"), ("n2", "r1", "n3"), ("n2", "no_reply", "n4")]
    return document({"id": "n2", "kind": "outbound_message", "data": sent}, *ends, edges=edges)


@pytest.mark.database
def test_an_outbound_message_on_the_way_is_answered_in_its_conversation(begun: Callable[..., Conversation], here: Line, meta: Stub) -> None:
    template = worlds.template(here, body="Hi {{first_name}}, do you still want it?")
    begun(on_the_way(template.id))
    apply.run()
    sent = db.session.query(Message).filter_by(template_id=template.id).one()
    assert (sent.status, sent.content["text"], sent.version_id) == ("accepted", "Hi Ann, do you still want it?", None)
    assert meta.seen[-1]["template"]["name"] == template.wire_name
    hear(here, "w2", quoted=sent.wamid, button={"payload": "continue", "text": "Continue"})
    assert (texts(meta), status()) == (["Good."], "finished")


def test_who_opted_out_gets_none_and_goes_on_through_no_reply(begun: Callable[..., Conversation], here: Line, meta: Stub) -> None:
    template = worlds.template(here, category="MARKETING", body="Buy, {{first_name}}!")
    with transaction() as session:
        person = Contact(id="con_1", workspace_id=here.workspace_id, wa_id=_WA_ID, phone=f"+{_WA_ID}", created_at=clock.now())
        session.add(person)
        session.flush()
        consent.record(session, person, Consent.OPTED_OUT, ConsentSource.HAND, clock.now(), text="said so")
    begun(on_the_way(template.id))
    assert texts(meta) == ["No."]
    row = db.session.query(Message).filter_by(template_id=template.id).one()
    assert (row.status, "no promotions" in row.error_text, status()) == ("skipped", True, "finished")


def test_what_comes_late_is_for_the_colleague_to_answer(handed: Handover, here: Line, ann: str) -> None:
    handovers.take(here.workspace_id, handed.id, user_id=ann)
    handovers.see(here.workspace_id, handed.id)
    hear(here, "w2", text={"body": "From the tunnel"}, ago=3600)
    assert db.session.query(Message).filter_by(wamid="w2").one().missed_at is None
    assert (db.session.query(Handover).one().is_unread, status()) == (True, "with_person")
