"""Death at every single boundary of a conversation with every kind of step: it goes on as if nothing had been.

What is only read outside is read again. What acts outside happens once at most: died in the middle of it, nobody can tell, and the
conversation says so, or waits for a code that never left. Whatever happens, it says each thing once, and in order;
a reply of which nobody can tell whether it left is sent once more after two minutes, and marked.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flowbuilder.core.nodes import KINDS
from flowbuilder.simulator import mailbox
from flowbuilder.simulator.world import World
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, User
from flowbuilder.store.conversations import Conversation, ConversationEvent
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Message
from tests import worlds
from tests.faults.counts import times
from tests.faults.judge import is_whole
from tests.faults.machine import approved, doubled
from tests.faults.test_crash_points import _die_at_each, _opener
from tests.fixtures.program import Program

MOST, STRIDE = 400, times(13, 1)
IN_DOUBT = 4 + 6
"""Boundaries from the claim of what acts outside to its result: of the booking, and of the mail, whose code is noted in between."""
CODE = {"digits": 6, "lifetime": 86400, "tries": 2, "retry_text": "No.", "resends": 0, "again": "Again", "unsent_text": "Not now."}


@pytest.fixture
def here(line: Line, simulator: Any) -> Line:
    line.messages_per_second = 0
    simulator.control("knobs", throughput=1000, pair_limit=False, tier="TIER_UNLIMITED")
    return worlds.seal(line)


def _flow(url: str, *, otp: str, news: str, other: str) -> dict[str, Any]:
    call, kept = {"headers": [], "outputs": []}, [{"variable": "state", "path": "state"}]
    choice = {"style": "buttons", "text": "Which?", "options": [{"id": "r", "title": "Red"}], "tries": 2, "retry_text": "Tap."}
    test = {"variable": "state", "operator": "equals", "value": "packed"}
    silence = {"after": 3600, "reminders": [{"after": 600, "text": "Still there?"}]}
    asked = {"text": "Name?", "answer": "text", "variable": "name", "tries": 2, "retry_text": "?", "silence": silence}
    consent = {"text": "May we?", "policy": "https://a.example", "accepted": "Yes", "declined": "No", "tries": 2, "retry_text": "?"}
    mailed = {"to": "{{number}}@example.com", "text": "Your mail?", "subject": "{{code}}", "mail": "Type {{code}}"}
    nodes = (
        ("n1", "you_send_it", {}),
        ("n2", "message", {"text": "Hello."}),
        ("n3", "http_request", call | {"method": "GET", "url": f"{url}/o/{{{{first_name}}}}", "body": "", "outputs": kept}),
        ("n4", "condition", {"branches": [{"id": "b1", "label": "Packed", "match": "all", "tests": [test]}]}),
        ("n5", "answer_options", choice),
        ("n6", "open_question", asked),
        ("n7", "wait", {"mode": "for", "seconds": 1200, "time": "09:00", "days": "every", "zone": "UTC"}),
        ("n8", "http_request", call | {"method": "POST", "url": f"{url}/book", "body": '{"name": "{{first_name}}"}'}),
        ("n9", "message", {"text": "It may be booked; we look."}),
        ("n10", "set_variable", {"variable": "number", "type": "text", "value": "a{{contact.phone}}"}),
        ("n11", "split", {"shares": [{"id": "s1", "label": "", "share": 50}, {"id": "s2", "label": "", "share": 50}]}),
        ("n12", "data_authorization", consent),
        ("n13", "phone_code", CODE | {"to": "{{contact.phone}}", "text": "Your phone?", "message": otp}),
        ("n14", "email_code", CODE | mailed),
        ("n15", "outbound_message", {"message": news, "parameters": {"first_name": "A"}, "replies": [{"id": "r1", "title": "Continue"}]}),
        ("n16", "hand_over", {"note": "", "text": "Somebody comes.", "after": 43200}),
        ("n17", "go_to_flow", {"flow": other, "values": [{"variable": "told", "value": "{{state}}"}]}),
        ("n18", "finish", {"outcome": "failure", "text": "Stopped."}),
    )
    ways = (
        "n1.continue>n2 n2.next>n3 n3.success>n4 n3.failure>n9 n4.b1>n5 n4.otherwise>n9 n5.r>n6 n5.otherwise>n9 n6.answered>n7 "
        "n6.otherwise>n9 n6.no_reply>n7 n7.next>n8 n8.success>n10 n8.failure>n9 n9.next>n10 n10.next>n11 n11.s1>n12 n11.s2>n12 "
        "n12.accepted>n13 n12.declined>n18 n13.verified>n14 n13.failed>n18 n14.verified>n15 n14.failed>n18 n15.r1>n16 n15.otherwise>n18 "
        "n16.given_back>n17"
    )
    edges = tuple((way.split(".")[0], way.split(".")[1].split(">")[0], way.split(">")[1]) for way in ways.split())
    return worlds.flow(*nodes, edges=edges, name="All")


def _other() -> dict[str, Any]:
    opening = ("m1", "user_sends_it", {"phrases": [{"id": "p1", "text": "the other flow"}]})
    end = ("m2", "finish", {"outcome": "success", "text": "Bye {{first_name}}, {{told}}."})
    return worlds.flow(opening, end, edges=(("m1", "next", "m2"),), name="Other")


def _otp(line: Line, simulator: Any) -> str:
    row = worlds.template(line, category="AUTHENTICATION")
    row.content = {"name": "OTP", "category": "AUTHENTICATION", "language": "en_US", "kind": "TEXT", "conversation": "NOTIFICATION",
                   "variables": [{"name": "code", "example": "123456"}]}  # fmt: skip
    return approved(line, simulator, row=row).id


def test_death_at_every_boundary_of_every_kind_of_step(
    here: Line, simulator: Any, program: Program, post: World, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    other = worlds.published(here, _other())
    messages = {"otp": _otp(here, simulator), "news": approved(here, simulator, category="UTILITY").id}
    document = _flow(program.url, other=other.flow_id, **messages)
    kinds = {node["kind"] for node in (*document["nodes"], *_other()["nodes"])}
    assert {name for name in KINDS if "validation" not in name} - kinds == {"note"}
    version, colleague = worlds.version(here, document), db.session.query(User).filter_by(email="admin@acme.example").one().id
    openers = [_opener(here, version.id, number) for number in range(MOST // STRIDE)]
    boundaries = _die_at_each(
        "talk", [_talk(here, opener, colleague) for opener in openers], tmp_path, database_url, redis_url,
        stride=STRIDE, simulator_smtp_port=post.mail_port,
    )  # fmt: skip
    assert 120 // STRIDE <= boundaries < MOST // STRIDE
    db.session.rollback()
    told = [_story(opener) for opener in openers[: boundaries + 1]]
    usual, unsure = told[-1], [one for one in told if one != told[-1]]
    before = ["Hello.", "Which?", "Name?", "Still there?"]
    after = [
        "May we?\n\nhttps://a.example",
        "Your phone?",
        "Your mail?",
        "Hi A, may we ask you something?",
        "Somebody comes.",
        "Bye A, packed.",
    ]
    assert usual == [*before, *after]
    without_mail = [*before, *after[:3], "No.", "Stopped."]
    assert all(one in ([*before, "It may be booked; we look.", *after], without_mail) for one in unsure), unsure
    assert len(unsure) <= IN_DOUBT
    _judge([opener for opener, one in zip(openers, told, strict=False) if one != without_mail])
    booked = [one.body for one in program.asked if one.method == "POST"]
    assert boundaries + 1 - len(unsure) <= len(booked) <= boundaries + 1
    mailed = Counter(one["recipients"] for one in mailbox.latest(post.store, search="", limit=1000))
    assert set(mailed.values()) == {1} and boundaries + 1 - len(unsure) <= len(mailed) <= boundaries + 1
    assert doubled(simulator).keys() <= {str(id) for id in db.session.scalars(db.select(Message.id).where(Message.is_possible_duplicate))}
    assert is_whole()


def _talk(line: Line, opener: Message, colleague: str) -> dict[str, Any]:
    """Continue; look up (once more later, when the dead have let go); Red; silence, a reminder, silence; the wait; booking; consent;
    both codes; the outbound message; a colleague."""

    def says(at: int, wamid: str, **said: Any) -> dict[str, Any]:
        return {"at": at, "line_id": line.id, "says": {"wamid": f"{wamid}{opener.id}"} | said}

    def tap(id: str, title: str) -> dict[str, Any]:
        return {"type": "button_reply", "button_reply": {"id": id, "title": title}}

    later = [{"at": at} for at in (60, 150, 800, 4400, 6000, 6060, 6200, 6350, 6450, 6600, 6750, 6900, 7100)]
    steps = [
        says(0, "a", quoted=opener.wamid, button={"payload": "continue", "text": "Continue"}),
        says(160, "b", text={"body": "Red"}),
        says(6100, "c", interactive=tap("n12:accepted", "Yes")),
        says(6400, "d", text={"body": "It is CODE"}),
        says(6700, "e", text={"body": "CODE"}),
        says(6950, "f", text={"body": "Continue"}),
        {"at": 7000, "colleague": colleague},
    ]
    return {"opened_by": opener.id, "wa_id": opener.phone[1:], "steps": sorted([*steps, *later], key=lambda step: step["at"])}


def _story(opener: Message) -> list[str]:
    talk = db.session.query(Conversation).filter_by(opened_by=opener.id).one()
    said = db.session.query(Message).filter(Message.conversation_id == talk.id, Message.direction == "out", Message.id != opener.id)
    return [message.content.get("body") or message.content["text"] for message in said.order_by(Message.id)]


def _judge(openers: list[Message]) -> None:
    """Every step was visited once, asked once, and what it asked came to an end."""
    for opener in openers:
        talk = db.session.query(Conversation).filter_by(opened_by=opener.id).one()
        assert (talk.status, talk.state["node"]) == ("finished", "m2")
        entered = [event.node for event in db.session.query(ConversationEvent).filter_by(conversation_id=talk.id, kind="entered")]
        assert len(set(entered)) == len(entered)
        requests = db.session.query(Request).filter_by(conversation_id=talk.id).order_by(Request.number).all()
        assert [(row.number, row.status) for row in requests] == [(number, "done") for number in range(1, 7)]
        assert requests[1].attempt <= 1
