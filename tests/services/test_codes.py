"""One-time codes: sent once, by WhatsApp or by mail, told to nobody but the addressee, and compared with what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services import codes
from flowbuilder.services.accounts import mail
from flowbuilder.services.contacts import erasure
from flowbuilder.services.conversations import requests
from flowbuilder.services.conversations.codes import tell_undelivered, undelivered
from flowbuilder.services.inbound import apply
from flowbuilder.services.sending import deliver
from flowbuilder.simulator import mailbox
from flowbuilder.simulator.world import World
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.codes import OneTimeCode
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub

_WA_ID = "4915112345678"
_SAID = {
    "text": "A code is on its way.",
    "digits": 6,
    "lifetime": 600,
    "tries": 3,
    "retry_text": "No.",
    "resends": 2,
    "again": "Send again",
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_QUIET_SECONDS", 0)


@pytest.fixture
def otp(here: Line) -> TemplateMessage:
    row = worlds.template(here, category="AUTHENTICATION")
    row.content = {"name": "OTP", "category": "AUTHENTICATION", "language": "en_US", "kind": "TEXT", "conversation": "NOTIFICATION",
                   "variables": [{"name": "code", "example": "123456"}]}  # fmt: skip
    db.session.commit()
    return row


@pytest.fixture
def begun(here: Line, meta: Stub) -> Callable[..., Conversation]:
    """Call it with a step: a conversation that has come to it."""

    def begin(kind: str, **data: Any) -> Conversation:
        step = _SAID | {"unsent_text": "Not now."} | data
        document = worlds.flow(
            ("n1", "you_send_it", {}), ("n2", kind, step), ("n3", "finish", {"outcome": "success", "text": "Welcome."}),
            ("n4", "finish", {"outcome": "failure", "text": "Then not."}),
            edges=(("n1", "continue", "n2"), ("n2", "verified", "n3"), ("n2", "failed", "n4")),
        )  # fmt: skip
        return worlds.begin(here, document, _WA_ID, first_name="ann@example.com")

    return begin


def _by_mail(**data: Any) -> dict[str, Any]:
    return {"to": "{{first_name}}", "subject": "{{code}} is your code", "mail": "Type {{code}}, please."} | data


def _hear(line: Line, wamid: str, **part: Any) -> None:
    worlds.hear(line, wamid, wa_id=_WA_ID, **part)


def _said(meta: Stub) -> list[str]:
    """What was said in the chat so far."""
    requests.run()
    apply.run()
    db.session.rollback()
    chat = [one for one in meta.seen if one["type"] != "template"]
    return [one["text"]["body"] if one["type"] == "text" else one["interactive"]["body"]["text"] for one in chat]


def _codes() -> list[OneTimeCode]:
    db.session.rollback()
    return db.session.query(OneTimeCode).order_by(OneTimeCode.id).all()


def _mails(post: World) -> list[dict[str, Any]]:
    return mailbox.latest(post.store, search="", limit=9)


@pytest.mark.database
def test_a_code_that_was_mailed_is_typed_in_the_chat(here: Line, post: World, begun: Callable[..., Conversation], meta: Stub) -> None:
    talk = begun("email_code", **_by_mail())
    assert _said(meta) == ["A code is on its way."]
    (sent,) = _mails(post)
    code = re.search(r"\d{6}", sent["text"])[0]
    assert (sent["recipients"], sent["subject"], sent["written_by"]) == (
        "ann@example.com",
        f"{code} is your code",
        "Demo <flows@example.com>",
    )
    _hear(here, "w2", text={"body": f"It is {code[:3]} {code[3:]}"})
    assert _said(meta)[-1] == "Welcome."
    assert db.session.get_one(Conversation, talk.id, populate_existing=True).state["outcome"] == "success"
    assert code not in str([row.content for row in db.session.query(Request).filter_by(kind="email_code")])


def test_a_code_goes_by_an_outbound_message_and_stands_nowhere_here(
    here: Line, otp: TemplateMessage, begun: Callable[..., Conversation], meta: Stub
) -> None:
    begun("phone_code", to="{{contact.phone}}", message=otp.id)
    assert _said(meta) == ["A code is on its way."]
    row = db.session.query(Message).filter_by(template_id=otp.id).one()
    deliver.one(row.id)
    payload = next(one for one in meta.seen if one["type"] == "template" and one["template"]["name"] == otp.wire_name)
    told = [part["parameters"][0]["text"] for part in payload["template"]["components"]]
    assert told == [codes.plain(_codes()[0])] * 2
    assert told[0] not in str(worlds.reload(row).content)
    _hear(here, "w2", text={"body": told[0]})
    assert _said(meta)[-1] == "Welcome."


def test_wrong_codes_and_codes_that_are_too_old_are_counted(
    here: Line, post: World, begun: Callable[..., Conversation], meta: Stub
) -> None:
    begun("email_code", **_by_mail(lifetime=60, tries=2))
    _said(meta)
    code = codes.plain(_codes()[0])
    _hear(here, "w2", text={"body": f"{(int(code) + 1) % 10**6:06}"})
    assert _said(meta)[-1] == "No."
    with clock.shifted(timedelta(seconds=61)):
        _hear(here, "w3", text={"body": code}, ago=-61)
        assert _said(meta)[-1] == "Then not."


def test_every_code_that_was_sent_holds_for_its_own_time(here: Line, post: World, begun: Callable[..., Conversation], meta: Stub) -> None:
    begun("email_code", **_by_mail())
    _said(meta)
    _hear(here, "w2", text={"body": "send AGAIN"})
    assert _said(meta) == ["A code is on its way."] * 2
    first, second = _codes()
    assert codes.plain(first) != codes.plain(second)
    assert len(_mails(post)) == 2
    _hear(here, "w3", text={"body": codes.plain(first)})
    assert _said(meta)[-1] == "Welcome."


def test_a_request_that_is_begun_twice_queues_one_message(
    here: Line, otp: TemplateMessage, begun: Callable[..., Conversation], meta: Stub
) -> None:
    begun("phone_code", to="{{contact.phone}}", message=otp.id)
    (row,) = requests.claim(5)
    requests.CARRIERS["phone_code"].prepare(row)
    with clock.shifted(timedelta(minutes=2)):
        assert _said(meta) == ["A code is on its way."]
    assert (len(_codes()), db.session.query(Message).filter_by(template_id=otp.id).count()) == (1, 1)


def test_a_mail_that_was_begun_by_the_dead_is_not_sent_again_and_its_code_holds(
    here: Line, post: World, begun: Callable[..., Conversation], meta: Stub
) -> None:
    begun("email_code", **_by_mail())
    (row,) = requests.claim(5)
    requests.CARRIERS["email_code"].prepare(row)()
    with clock.shifted(timedelta(minutes=2)):
        assert _said(meta) == ["A code is on its way."]
        assert len(_mails(post)) == 1
        _hear(here, "w2", text={"body": codes.plain(_codes()[0])}, ago=-120)
        assert _said(meta)[-1] == "Welcome."


class Died(BaseException):
    """As a kill: nobody catches it."""


def _carry_out_until(boundary: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry out what waits, and die right before or right after one of the commits."""
    passed, commit = count(), db.session.commit

    def pass_by() -> None:
        if next(passed) == boundary:
            raise Died()

    def commit_or_die() -> None:
        pass_by()
        commit()
        pass_by()

    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", commit_or_die)
        requests.run()


