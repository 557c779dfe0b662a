"""Nobody who opted out is sent to: checked by the very statement that claims a message."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.core.consent import Consent, ConsentSource
from flowbuilder.errors import Invalid
from flowbuilder.services import transaction
from flowbuilder.services.contacts import consent, people
from flowbuilder.services.sending import deliver, pump, single
from flowbuilder.store import consent as store
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub

pytestmark = pytest.mark.database


def _phone(number: int) -> str:
    return f"+4915{number:09}"


def _opt(workspace_id: str, phone: str, to: Consent = Consent.OPTED_OUT) -> None:
    with transaction() as session:
        contact = people.of_phone(session, workspace_id, phone, clock.now())
        consent.record(session, contact, to, ConsentSource.WORD, clock.now(), text="STOP")


def _counts(batch: Batch) -> Counter[str]:
    db.session.rollback()
    return Counter(status for (status,) in db.session.query(Message.status).filter_by(batch_id=batch.id))


def _sent_to(meta: Stub) -> set[str]:
    return {payload["to"] for payload in meta.seen}


def test_a_batch_of_promotions_skips_who_opted_out_and_says_why(redis_url: str, here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 5, status="draft")
    for number in (1, 3):
        _opt(here.workspace_id, _phone(number))
    db.session.query(Batch).filter_by(id=batch.id).update({"status": "running"})
    db.session.commit()
    pump.run(batch.id, threads=4)
    assert _sent_to(meta) == {_phone(number) for number in (0, 2, 4)}
    assert _counts(batch) == {"accepted": 3, "skipped": 2}
    skipped = db.session.query(Message).filter_by(batch_id=batch.id, status="skipped").first()
    assert (skipped.error_text, skipped.lease_owner, skipped.attempt, skipped.sending_at) == (store.REASON, None, 0, None)
    assert worlds.reload(batch).status == "finished"


def test_a_batch_of_which_everybody_opted_out_finishes(redis_url: str, here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 2, status="draft")
    for number in range(2):
        _opt(here.workspace_id, _phone(number))
    db.session.query(Batch).filter_by(id=batch.id).update({"status": "running"})
    db.session.commit()
    pump.run(batch.id)
    assert meta.seen == []
    assert worlds.reload(batch).status == "finished"


def test_messages_about_an_order_still_reach_who_wants_no_promotions(redis_url: str, here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here, category="UTILITY"), 2)
    _opt(here.workspace_id, _phone(0))
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 2}


def test_nothing_reaches_who_stopped_everything(redis_url: str, here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here, category="UTILITY"), 2)
    _opt(here.workspace_id, _phone(0), Consent.STOPPED)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 1, "skipped": 1}


def test_who_opts_in_again_gets_promotions_again(redis_url: str, here: Line, meta: Stub) -> None:
    _opt(here.workspace_id, _phone(0))
    _opt(here.workspace_id, _phone(0), Consent.OPTED_IN)
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 1)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 1}


def test_an_older_wish_that_arrives_late_changes_nothing(here: Line) -> None:
    _opt(here.workspace_id, _phone(0), Consent.OPTED_IN)
    with transaction() as session:
        contact = people.of_phone(session, here.workspace_id, _phone(0), clock.now())
        before = contact.consent_at.replace(year=contact.consent_at.year - 1)
        assert not consent.record(session, contact, Consent.OPTED_OUT, ConsentSource.WHATSAPP, before)
    assert worlds.reload(contact).consent == Consent.OPTED_IN


def test_a_number_in_its_other_form_is_the_same_person(redis_url: str, here: Line, meta: Stub) -> None:
    _opt(here.workspace_id, "+5215512345678")
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 1)
    db.session.query(Message).filter_by(batch_id=batch.id).update({"phone": "+525512345678"})
    db.session.commit()
    pump.run(batch.id)
    assert _counts(batch) == {"skipped": 1}


def test_another_workspace_is_not_concerned(redis_url: str, here: Line, meta: Stub, app: Flask) -> None:
    db.session.add(Workspace(id="wsp_other", name="Other", created_at=clock.now()))
    db.session.commit()
    _opt("wsp_other", _phone(0), Consent.STOPPED)
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 1)
    pump.run(batch.id)
    assert _counts(batch) == {"accepted": 1}


def test_opting_out_skips_at_once_what_waits(here: Line) -> None:
    marketing, other = worlds.template(here, category="MARKETING"), worlds.template(here)
    running, calm = worlds.batch(here, marketing, 2), worlds.batch(here, other, 2)
    _opt(here.workspace_id, _phone(1))
    assert _counts(running) == {"queued": 1, "skipped": 1}
    assert _counts(calm) == {"queued": 2}


def test_what_may_have_arrived_before_stays_in_doubt(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 1)
    db.session.query(Message).filter_by(batch_id=batch.id).update({"is_possible_duplicate": True})
    db.session.commit()
    _opt(here.workspace_id, _phone(0))
    assert _counts(batch) == {"unconfirmed": 1}


def test_a_workspace_may_ask_for_an_opt_in_on_record(redis_url: str, here: Line, meta: Stub) -> None:
    db.session.query(Workspace).filter_by(id=here.workspace_id).update({"needs_opt_in": True})
    db.session.commit()
    _opt(here.workspace_id, _phone(0), Consent.OPTED_IN)
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 3)
    assert store.opted_out(here.workspace_id, batch.id)[0] == 2
    pump.run(batch.id)
    assert _sent_to(meta) == {_phone(0)}
    assert _counts(batch) == {"accepted": 1, "skipped": 2}


def test_the_preview_knows_who_will_be_skipped(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 6, status="draft")
    for number in (2, 4):
        _opt(here.workspace_id, _phone(number))
    count, rows = store.opted_out(here.workspace_id, batch.id)
    assert (count, [row.phone for row in rows]) == (2, [_phone(2), _phone(4)])
    assert store.opted_out("wsp_other", batch.id) == (0, ())


def test_the_preview_of_a_notice_counts_only_who_stopped_everything(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here), 6, status="draft")
    _opt(here.workspace_id, _phone(2))
    _opt(here.workspace_id, _phone(3), Consent.STOPPED)
    assert [row.phone for row in store.opted_out(here.workspace_id, batch.id)[1]] == [_phone(3)]


def test_a_single_promotion_to_who_opted_out_is_refused_in_a_sentence(here: Line) -> None:
    template = worlds.template(here, category="MARKETING")
    _opt(here.workspace_id, "+4915100000007")
    with pytest.raises(Invalid) as refused:
        single.send(here.workspace_id, template.id, "+4915100000007", {"first_name": "Ann"}, user_id=None, client_key="k")
    assert [(found.field, found.code) for found in refused.value.findings] == [("phone", "opted_out")]
    assert db.session.query(Message).count() == 0


def test_a_single_promotion_that_was_queued_before_is_skipped_when_claimed(redis_url: str, here: Line, meta: Stub) -> None:
    template = worlds.template(here, category="MARKETING")
    row = single.send(here.workspace_id, template.id, "+4915100000007", {"first_name": "Ann"}, user_id=None, client_key="k")
    _opt(here.workspace_id, "+4915100000007")
    db.session.query(Message).filter_by(id=row.id).update({"status": "queued", "error_text": ""})
    db.session.commit()
    assert deliver.one(row.id)
    assert meta.seen == []
    assert (worlds.reload(row).status, row.error_text, row.attempt) == ("skipped", store.REASON, 0)


def test_sending_one_message_notes_the_confirmed_opt_in(here: Line) -> None:
    template = worlds.template(here, category="MARKETING")
    row = single.send(here.workspace_id, template.id, "+4915100000007", {"first_name": "Ann"}, user_id=None, client_key="k")
    event = db.session.query(store.ConsentEvent).one()
    assert (event.contact_id, event.consent, event.source, event.text) == (row.contact_id, "opted_in", "single", consent.CONFIRMED)
    single.send(here.workspace_id, template.id, "+4915100000007", {"first_name": "Ann"}, user_id=None, client_key="k2")
    assert db.session.query(store.ConsentEvent).count() == 1


def test_starting_a_batch_notes_the_confirmed_opt_in_of_those_we_know(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 3, status="draft")
    with transaction() as session:
        known = people.of_phone(session, here.workspace_id, _phone(0), clock.now())
        stranger = people.of_phone(session, here.workspace_id, "+4915199999999", clock.now())
    _opt(here.workspace_id, _phone(1))
    with transaction() as session:
        consent.confirmed_for_batch(session, session.get(Batch, batch.id), None, clock.now())
    for _ in range(2):
        consent.note_opt_ins(batch.id)
    assert worlds.reload(batch).opt_ins_noted_at is not None
    assert (worlds.reload(known).consent, worlds.reload(stranger).consent) == ("opted_in", "unknown")
    events = db.session.query(store.ConsentEvent).filter_by(source="batch").all()
    assert sorted(event.contact_id or "" for event in events) == ["", known.id]


def test_the_sweep_rings_for_confirmations_that_no_contact_has_yet(here: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 1, status="draft")
    rung: list[Any] = []
    monkeypatch.setattr("flowbuilder.queue.ring", lambda *ring: rung.append(ring))
    consent.ring_unnoted()
    assert rung == []
    with transaction() as session:
        consent.confirmed_for_batch(session, session.get(Batch, batch.id), None, clock.now())
    consent.ring_unnoted()
    assert [ring[1:] for ring in rung] == [("note_opt_ins", batch.id)]
    consent.note_opt_ins(batch.id)
    consent.ring_unnoted()
    assert len(rung) == 1


class _Leavers(threading.Thread):
    """500 people opt out, each at a random moment of the batch, and note when that was committed."""

    def __init__(self, app: Flask, workspace_id: str, numbers: list[int], stub: Stub) -> None:
        super().__init__()
        self._app, self._workspace_id, self._numbers, self._stub = app, workspace_id, numbers, stub
        self.at: dict[str, Any] = {}

    def run(self) -> None:
        with self._app.app_context():
            for done, number in enumerate(self._numbers):
                while len(self._stub.seen) < done * 16 and threading.main_thread().is_alive():
                    time.sleep(0.001)
                _opt(self._workspace_id, _phone(number))
                self.at[_phone(number)] = clock.now()
            db.session.remove()


def _leave_during(app: Flask, here: Line, meta: Stub) -> tuple[Batch, dict[str, Any], list[str]]:
    """A batch of 10,000 from which 500 opt out meanwhile: when each did, and whom we took up for sending after that."""
    numbers = random.Random(32).sample(range(10_000), 500)
    batch = worlds.batch(here, worlds.template(here, category="MARKETING"), 10_000)
    leavers = _Leavers(app, here.workspace_id, numbers, meta)
    leavers.start()
    while worlds.reload(batch).status == "running" and leavers.is_alive():
        pump.run(batch.id, threads=16)
    leavers.join()
    pump.run(batch.id, threads=16)
    db.session.rollback()
    arrived = Counter(payload["to"] for payload in meta.seen)
    begun = dict(db.session.query(Message.phone, Message.sending_at).filter_by(batch_id=batch.id))
    late = [phone for phone, at in leavers.at.items() if arrived[phone] and begun[phone] > at]
    assert max(arrived.values()) == 1
    return batch, leavers.at, late


def test_of_500_who_opt_out_during_a_batch_none_is_taken_up_afterwards(redis_url: str, here: Line, meta: Stub, app: Flask) -> None:
    batch, at, late = _leave_during(app, here, meta)
    counts = _counts(batch)
    assert len(at) == 500
    assert late == []
    assert counts["skipped"] > 50
    assert counts["skipped"] + counts["accepted"] == 10_000 == counts["skipped"] + len(meta.seen)


def test_a_sender_that_does_not_ask_for_consent_is_found_out(
    redis_url: str, here: Line, meta: Stub, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowbuilder.store import outbox

    monkeypatch.setattr(outbox, "skip", lambda *_args, **_more: None)
    monkeypatch.setattr(store, "set_numbers", lambda *_args: None)
    _batch, _at, late = _leave_during(app, here, meta)
    assert late != []


def test_a_late_opt_out_is_stronger_than_a_tick_before_sending(here: Line) -> None:
    with transaction() as session:
        contact = people.of_phone(session, here.workspace_id, _phone(0), clock.now())
        now = clock.now()
        consent.record(session, contact, Consent.OPTED_IN, ConsentSource.SINGLE, now)
        assert consent.record(session, contact, Consent.OPTED_OUT, ConsentSource.WORD, now.replace(year=now.year - 1), text="STOP")
    assert worlds.reload(contact).consent == Consent.OPTED_OUT
