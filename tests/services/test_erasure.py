"""A person who was erased is gone from every table and every file; an opt-out outlives that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.core.consent import Consent, ConsentSource
from flowbuilder.core.template import Category
from flowbuilder.errors import NotFound
from flowbuilder.services import transaction
from flowbuilder.services.contacts import attributes, consent, erasure, people
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import batches, deliver, mending, pump, reading, single
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import Base, db
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.consent import ForgottenOptOut, OptOut
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.inbound import ParkedStatus, Webhook
from flowbuilder.store.sending import Batch, BatchFault, Message
from tests import worlds

pytestmark = pytest.mark.database

_WA_ID, _USER_ID, _NAME = "4915112345678", "DE.13491208655302741918", "Sheena Nelson"
_MARKS = (_WA_ID, "15112345678", _USER_ID, _NAME, "my secret colour")


def _hits(home: Path) -> list[str]:
    """Every cell of every table, and every file, that still names the person."""
    db.session.rollback()
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(table.select()):
            for column, value in row._mapping.items():
                text = bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)
                found += [f"{table.name}.{column}: {mark}" for mark in _MARKS if mark in text.replace(" ", "") or mark in text]
    for path in (path for folder in ("uploads", "keys") for path in (home / folder).glob("**/*") if path.is_file()):
        found += [f"{path}: {mark}" for mark in _MARKS if mark.encode() in path.read_bytes()]
    return found


def _tell(line: Line, *bodies: bytes) -> None:
    for body in bodies:
        intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def _upload(line: Line, app: Flask, text: str, *, category: str = "MARKETING") -> Batch:
    template = worlds.template(line, category=category)
    path = app.extensions["flowbuilder"].home / "a.csv"
    path.write_text(text)
    with path.open("rb") as file:
        batch = batches.create(line.workspace_id, template.id, Door.OUTBOUND, flow_id=None, file=file, file_name="people.csv", user_id=None)
    path.unlink()
    reading.run(batch.id)
    return worlds.reload(batch)


@pytest.fixture
def known(here: Line, app: Flask) -> Contact:
    """Somebody who was written to singly and in batches, answered, opted out, and stands in files, faults and stored posts."""
    template, version = worlds.template(here), worlds.version(here)
    row = single.send(
        here.workspace_id, template.id, f"+{_WA_ID}", {"first_name": _NAME}, version_id=version.id, user_id=None, client_key=f"k{_WA_ID}"
    )
    deliver.one(row.id)
    who: dict[str, Any] = {"wa_id": _WA_ID, "user_id": _USER_ID}
    for number, text in enumerate(("continue", "my secret colour", "stop")):
        _tell(here, worlds.said_to_us(f"wamid.{number}", text={"body": text}, **who).replace(b'"Ann"', b'"Sheena Nelson"'))
    _upload(here, app, f"country,phone,first_name\n49,{_WA_ID[2:]},{_NAME}\n49,0{_WA_ID[2:]},{_NAME}\n49,1512 3456789,Bob\n")
    db.session.add(TestPhone(workspace_id=here.workspace_id, phone=f"+{_WA_ID}", name=_NAME))
    db.session.add(Webhook(line_id=here.id, received_at=clock.now(), body=f'{{"wa_id":"{_WA_ID}"}}'.encode(), status="dead", error="x"))
    status = {"wamid": "w", "wa_id": _WA_ID}
    db.session.add(ParkedStatus(line_id=here.id, wamid="w", status=status, received_at=clock.now()))
    contact = db.session.query(Contact).filter_by(wa_id=_WA_ID).one()
    attributes.put(db.session, here.workspace_id, {contact.id: {"colour": "my secret colour"}})
    db.session.commit()
    return contact


def test_before_erasing_the_person_is_all_over(known: Contact, app: Flask) -> None:
    tables = {hit.partition(".")[0] for hit in _hits(app.extensions["flowbuilder"].home)}
    expected = {
        "contact",
        "contact_attribute",
        "message",
        "conversation",
        "conversation_event",
        "opt_out",
        "batch_fault",
        "webhook",
        "parked_status",
    }
    assert expected | {"test_phone", "contact_attribute"} <= tables


def test_after_erasing_nothing_names_the_person_in_any_table_or_file(known: Contact, here: Line, app: Flask) -> None:
    said = db.session.query(Message).filter_by(direction="in").count()
    report = erasure.erase(here.workspace_id, known.id, user_id=None)
    assert _hits(app.extensions["flowbuilder"].home) == []
    assert (report.conversations, report.faults, report.posts, report.files, report.test_phones) == (1, 1, 2, 1, 1)
    assert report.messages >= 5
    assert db.session.query(Message).filter_by(direction="in").count() == said
    with pytest.raises(NotFound):
        consent.find(here.workspace_id, known.id)


def test_what_waits_for_an_erased_person_is_not_sent_and_others_are(redis_url: str, known: Contact, here: Line, meta: Any) -> None:
    batch = db.session.query(Batch).one()
    erasure.erase(here.workspace_id, known.id, user_id=None)
    batch.status = "running"
    db.session.commit()
    sent = len(meta.seen)
    pump.run(batch.id)
    assert [payload["to"] for payload in meta.seen[sent:]] == ["+4915123456789"]
    assert worlds.reload(batch).status == "finished"


def test_the_opt_out_outlives_the_person_in_files_singly_and_by_correction(known: Contact, here: Line, app: Flask) -> None:
    erasure.erase(here.workspace_id, known.id, user_id=None)
    assert db.session.query(OptOut).count() == 0
    batch = _upload(here, app, f"country,phone,first_name\n49,{_WA_ID[2:]},X\n49,1512 3456789,Bob\n49,12,Eve\n")
    rows = db.session.query(Message).filter_by(batch_id=batch.id).order_by(Message.number).all()
    assert [(row.phone, row.status) for row in rows] == [(f"+{_WA_ID}", "skipped"), ("+4915123456789", "queued")]
    other = _upload(here, app, "country,phone,first_name\n49,12,Eve\n49,1512 3456789,Bob\n")
    fault = db.session.query(BatchFault).filter_by(batch_id=other.id).one()
    assert mending.mend(here.workspace_id, other.id, fault.id, _WA_ID[2:], user_id=None)
    assert db.session.query(Message).filter_by(batch_id=other.id, phone=f"+{_WA_ID}").one().status == "skipped"
    notice = _upload(here, app, f"country,phone,first_name\n49,{_WA_ID[2:]},X\n", category="UTILITY")
    assert db.session.query(Message).filter_by(batch_id=notice.id).one().status == "queued"
    refusal = consent.refusal(here.workspace_id, f"+{_WA_ID}", Category.MARKETING)
    assert "no promotions" in refusal


def test_who_comes_back_is_still_opted_out_until_they_say_otherwise(known: Contact, here: Line) -> None:
    erasure.erase(here.workspace_id, known.id, user_id=None)
    _tell(here, worlds.said_to_us("wamid.back", wa_id=_WA_ID, text={"body": "hello"}))
    again = db.session.query(Contact).filter_by(wa_id=_WA_ID).one()
    assert again.consent == "opted_out"
    assert db.session.query(ForgottenOptOut).count() == 0
    _tell(here, worlds.said_to_us("wamid.start", wa_id=_WA_ID, text={"body": "start"}))
    assert worlds.reload(again).consent == "opted_in"


def test_a_person_without_an_opt_out_leaves_no_digest(here: Line) -> None:
    with transaction() as session:
        contact = people.of_phone(session, here.workspace_id, "+4915112345678", clock.now())
        consent.record(session, contact, Consent.OPTED_IN, ConsentSource.HAND, clock.now())
    report = erasure.erase(here.workspace_id, contact.id, user_id=None)
    assert not report.opt_out_kept
    assert db.session.query(ForgottenOptOut).count() == 0


@pytest.mark.parametrize("status", ["in_progress", "finished"])
def test_a_person_whose_conversation_lost_its_state_is_erased_and_may_write_again(known: Contact, here: Line, status: str) -> None:
    talk = db.session.query(Conversation).filter_by(contact_id=known.id).one()
    talk.state, talk.status = {}, status
    db.session.commit()
    assert erasure.erase(known.workspace_id, known.id, user_id=None).conversations == 1
    assert worlds.reload(talk).status == ("cancelled" if status == "in_progress" else "finished")
    _tell(here, worlds.said_to_us("wamid.again", wa_id=_WA_ID, text={"body": "Hi"}))
    assert db.session.query(Webhook).filter_by(status="dead").count() == 0


def test_words_in_a_conversation_that_lost_its_state_end_it(known: Contact, here: Line) -> None:
    talk = db.session.query(Conversation).filter_by(contact_id=known.id).one()
    talk.state, talk.status = {}, "in_progress"
    db.session.commit()
    _tell(here, worlds.said_to_us("wamid.again", wa_id=_WA_ID, text={"body": "Hi"}))
    assert worlds.reload(talk).status == "failed"
    assert db.session.query(Webhook).filter_by(status="dead").count() == 1