@pytest.mark.parametrize("boundary", range(8))
@pytest.mark.parametrize("kind", ["email_code", "phone_code"])
def test_death_at_every_commit_sends_one_code_at_most_and_never_another(
    here: Line, post: World, otp: TemplateMessage, begun: Callable[..., Conversation], meta: Stub, kind: str, boundary: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    begun(kind, **(_by_mail() if kind == "email_code" else {"to": "{{contact.phone}}", "message": otp.id}))
    with suppress(Died):
        _carry_out_until(boundary, monkeypatch)
    with clock.shifted(timedelta(minutes=2)):
        said = _said(meta)
        sent = len(_mails(post)) + db.session.query(Message).filter_by(template_id=otp.id).count()
        is_unsure = kind == "email_code" and boundary == 3
        assert (said, sent) == (["A code is on its way."], 0 if is_unsure else 1)
        assert len(_codes()) <= 1
        if sent:
            _hear(here, "w2", text={"body": codes.plain(_codes()[0])}, ago=-120)
            assert _said(meta)[-1] == "Welcome."


def test_nobody_is_flooded_with_codes(here: Line, post: World, begun: Callable[..., Conversation], meta: Stub) -> None:
    begun("email_code", **_by_mail(resends=5, tries=9))
    for at in range(5):
        _said(meta)
        _hear(here, f"again{at}", text={"body": "Send again"})
    assert _said(meta)[-1] == "Not now."
    assert len(_mails(post)) == 5


@pytest.mark.parametrize("to", ["not an address", "+4915112345678"])
def test_a_code_for_no_address_fails_at_once(post: World, begun: Callable[..., Conversation], meta: Stub, to: str) -> None:
    begun("email_code", **_by_mail(to=to))
    assert _said(meta) == ["Then not."]
    assert _mails(post) == []


def test_a_code_fails_at_once_without_a_mail_server(begun: Callable[..., Conversation], meta: Stub) -> None:
    begun("email_code", **_by_mail())
    assert _said(meta) == ["Then not."]
    assert db.session.query(Request).one().result["error"] == mail.MISSING


def test_a_code_that_waited_too_long_for_the_line_is_not_sent(
    here: Line, otp: TemplateMessage, begun: Callable[..., Conversation], meta: Stub
) -> None:
    begun("phone_code", to="{{contact.phone}}", message=otp.id)
    requests.run()
    row = db.session.query(Message).filter_by(template_id=otp.id).one()
    with clock.shifted(timedelta(minutes=11)):
        deliver.one(row.id)
    assert (worlds.reload(row).status, "validity" in worlds.reload(row).error_text) == ("failed", True)


@pytest.mark.database
def test_a_code_that_whatsapp_could_not_bring_ends_the_wait_once(
    here: Line, otp: TemplateMessage, begun: Callable[..., Conversation], meta: Stub
) -> None:
    talk = begun("phone_code", to="{{contact.phone}}", message=otp.id)
    _said(meta)
    assert db.session.execute(undelivered()).all() == []
    row = db.session.query(Message).filter_by(template_id=otp.id).one()
    row.status, row.error_text = "failed", "The number is not on WhatsApp."
    db.session.commit()
    tell_undelivered()
    tell_undelivered()
    assert _said(meta) == ["A code is on its way.", "Then not."]
    assert db.session.query(Request).filter_by(kind="phone_code").one().result["error"] == "The number is not on WhatsApp."
    assert db.session.get_one(Conversation, talk.id, populate_existing=True).state["outcome"] == "failure"


def test_a_code_is_compared_in_its_own_conversation_only(here: Line, post: World, begun: Callable[..., Conversation], meta: Stub) -> None:
    begun("email_code", **_by_mail())
    _said(meta)
    code = codes.plain(_codes()[0])
    assert codes.compare("cnv_other", [1], code) == {"is_right": False, "is_old": False}
    assert codes.compare(db.session.query(Conversation).one().id, [1], code)["is_right"]


def test_who_is_erased_leaves_no_code_behind(here: Line, post: World, begun: Callable[..., Conversation], meta: Stub) -> None:
    talk = begun("email_code", **_by_mail())
    _said(meta)
    erasure.erase(here.workspace_id, talk.contact_id, user_id=None)
    assert _codes() == []
    assert [row.content for row in db.session.query(Request)] == [{}]
