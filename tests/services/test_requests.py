"""What conversations ask of other programs: carried out once, told to the run, and never in anybody's way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.accounts import vault
from flowbuilder.services.conversations import http, requests, turns
from flowbuilder.services.inbound import apply
from flowbuilder.services.sending import sweep
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation, ConversationEvent
from flowbuilder.store.requests import Request
from tests import worlds
from tests.fixtures.program import Program
from tests.stub import Stub

_WA_ID = "4915112345678"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_QUIET_SECONDS", 0)


def document(url: str, **data: Any) -> dict[str, Any]:
    call = {"method": "GET", "url": url, "headers": [], "body": "", "outputs": [{"variable": "state", "path": "state"}]} | data
    return {
        "schema": 1, "name": "Order",
        "nodes": [
            {"id": "n1", "kind": "you_send_it", "data": {}},
            {"id": "n2", "kind": "http_request", "data": call},
            {"id": "n3", "kind": "finish", "data": {"outcome": "success", "text": "It is {{state}}."}},
            {"id": "n4", "kind": "finish", "data": {"outcome": "failure", "text": "We do not know."}},
        ],
        "edges": [
            {"source": "n1", "port": "continue", "target": "n2"}, {"source": "n2", "port": "success", "target": "n3"},
            {"source": "n2", "port": "failure", "target": "n4"},
        ],
    }  # fmt: skip


@pytest.fixture
def begun(here: Line, meta: Stub, program: Program) -> Callable[..., Conversation]:
    """Call it with what the step asks: a conversation that stands there."""

    def begin(path: str = "/orders/48", **data: Any) -> Conversation:
        return worlds.begin(here, document(program.url + path, **data), _WA_ID)

    return begin


def _said(meta: Stub) -> list[str]:
    requests.run()
    apply.run()
    db.session.rollback()
    return [sent["text"]["body"] for sent in meta.seen if sent["type"] == "text"]


def _request() -> Request:
    db.session.rollback()
    return db.session.query(Request).one()


@pytest.mark.database
def test_the_answer_goes_on_in_the_conversation(begun: Callable[..., Conversation], meta: Stub, program: Program) -> None:
    talk = begun()
    assert _request().status == "queued"
    assert _said(meta) == ["It is packed."]
    assert [(one.method, one.path) for one in program.asked] == [("GET", "/orders/48")]
    row = _request()
    assert (row.status, row.attempt, row.result["status"], row.result["body"]) == ("done", 1, 200, '{"state": "packed"}')
    assert db.session.get_one(Conversation, talk.id, populate_existing=True).status == "finished"
    assert _said(meta) == ["It is packed."]


@pytest.mark.parametrize("answer", [404, 500, b"<html>", b"", b"[1, 2", "hang up", b'{"state": "' + b"x" * 1_100_000 + b'"}', 302])
def test_whatever_else_comes_leads_through_failure(begun: Callable[..., Conversation], meta: Stub, program: Program, answer: Any) -> None:
    program.usual = answer
    begun()
    assert _said(meta) == ["We do not know."]


def test_what_only_reads_is_tried_twice_and_what_acts_once(begun: Callable[..., Conversation], meta: Stub, program: Program) -> None:
    program.answers = ["hang up"]
    begun()
    assert _said(meta) == ["It is packed."]
    assert len(program.asked) == 2


def test_all_tries_together_end_before_the_person_has_waited_for_ten_seconds(
    begun: Callable[..., Conversation], meta: Stub, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert http._PATIENCE < 10
    monkeypatch.setattr(http, "_PATIENCE", 0.3)
    program.seconds = 5
    begun()
    assert _said(meta) == ["We do not know."]
    assert len(program.asked) == 1


@pytest.mark.database
def test_a_program_that_does_not_answer_holds_up_nobody_who_asks_another(
    begun: Callable[..., Conversation], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "_OF_ONE_TARGET", 2)
    talk = begun()
    with transaction() as session:
        for number, target in enumerate((program.url, program.url, "https://alive.example.com"), start=2):
            row = {"number": number, "target": target, "kind": "http", "content": {}, "created_at": clock.now()}
            session.add(Request(workspace_id=talk.workspace_id, conversation_id=talk.id, **row))
    assert [row.number for row in requests.claim(9)] == [1, 2, 4]
    assert not requests.claim(9, {program.url: 2})
    assert [row.number for row in requests.claim(9, {program.url: 1})] == [3]


def test_what_acts_is_asked_once(begun: Callable[..., Conversation], meta: Stub, program: Program) -> None:
    program.answers = ["hang up"]
    begun(method="POST", body='{"name": "{{first_name}}"}')
    assert _said(meta) == ["We do not know."]
    assert [one.body for one in program.asked] == [b'{"name": "Ann"}']


def test_what_acts_and_was_begun_by_the_dead_is_not_begun_again(begun: Callable[..., Conversation], meta: Stub, program: Program) -> None:
    begun(method="POST")
    assert len(requests.claim(5)) == 1
    assert requests.claim(5) == ()
    with clock.shifted(timedelta(minutes=2)):
        assert _said(meta) == ["We do not know."]
    assert program.asked == []
    assert _request().result == {"error": requests.LOST}


def test_what_only_reads_is_taken_over_from_the_dead(begun: Callable[..., Conversation], meta: Stub, program: Program) -> None:
    begun()
    assert len(requests.claim(5)) == 1
    with clock.shifted(timedelta(minutes=2)):
        assert _said(meta) == ["It is packed."]
    assert _request().attempt == 2


def test_a_result_that_comes_twice_is_told_once(begun: Callable[..., Conversation], meta: Stub) -> None:
    begun()
    (row,) = requests.claim(5)
    requests.finish(row.id, {"status": 200, "body": "{}", "json": {"state": "lost"}})
    requests.finish(row.id, {"status": 200, "body": "{}", "json": {"state": "found"}})
    assert _said(meta) == ["It is lost."]


def test_a_result_that_nobody_waits_for_is_noted_without_what_it_holds(here: Line, begun: Callable[..., Conversation], meta: Stub) -> None:
    talk = begun()
    turns.cancel(here.workspace_id, talk.id)
    assert _said(meta) == []
    last = db.session.query(ConversationEvent).order_by(ConversationEvent.id.desc()).first()
    assert (last.kind, last.data["reason"], last.data["input"]) == ("ignored", "ended", {"kind": "result", "request": 1})


def test_a_secret_is_sent_and_shown_nowhere(here: Line, begun: Callable[..., Conversation], meta: Stub, program: Program) -> None:
    vault.put(here.workspace_id, "shop_key", "tops3cret/key", user_id=None)
    program.usual = {"state": "for tops3cret/key"}
    begun(headers=[{"name": "Authorization", "value": "Bearer ", "secret": "shop_key"}])
    assert _said(meta) == ["It is for ••••."]
    assert program.asked[0].headers["authorization"] == "Bearer tops3cret/key"
    row = _request()
    assert "tops3cret" not in f"{row.content}{row.result}{db.session.query(Conversation).one().state}"


def test_without_its_secret_nothing_is_asked(begun: Callable[..., Conversation], meta: Stub, program: Program) -> None:
    begun(headers=[{"name": "Authorization", "secret": "gone"}])
    assert _said(meta) == ["We do not know."]
    assert program.asked == []
    assert "does not exist" in _request().result["error"]


def test_this_machine_is_reached_only_while_all_is_simulated(
    here: Line, begun: Callable[..., Conversation], meta: Stub, program: Program
) -> None:
    with transaction() as session:
        session.get_one(Line, here.id).is_simulator = False
    begun()
    assert _said(meta) == ["We do not know."]
    assert program.asked == []


def test_the_sweep_rings_for_what_waits_and_for_what_the_dead_had_begun(
    begun: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    begun()
    monkeypatch.setattr("flowbuilder.queue.ring", lambda lane, job, *args: rung.append(job))
    sweep.ring_requests()
    requests.claim(5)
    sweep.ring_requests()
    with clock.shifted(timedelta(minutes=2)):
        sweep.ring_requests()
    assert rung == ["carry_out", "carry_out"]


def test_nothing_of_an_answer_is_kept_that_would_fill_the_database() -> None:
    assert len(http.kept({"status": 200, "body": "x" * 1_000_000, "json": {}})["body"]) == 4000
    assert "json" not in http.kept({"status": 200, "body": "{}", "json": {}})
