"""Death at every single boundary of a conversation with every kind of step: it goes on as if nothing had been.

What is only read outside is read again. What acts outside happens once at most: died in the middle of it, nobody can tell, and the
conversation says so. Whatever happens, it says each thing once, and in order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation, ConversationEvent
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Message
from tests import worlds
from tests.faults.counts import times
from tests.faults.judge import is_whole
from tests.faults.machine import doubled
from tests.faults.test_crash_points import _die_at_each, _opener
from tests.fixtures.program import Program

MOST, STRIDE = 130, times(3, 1)


@pytest.fixture
def here(line: Line, simulator: Any) -> Line:
    line.messages_per_second = 0
    simulator.control("knobs", throughput=1000, pair_limit=False, tier="TIER_UNLIMITED")
    return worlds.seal(line)


def _flow(url: str) -> dict[str, Any]:
    call, kept = {"headers": [], "outputs": []}, [{"variable": "state", "path": "state"}]
    choice = {"style": "buttons", "text": "Which?", "options": [{"id": "r", "title": "Red"}], "tries": 2, "retry_text": "Tap."}
    test = {"variable": "state", "operator": "equals", "value": "packed"}
    silence = {"after": 3600, "reminders": [{"after": 600, "text": "Still there?"}]}
    asked = {"text": "Name?", "answer": "text", "variable": "name", "tries": 2, "retry_text": "?", "silence": silence}
    nodes = {
        "n1": ("you_send_it", {}),
        "n2": ("message", {"text": "Hello."}),
        "n3": ("http_request", call | {"method": "GET", "url": f"{url}/o/{{{{first_name}}}}", "body": "", "outputs": kept}),
        "n4": ("condition", {"branches": [{"id": "b1", "label": "Packed", "match": "all", "tests": [test]}]}),
        "n5": ("answer_options", choice),
        "n6": ("open_question", asked),
        "n7": ("wait", {"mode": "for", "seconds": 1200, "time": "09:00", "days": "every", "zone": "UTC"}),
        "n8": ("http_request", call | {"method": "POST", "url": f"{url}/book", "body": '{"name": "{{first_name}}"}'}),
        "n9": ("message", {"text": "It may be booked; we look."}),
        "n10": ("finish", {"outcome": "success", "text": "Bye {{first_name}}, {{state}}."}),
    }  # fmt: skip
    ways = (
        "n1.continue>n2 n2.next>n3 n3.success>n4 n3.failure>n9 n4.b1>n5 n4.otherwise>n9 n5.r>n6 n5.otherwise>n9 n6.answered>n7 "
        "n6.otherwise>n9 n6.no_reply>n7 n7.next>n8 n8.success>n10 n8.failure>n9 n9.next>n10"
    )
    edges = [{"source": way.split(".")[0], "port": way.split(".")[1].split(">")[0], "target": way.split(">")[1]} for way in ways.split()]
    return {
        "schema": 1,
        "name": "All",
        "nodes": [{"id": id, "kind": kind, "data": data} for id, (kind, data) in nodes.items()],
        "edges": edges,
    }


def test_death_at_every_boundary_of_every_kind_of_step(
    here: Line, simulator: Any, program: Program, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    version = worlds.version(here, _flow(program.url))
    openers = [_opener(here, version.id, number) for number in range(MOST // STRIDE)]
    boundaries = _die_at_each("talk", [_talk(here, opener) for opener in openers], tmp_path, database_url, redis_url, stride=STRIDE)
    assert 75 // STRIDE <= boundaries < MOST // STRIDE
    db.session.rollback()
    told = [_story(opener) for opener in openers[: boundaries + 1]]
    usual, unsure = told[-1], [one for one in told if one != told[-1]]
    assert usual == ["Hello.", "Which?", "Name?", "Still there?", "Bye A, packed."]
    assert all(one == [*usual[:-1], "It may be booked; we look.", usual[-1]] for one in unsure)
    assert len(unsure) <= 4
    _judge(openers[: boundaries + 1])
    booked = [one.body for one in program.asked if one.method == "POST"]
    assert boundaries + 1 - len(unsure) <= len(booked) <= boundaries + 1
    assert doubled(simulator) == {}
    assert is_whole()


def _talk(line: Line, opener: Message) -> dict[str, Any]:
    """Continue; look up (once more later, when the dead have let go); Red; silence, a reminder, silence; the wait; booking.
    Red is said later than its question, by the clock of WhatsApp, too."""

    def post(wamid: str, **part: Any) -> dict[str, str]:
        return {"line_id": line.id, "body": worlds.said_to_us(wamid + str(opener.id), wa_id=opener.phone[1:], **part).decode()}

    button = {"payload": "continue", "text": "Continue"}
    return {
        "steps": [post("a", quoted=opener.wamid, button=button), 60, 150, post("b", ago=-600, text={"body": "Red"}), 700, 4000, 6000, 6060]
    }


def _story(opener: Message) -> list[str]:
    talk = db.session.query(Conversation).filter_by(opened_by=opener.id).one()
    said = db.session.query(Message).filter(Message.conversation_id == talk.id, Message.direction == "out", Message.id != opener.id)
    return [message.content["body"] for message in said.order_by(Message.id)]


def _judge(openers: list[Message]) -> None:
    """Every step was visited once, asked once, and what it asked came to an end."""
    for opener in openers:
        talk = db.session.query(Conversation).filter_by(opened_by=opener.id).one()
        assert (talk.status, talk.state["node"]) == ("finished", "n10")
        entered = [event.node for event in db.session.query(ConversationEvent).filter_by(conversation_id=talk.id, kind="entered")]
        assert len(set(entered)) == len(entered)
        requests = db.session.query(Request).filter_by(conversation_id=talk.id).order_by(Request.number).all()
        assert [(row.number, row.status) for row in requests] == [(1, "done"), (2, "done")]
        assert requests[1].attempt <= 1
