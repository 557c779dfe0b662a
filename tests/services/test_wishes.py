"""STOP, START and the other ways in which people say whether they want to hear from us."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.contacts import consent
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import deliver, pump, single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.consent import ConsentEvent, OptOut
from flowbuilder.store.conversations import Contact, Conversation, ConversationEvent
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub

_WA_ID = "4915112345678"
_wamids = (f"wamid.w{number}" for number in itertools.count())


def _tell(line: Line, *bodies: bytes) -> None:
    for body in bodies:
        intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def _types(line: Line, text: str, *, wa_id: str = _WA_ID, **more: Any) -> None:
    _tell(line, worlds.said_to_us(next(_wamids), wa_id=wa_id, text={"body": text}, **more))


def _opener(line: Line, **more: Any) -> Message:
    template = worlds.template(line, **more)
    version = worlds.version(line).id
    row = single.send(
        line.workspace_id, template.id, f"+{_WA_ID}", {"first_name": "Ann"}, version_id=version, user_id=None, client_key=template.id
    )
    deliver.one(row.id)
    return worlds.reload(row)


def _contact() -> Contact:
    db.session.rollback()
    return db.session.query(Contact).one()


def _said(meta: Stub) -> list[str]:
    return [payload["text"]["body"] for payload in meta.seen if payload["type"] == "text"]


def _preference(value: str, *, ago: int = 0, **who: str) -> bytes:
    choice = {"detail": "…", "category": "marketing_messages", "value": value, "timestamp": int(time.time()) - ago, **who}
    body = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": worlds.NUMBER_ID},
        "contacts": [who],
        "user_preferences": [choice],
    }
    change = {"field": "user_preferences", "value": body}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": [change]}]}).encode()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("stop", "You will get no more promotions from us. Write START if you change your mind."),
        ("Baja.", "No recibirás más promociones nuestras. Escribe START si cambias de opinión."),
        ("PARE!", "Você não receberá mais promoções nossas. Escreva START se mudar de ideia."),
        ("Stop all", "You will get no more messages from us. Write START if you change your mind."),
    ],
)
def test_a_word_opts_out_and_is_confirmed_once_in_its_language(here: Line, meta: Stub, text: str, answer: str) -> None:
    _types(here, text)
    _types(here, text)
    assert _said(meta) == [answer]
    assert _contact().consent == ("stopped" if text == "Stop all" else "opted_out")
    assert [(event.source, event.text) for event in db.session.query(ConsentEvent)] == [("word", text)] * 2


def test_a_word_without_a_language_is_confirmed_in_that_of_the_country(here: Line, meta: Stub) -> None:
    _types(here, "STOP", wa_id="5215512345678")
    assert _said(meta) == ["No recibirás más promociones nuestras. Escribe START si cambias de opinión."]


def test_start_opts_in_again_and_only_then_is_it_a_wish(here: Line, meta: Stub) -> None:
    _types(here, "start")
    assert _contact().consent == "unknown"
    _types(here, "stop")
    _types(here, "start")
    assert _contact().consent == "opted_in"
    assert _said(meta)[-1] == "You will get our messages again. Write STOP at any time to end them."
    assert db.session.query(OptOut).count() == 0


def test_stop_starts_no_flow_and_later_words_do_not_either(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _types(here, "stop")
    assert worlds.conversation_of(opener) is None
    assert worlds.reload(opener).answered_at is not None
    _types(here, "ok, thanks")
    assert worlds.conversation_of(opener) is None


def test_stop_in_a_conversation_is_no_answer_and_ends_nothing_else(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _types(here, "continue")
    row = worlds.conversation_of(opener)
    node, tries = row.state["node"], row.state["tries"]
    _types(here, "stop")
    row = worlds.conversation_of(opener)
    assert (row.status, row.state["node"], row.state["tries"]) == ("in_progress", node, tries)
    ignored = db.session.query(ConversationEvent).filter_by(conversation_id=row.id, kind="ignored").one()
    assert ignored.data["reason"] == "consent"
    assert _contact().consent == "opted_out"


def test_stop_all_ends_the_conversation(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _types(here, "continue")
    _types(here, "stop all")
    assert worlds.conversation_of(opener).status == "cancelled"
    assert _said(meta) == ["You will get no more messages from us. Write START if you change your mind."]


def test_a_flow_whose_word_for_leaving_is_stop_is_left_by_it(here: Line, meta: Stub) -> None:
    document = {**worlds.DOCUMENT, "settings": {"exit_word": "STOP", "exit_text": "Left."}}
    template = worlds.template(here)
    version = worlds.version(here, document).id
    row = single.send(here.workspace_id, template.id, f"+{_WA_ID}", {"first_name": "Ann"}, version_id=version, user_id=None, client_key="k")
    deliver.one(row.id)
    _types(here, "continue")
    _types(here, "Stop")
    assert worlds.conversation_of(worlds.reload(row)).status == "cancelled"
    assert _contact().consent == "opted_out"


def test_a_weak_word_leaves_a_conversation_alone(here: Line, meta: Stub) -> None:
    _opener(here)
    _types(here, "continue")
    _types(here, "sair")
    assert _contact().consent == "opted_in"
    db.session.query(Conversation).update({"status": "finished"})
    db.session.commit()
    _types(here, "sair")
    assert _contact().consent == "opted_out"


def test_a_stop_button_of_a_message_opts_out(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    tap = worlds.said_to_us(
        "wamid.tap", wa_id=_WA_ID, quoted=opener.wamid, button={"payload": "Stop promotions", "text": "Stop promotions"}
    )
    _tell(here, tap)
    assert _contact().consent == "opted_out"
    assert db.session.query(ConsentEvent).order_by(ConsentEvent.id.desc()).first().source == "button"
    assert worlds.conversation_of(opener) is None


def test_a_finishing_button_that_says_stop_finishes_and_opts_out(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    template = db.session.get(type(worlds.template(here)), opener.template_id)
    template.content = {**template.content, "finish_option": "Stop"}
    db.session.commit()
    _tell(here, worlds.said_to_us("wamid.tap", wa_id=_WA_ID, quoted=opener.wamid, button={"payload": "finish", "text": "Stop"}))
    assert worlds.conversation_of(opener).status == "cancelled"
    assert _contact().consent == "opted_out"


def test_a_button_of_a_step_is_an_answer_whatever_it_says(here: Line, meta: Stub) -> None:
    _types(here, "hello")
    reply = {"type": "button_reply", "button_reply": {"id": "n2:x", "title": "Stop"}}
    _tell(here, worlds.said_to_us("wamid.tap", wa_id=_WA_ID, interactive=reply))
    assert _contact().consent == "unknown"


def test_whatsapps_own_menu_stops_and_resumes(here: Line, meta: Stub) -> None:
    _tell(here, _preference("stop", ago=60, wa_id=_WA_ID, user_id="DE.1"))
    assert (_contact().consent, _contact().user_id) == ("opted_out", "DE.1")
    _tell(here, _preference("resume", ago=30, wa_id=_WA_ID, user_id="DE.1"))
    assert _contact().consent == "opted_in"
    _tell(here, _preference("stop", ago=45, wa_id=_WA_ID, user_id="DE.1"))
    assert _contact().consent == "opted_in"
    assert _said(meta) == []


def test_a_person_without_a_number_opts_out_and_the_number_is_kept_once_known(here: Line, meta: Stub) -> None:
    _tell(here, _preference("stop", user_id="DE.1"))
    assert _contact().consent == "opted_out"
    assert db.session.query(OptOut).count() == 0
    _types(here, "hello", user_id="DE.1")
    assert [row.phone for row in db.session.query(OptOut)] == [f"+{_WA_ID}"]


def test_metas_refusal_because_of_a_stop_is_an_opt_out(here: Line, meta: Stub) -> None:
    opener = _opener(here, category="MARKETING")
    error = {"code": 131050, "title": "Unable to deliver"}
    _tell(here, worlds.status(opener.wamid, "failed", callback=opener.id, errors=[error]))
    assert _contact().consent == "opted_out"
    assert [row.source for row in db.session.query(ConsentEvent).order_by(ConsentEvent.id)] == ["single", "refusal"]


@pytest.mark.database
def test_a_refusal_at_once_is_an_opt_out_in_a_batch_as_well(redis_url: str, here: Line, meta: Stub) -> None:
    meta.answer = lambda _payload: (400, {"error": {"code": 131050, "message": "The user has stopped marketing messages."}})
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 1)
    pump.run(batch.id)
    assert _contact().consent == "opted_out"
    assert [row.phone for row in db.session.query(OptOut)] == ["+4915000000000"]


def test_stop_skips_what_waits_in_a_running_batch(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 2)
    _types(here, "STOP", wa_id="4915000000001")
    statuses = [row.status for row in db.session.query(Message).filter_by(batch_id=batch.id).order_by(Message.id)]
    assert statuses == ["queued", "skipped"]


def test_who_answers_a_batch_has_the_opt_in_that_was_confirmed_for_it(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 2, status="draft")
    with transaction() as session:
        consent.confirmed_for_batch(session, session.get(Batch, batch.id), None, clock.now())
    _types(here, "hello", wa_id="4915000000001")
    assert _contact().consent == "opted_in"
    event = db.session.query(ConsentEvent).filter_by(contact_id=_contact().id).one()
    assert (event.source, event.batch_id, event.text) == ("batch", batch.id, consent.CONFIRMED)
    _types(here, "stop", wa_id="4915000000001")
    assert _contact().consent == "opted_out"
