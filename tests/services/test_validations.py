"""Validations by a provider: started once, their results kept before anybody is told, and the conversation goes on once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.validations import headers
from flowbuilder.errors import Invalid, NotAllowed, NotFound
from flowbuilder.services.accounts import providers
from flowbuilder.services.conversations import requests, turns, validations
from flowbuilder.services.inbound import apply
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.requests import Request
from flowbuilder.store.validations import Provider, Validation, ValidationNews
from tests import worlds
from tests.fixtures.program import Program
from tests.stub import Stub

_WA_ID = "4915112345678"
_SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_QUIET_SECONDS", 0)


def document(provider: str) -> dict[str, Any]:
    asked = {"provider": provider, "check": "document", "text": "Show it.", "label": "Open", "after": 3600, "variable": "identity"}
    told = {"variable": "identity", "approved": "Well done.", "rejected": "No: {{identity_reason}}", "expired": "Over: {{identity_reason}}"}
    return {
        "schema": 1, "name": "Account",
        "nodes": [
            {"id": "n1", "kind": "you_send_it", "data": {}},
            {"id": "n2", "kind": "validation", "data": asked},
            {"id": "n3", "kind": "validation_result", "data": told},
            {"id": "n4", "kind": "finish", "data": {"outcome": "success", "text": ""}},
        ],
        "edges": [{"source": "n1", "port": "continue", "target": "n2"}, {"source": "n3", "port": "next", "target": "n4"}]
        + [{"source": "n2", "port": port, "target": "n3"} for port in ("approved", "rejected", "expired")],
    }  # fmt: skip


@pytest.fixture
def provider(here: Line, program: Program) -> Provider:
    program.usual = {"id": "check-1", "link": "https://identity.example.com/check-1"}
    details = providers.Details(name="Example", base_url=program.url, secret=_SECRET, checks=["document"])
    here.is_simulator = True
    db.session.commit()
    return providers.add(here.workspace_id, details, user_id=None)


@pytest.fixture
def talk(here: Line, meta: Stub, provider: Provider) -> Conversation:
    """A conversation that stands at the validation, which is not asked for yet."""
    return worlds.begin(here, document(provider.id), _WA_ID)


@pytest.fixture
def tell(provider: Provider) -> Callable[..., None]:
    def post(status: str, event: str = "e1", *, reason: str = "", reference: str = "", age: int = 0, secret: str = _SECRET) -> None:
        reference = reference or db.session.query(Validation).one().id
        body = json.dumps({"reference": reference, "status": status, "reason": reason}).encode()
        at = int(clock.now().timestamp()) - age
        validations.receive(provider.id, headers(event, at, body, secret), body)

    return post


def _said(meta: Stub) -> list[str]:
    requests.run()
    validations.hear()
    apply.run()
    db.session.rollback()
    return [sent["text"]["body"] if sent["type"] == "text" else sent["interactive"]["body"]["text"] for sent in meta.seen[1:]]


def _status(talk: Conversation) -> str:
    return db.session.get_one(Conversation, talk.id, populate_existing=True).status


@pytest.mark.database
def test_the_link_is_sent_and_the_result_goes_on(talk: Conversation, meta: Stub, program: Program, tell: Callable[..., None]) -> None:
    assert _said(meta) == ["Show it."]
    assert meta.seen[-1]["interactive"]["action"]["parameters"]["url"] == "https://identity.example.com/check-1"
    asked, sent = db.session.query(Validation).one(), program.asked[0]
    assert (sent.method, sent.path) == ("POST", "/validations")
    assert {sent.headers["idempotency-key"], sent.headers["webhook-id"]} == {asked.id}
    assert json.loads(sent.body)["callback_url"].endswith(f"/providers/{asked.provider_id}/results")
    tell("rejected", reason="It is blurred.")
    assert _said(meta) == ["Show it.", "No: It is blurred."]
    assert (_status(talk), db.session.query(ValidationNews).one().moved) == ("finished", True)


@pytest.mark.database
def test_the_same_result_again_changes_nothing_and_another_is_kept(talk: Conversation, meta: Stub, tell: Callable[..., None]) -> None:
    _said(meta)
    for _ in range(3):
        tell("approved")
    tell("rejected", "e2")
    assert _said(meta) == ["Show it.", "Well done."]
    assert [(one.status, one.moved) for one in db.session.query(ValidationNews).order_by(ValidationNews.id)] == [
        ("approved", True), ("rejected", False),
    ]  # fmt: skip
    assert db.session.query(Validation).one().status == "approved"


def test_a_result_that_overtakes_the_answer_to_the_start_is_not_lost(talk: Conversation, meta: Stub, tell: Callable[..., None]) -> None:
    row = requests.claim(5)[0]
    ready = validations.prepare(row)
    tell("approved")
    validations.hear()
    assert _status(talk) == "in_progress"
    requests.finish(row.id, validations.act(ready))
    assert _said(meta) == ["Well done."]


def test_a_result_after_the_time_is_kept_and_moves_nothing(talk: Conversation, meta: Stub, tell: Callable[..., None]) -> None:
    _said(meta)
    with clock.shifted(timedelta(seconds=3700)):
        assert turns.wake(talk.id)
        assert _said(meta)[1:] == ["Over: No result came in time."]
        tell("approved")
        assert len(_said(meta)) == 2
    news = db.session.query(ValidationNews).one()
    assert (news.status, news.moved, news.told_at is None) == ("approved", False, False)


def test_a_start_of_the_dead_is_made_again_and_is_the_same(talk: Conversation, meta: Stub, program: Program) -> None:
    validations.act(validations.prepare(requests.claim(5)[0]))
    with clock.shifted(timedelta(minutes=2)):
        assert _said(meta) == ["Show it."]
    assert len({one.headers["idempotency-key"] for one in program.asked}) == 1
    assert len(program.asked) == 2
    assert db.session.query(Validation).count() == 1


def test_a_provider_that_is_down_is_asked_again_later(talk: Conversation, meta: Stub, program: Program) -> None:
    program.answers = [503, "hang up"]
    assert _said(meta) == []
    for seconds in (10, 60):
        with clock.shifted(timedelta(seconds=seconds)):
            said = _said(meta)
    assert said == ["Show it."]
    assert db.session.query(Request).one().attempt == 3


@pytest.mark.parametrize("answer", [401, 422, b"<html>", {"id": "x"}, {"id": "x", "link": "javascript:alert(1)"}])
def test_a_provider_that_refuses_leads_through_expired(talk: Conversation, meta: Stub, program: Program, answer: Any) -> None:
    program.usual = answer
    assert _said(meta)[0].startswith("Over: The provider")
    assert len(program.asked) == 1


def test_a_deleted_provider_is_not_asked(talk: Conversation, meta: Stub, program: Program, provider: Provider) -> None:
    providers.delete(talk.workspace_id, provider.id, user_id=None)
    assert _said(meta) == ["Over: This provider does not exist any more."]
    assert program.asked == []


def test_what_is_not_signed_is_old_or_unknown_is_refused(talk: Conversation, meta: Stub, tell: Callable[..., None]) -> None:
    _said(meta)
    other = "whsec_" + base64.b64encode(b"t" * 32).decode()
    for how in ({"secret": other}, {"age": 301}, {"age": -301}, {"event": ""}):
        with pytest.raises(NotAllowed):
            tell("approved", **how)
    with pytest.raises(NotFound):
        tell("approved", reference="val_of_nobody")
    with pytest.raises(Invalid):
        tell("perhaps")
    assert db.session.query(ValidationNews).count() == 0


def test_check_connection_keeps_what_it_offers_or_why_not(provider: Provider, program: Program) -> None:
    program.answers = [{"name": "Example Identity", "checks": ["document", "iris"]}, 401, {"hello": "world"}]
    said = [providers.check(provider.workspace_id, provider.id, user_id=None).facts for _ in range(3)]
    assert said[0] == {"name": "Example Identity", "checks": ["document"]}
    assert "secrets of both sides differ" in said[1]["error"]
    assert "not as a provider does" in said[2]["error"]


@pytest.mark.parametrize("url", ["http://example.com", "https://10.0.0.1:8443", "ftp://example.com", "nonsense", "https://u:p@example.com"])
def test_an_address_that_may_not_be_reached_is_refused(here: Line, url: str) -> None:
    details = providers.Details(name="Example", base_url=url, secret=_SECRET, checks=["document"])
    with pytest.raises(Invalid) as refused:
        providers.add(here.workspace_id, details, user_id=None)
    assert [finding.field for finding in refused.value.findings] == ["base_url"]
