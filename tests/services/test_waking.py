"""Conversations that go on by themselves: reminders, silence and waits, each exactly once, however late the worker is."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.errors import Conflict
from flowbuilder.services.conversations import turns
from flowbuilder.services.inbound import apply
from flowbuilder.services.sending import sweep
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation, ConversationEvent
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub

_WA_ID = "4915112345678"
_REMINDERS = [{"after": 600, "text": "Still there?"}]
_DOCUMENT = {
    "schema": 1, "name": "Silence",
    "nodes": [
        {"id": "n1", "kind": "you_send_it", "data": {}},
        {"id": "n2", "kind": "open_question", "data": {
            "text": "Name?", "answer": "text", "variable": "name", "tries": 2, "retry_text": "?",
            "silence": {"after": 3600, "reminders": _REMINDERS}}},
        {"id": "n3", "kind": "wait", "data": {"mode": "for", "seconds": 90000, "time": "09:00", "days": "every", "zone": "UTC"}},
        {"id": "n4", "kind": "finish", "data": {"outcome": "success", "text": "Bye."}},
    ],
    "edges": [
        {"source": "n1", "port": "continue", "target": "n2"}, {"source": "n2", "port": "answered", "target": "n3"},
        {"source": "n2", "port": "no_reply", "target": "n4"}, {"source": "n3", "port": "next", "target": "n4"},
    ],
}  # fmt: skip


@pytest.fixture
def talk(here: Line, meta: Stub) -> Conversation:
    """Somebody was asked for a name and is silent."""
    return worlds.begin(here, _DOCUMENT, _WA_ID)


def _say(line: Line, wamid: str, **part) -> None:
    worlds.hear(line, wamid, wa_id=_WA_ID, **part)


def _said(meta: Stub) -> list[str]:
    return [sent["text"]["body"] for sent in meta.seen if sent["type"] == "text"]


def _go_on(seconds: float) -> None:
    with clock.shifted(timedelta(seconds=seconds)):
        turns.wake_due()
        apply.run()


def _now(talk: Conversation) -> Conversation:
    db.session.rollback()
    return db.session.get_one(Conversation, talk.id, populate_existing=True)


@pytest.mark.database
def test_a_reminder_is_said_and_then_silence_goes_on(talk: Conversation, meta: Stub) -> None:
    _go_on(599)
    assert _said(meta) == ["Name?"]
    _go_on(601)
    _go_on(602)
    assert _said(meta) == ["Name?", "Still there?"]
    _go_on(3601)
    _go_on(3602)
    assert _said(meta) == ["Name?", "Still there?", "Bye."]
    assert _now(talk).status == "finished"


def test_what_is_late_is_done_once_and_nothing_stale_is_said(talk: Conversation, meta: Stub) -> None:
    _go_on(5 * 3600)
    assert _said(meta) == ["Name?", "Bye."]


def test_an_answer_takes_the_reminder_away(here: Line, talk: Conversation, meta: Stub) -> None:
    _say(here, "w2", text={"body": "Ann"})
    _go_on(601)
    assert _said(meta) == ["Name?"]
    assert _now(talk).state["node"] == "n3"


def test_what_comes_after_the_window_is_never_sent_freely(here: Line, talk: Conversation, meta: Stub) -> None:
    _say(here, "w2", text={"body": "Ann"})
    _go_on(90_001)
    assert _said(meta) == ["Name?"]
    assert db.session.query(Message).filter_by(status="failed").one().error_text.startswith("The person's last message is more than 24")


def test_the_sweep_rings_for_what_is_due(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    rung = []
    monkeypatch.setattr("flowbuilder.queue.ring", lambda lane, job, *args: rung.append(job))
    sweep.ring_conversations()
    assert rung == []
    with clock.shifted(timedelta(seconds=601)):
        sweep.ring_conversations()
    assert rung == ["wake_conversations"]


@pytest.mark.database
def test_many_workers_at_once_say_a_reminder_once(app: Flask, talk: Conversation) -> None:
    def work() -> None:
        with app.app_context():
            try:
                turns.wake(talk.id)
            except Conflict:
                pass
            finally:
                db.session.remove()

    with clock.shifted(timedelta(seconds=601)):
        workers = [threading.Thread(target=work) for _ in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert _now(talk).state["reminded"] == 1
    assert db.session.query(ConversationEvent).filter_by(kind="reminded").count() == 1
    assert db.session.query(Message).filter_by(conversation_id=talk.id, status="queued").count() == 1
