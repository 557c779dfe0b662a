"""From a stored webhook to statuses, conversations and answers, on a real database, with a stand-in for Meta."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from flowbuilder import clock
from flowbuilder.errors import NotAllowed, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.conversations import turns
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import settle, single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation, ConversationEvent
from flowbuilder.store.inbound import ParkedStatus, Webhook
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub

_PHONE = "+4915112345678"
_WA_ID = "4915112345678"
_keys = itertools.count()


def _post(line: Line, body: bytes) -> None:
    intake.receive(line.id, body, worlds.signed(body))


def _tell(line: Line, *bodies: bytes) -> None:
    for body in bodies:
        _post(line, body)
    apply.run()
    db.session.rollback()


def _opener(line: Line, *, with_flow: bool = True) -> Message:
    """A template message that has gone out to the person of these tests."""
    from flowbuilder.services.sending import deliver

    version = worlds.version(line).id if with_flow else None
    row = single.send(
        line.workspace_id,
        worlds.template(line).id,
        _PHONE,
        {"first_name": "Ann"},
        version_id=version,
        user_id=None,
        client_key=f"k{next(_keys)}",
    )
    deliver.one(row.id)
    return worlds.reload(row)


def _continue(opener: Message, wamid: str = "wamid.in1", **more) -> bytes:
    return worlds.said_to_us(wamid, wa_id=_WA_ID, quoted=opener.wamid, button={"payload": "continue", "text": "Continue"}, **more)


def _texts(meta: Stub) -> list[str]:
    return [p["text"]["body"] if p["type"] == "text" else p["interactive"]["body"]["text"] for p in meta.seen if p["type"] != "template"]


def test_a_webhook_is_kept_byte_for_byte(here: Line) -> None:
    body = worlds.said_to_us("w1", text={"body": "hä"})
    _post(here, body)
    assert [bytes(row.body) for row in db.session.query(Webhook)] == [body]


def test_a_wrong_signature_keeps_nothing(here: Line) -> None:
    with pytest.raises(NotAllowed):
        intake.receive(here.id, b"{}", worlds.signed(b"{ }"))
    assert db.session.query(Webhook).count() == 0


def test_a_line_that_we_do_not_have_is_not_found(here: Line) -> None:
    with pytest.raises(NotFound):
        intake.receive("lin_none", b"{}", worlds.signed(b"{}"))


def test_continue_starts_the_conversation_and_the_answer_goes_out(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener))
    conversation = worlds.conversation_of(opener)
    assert conversation.status == "in_progress"
    assert _texts(meta) == ["Which colour, Ann?"]
    assert meta.seen[-1]["to"] == _PHONE
    assert worlds.reload(opener).answered_at is not None
    assert db.session.query(Webhook).count() == 0


def test_a_conversation_runs_to_its_end(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener))
    asked = db.session.query(Message).filter_by(kind="buttons").one()
    reply = {"id": asked.content["buttons"][0]["id"], "title": "Red"}
    tapped = {"type": "button_reply", "button_reply": reply}
    _tell(here, worlds.said_to_us("wamid.in2", wa_id=_WA_ID, quoted=asked.wamid, interactive=tapped))
    assert worlds.conversation_of(opener).status == "finished"
    assert _texts(meta) == ["Which colour, Ann?", "Red it is.", "Bye."]
    kinds = [event.kind for event in db.session.query(ConversationEvent).order_by(ConversationEvent.number)]
    assert kinds[-1] == "finished"


def test_a_typed_answer_without_quotation_goes_to_the_waiting_conversation(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener), worlds.said_to_us("wamid.in2", wa_id=_WA_ID, text={"body": "EXIT"}))
    assert worlds.conversation_of(opener).status == "cancelled"


def test_the_same_message_twice_has_one_effect(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener), _continue(opener))
    _tell(here, _continue(opener))
    assert _texts(meta) == ["Which colour, Ann?"]
    assert db.session.query(Message).filter_by(direction="in").count() == 1


def test_continue_tapped_twice_starts_one_conversation(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener, "wamid.a"), _continue(opener, "wamid.b"))
    assert db.session.query(Conversation).count() == 1


def test_a_message_that_came_late_is_kept_but_not_answered(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener, ago=16 * 60))
    assert _texts(meta) == []
    assert db.session.query(Message).filter_by(direction="in").count() == 1
    assert [event.data["reason"] for event in db.session.query(ConversationEvent)] == ["late"]


def test_nothing_is_said_outside_the_24_hour_window(here: Line, meta: Stub) -> None:
    from flowbuilder.services.sending import deliver

    opener = _opener(here)
    _tell(here, _continue(opener))
    queued = db.session.query(Message).filter_by(kind="buttons").one()
    with transaction() as session:
        session.execute(db.update(Message).where(Message.id == queued.id).values(status="queued", wamid=None))
    before = len(meta.seen)
    with clock.shifted(timedelta(hours=25)):
        deliver.one(queued.id)
    assert len(meta.seen) == before
    assert "24 hours" in worlds.reload(queued).error_text


def test_a_message_from_a_stranger_is_kept(here: Line, meta: Stub) -> None:
    _tell(here, worlds.said_to_us("w1", wa_id="4915999999999", text={"body": "Hello?"}))
    row = db.session.query(Message).one()
    assert (row.direction, row.status, row.conversation_id, row.phone) == ("in", "received", None, "+4915999999999")


def test_a_person_is_known_by_metas_user_id_before_the_number(here: Line) -> None:
    _tell(here, worlds.said_to_us("w1", wa_id="4915111111111", user_id="DE.1", text={"body": "a"}))
    _tell(here, worlds.said_to_us("w2", wa_id="", user_id="DE.1", text={"body": "b"}))
    _tell(here, worlds.said_to_us("w3", wa_id="4915122222222", user_id="DE.1", text={"body": "c"}))
    _tell(here, worlds.said_to_us("w4", wa_id="4915111111111", user_id="DE.2", text={"body": "d"}))
    assert db.session.query(Contact).count() == 2


def test_the_forms_of_one_number_are_one_person(here: Line) -> None:
    _tell(
        here,
        worlds.said_to_us("w1", wa_id="5521987654321", text={"body": "a"}),
        worlds.said_to_us("w2", wa_id="552187654321", text={"body": "b"}),
    )
    assert db.session.query(Contact).count() == 1


def test_a_poisonous_post_is_kept_aside_and_holds_up_nobody(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, b"[" * 5000, b"\xff\x00", _continue(opener))
    assert _texts(meta) == ["Which colour, Ann?"]
    assert [row.status for row in db.session.query(Webhook)] == ["dead", "dead"]


def test_statuses_move_a_message_whatever_their_order(here: Line) -> None:
    for order in itertools.permutations(("sent", "delivered", "read")):
        opener = _opener(here, with_flow=False)
        _tell(here, *(worlds.status(opener.wamid, each, callback=opener.id) for each in order))
        row = worlds.reload(opener)
        assert row.status == "read"
        assert None not in (row.sent_at, row.delivered_at, row.read_at)


def test_a_status_without_our_id_is_matched_by_wamid(here: Line) -> None:
    opener = _opener(here, with_flow=False)
    _tell(here, worlds.status(opener.wamid, "delivered"))
    assert worlds.reload(opener).status == "delivered"


def test_a_failed_status_keeps_metas_code_and_words(here: Line) -> None:
    opener = _opener(here, with_flow=False)
    error = {"code": 131026, "title": "Message undeliverable", "error_data": {"details": "Not on WhatsApp"}}
    _tell(here, worlds.status(opener.wamid, "failed", errors=[error]))
    row = worlds.reload(opener)
    assert (row.status, row.error_code) == ("failed", 131026)
    assert "Not on WhatsApp" in row.error_text


def test_a_status_settles_an_unknown_message_by_our_own_id(here: Line, meta: Stub) -> None:
    meta.answer = lambda payload: None
    opener = _opener(here, with_flow=False)
    assert opener.status == "unknown"
    _tell(here, worlds.status("wamid.late", "sent", callback=opener.id))
    row = worlds.reload(opener)
    assert (row.status, row.wamid) == ("sent", "wamid.late")


def test_what_a_person_quotes_has_arrived(here: Line, meta: Stub) -> None:
    meta.answer = lambda payload: None
    opener = _opener(here)
    assert opener.status == "unknown"
    opener.wamid = "wamid.never-told"
    body = _continue(opener)
    db.session.rollback()
    _tell(here, body)
    assert worlds.reload(opener).status == "delivered"
    assert worlds.conversation_of(opener) is not None


def test_a_status_with_our_id_but_of_another_message_changes_nothing(here: Line) -> None:
    opener = _opener(here, with_flow=False)
    _tell(here, worlds.status("wamid.of-another-app", "read", callback=opener.id))
    assert worlds.reload(opener).status == "accepted"


def test_a_status_of_an_unknown_message_is_parked_until_it_is_known(here: Line) -> None:
    _tell(here, worlds.status("wamid.9", "delivered"))
    assert db.session.query(ParkedStatus).count() == 1
    opener = _opener(here, with_flow=False)
    with transaction() as session:
        session.execute(db.update(Message).where(Message.id == opener.id).values(wamid="wamid.9"))
    with transaction() as session:
        assert settle.settle_parked(session) == 1
    assert worlds.reload(opener).status == "delivered"
    assert db.session.query(ParkedStatus).count() == 0


def test_many_statuses_in_one_post_are_all_applied(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here), 600)
    ids = [row.id for row in db.session.query(Message).filter_by(batch_id=batch.id)]
    _tell(
        here,
        worlds.statuses([{"id": f"w{i}", "status": "sent", "timestamp": "1750030073", "biz_opaque_callback_data": str(i)} for i in ids]),
    )
    assert db.session.query(Message).filter_by(batch_id=batch.id, status="sent").count() == 600


def test_continue_on_a_row_of_a_batch_starts_the_batchs_flow(here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 1, version_id=worlds.version(here).id)
    row = db.session.query(Message).filter_by(batch_id=batch.id).one()
    with transaction() as session:
        session.execute(db.update(Message).values(status="accepted", wamid="wamid.batch"))
    _tell(here, worlds.said_to_us("in1", wa_id=row.phone[1:], quoted="wamid.batch", button={"payload": "continue", "text": "Continue"}))
    assert _texts(meta) == ["Which colour, P0?"]


def test_an_expired_conversation_ends(here: Line) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener))
    with clock.shifted(timedelta(hours=25)):
        assert turns.wake(worlds.conversation_of(opener).id)
    assert worlds.conversation_of(opener).status == "expired"


def test_a_cancelled_conversation_says_nothing_more(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener))
    turns.cancel(here.workspace_id, worlds.conversation_of(opener).id)
    assert worlds.conversation_of(opener).status == "cancelled"
    _tell(here, worlds.said_to_us("w2", wa_id=_WA_ID, text={"body": "Red"}))
    assert _texts(meta) == ["Which colour, Ann?"]


def test_one_person_is_answered_in_order(here: Line, meta: Stub) -> None:
    opener = _opener(here)
    _tell(here, _continue(opener), *(worlds.said_to_us(f"w{i}", wa_id=_WA_ID, text={"body": f"nonsense {i}"}) for i in range(5)))
    outs = db.session.query(Message).filter(Message.direction == "out", Message.conversation_id.is_not(None), Message.kind != "template")
    ids = [str(row.id) for row in outs.order_by(Message.id)]
    assert [p["biz_opaque_callback_data"] for p in meta.seen if p["type"] != "template"] == ids
