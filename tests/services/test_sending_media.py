"""Messages with a picture, a video or a document on their way: uploaded before anything is claimed, once for all."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask

from flowbuilder import clock
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.medium import Kind, Medium
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Invalid
from flowbuilder.services import media, outbound, transaction
from flowbuilder.services.sending import batches, deliver, pump, reading, retry, settle, single, starting
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import db
from flowbuilder.store import media as store
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.media import MediaUpload
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from flowbuilder.whatsapp.webhooks import StatusUpdate
from tests.fixtures.servers import Simulator, until
from tests.media import picture
from tests.services.starts import within
from tests.services.test_media import FILES, kept
from tests.services.test_outbound_simulated import READY, decided

PHONE = "+4915112345678"


@pytest.fixture
def approved(simulator: Simulator, workspace: Workspace, line: Line) -> Callable[..., TemplateMessage]:
    def of(kind: Kind = Kind.IMAGE, name: str = "Menü.pdf") -> TemplateMessage:
        content: TemplateContent = replace(READY, kind=kind, sample=media.as_medium(kept(workspace, kind, name)))
        row = outbound.submit(workspace.id, outbound.create(workspace.id, line.id, content, None).id, None)
        simulator.control("clock", advance=60)
        return decided(workspace, row)

    return of


def queued(template: TemplateMessage, phone: str = PHONE, medium: Medium | None = None) -> Message:
    wish = {"user_id": None, "client_key": f"{phone}{medium and medium.file}", "medium": medium}
    return single.send(template.workspace_id, template.id, phone, {"first_name": "Ann"}, **wish)


def sent(template: TemplateMessage, phone: str = PHONE, medium: Medium | None = None) -> Message:
    row = queued(template, phone, medium)
    deliver.one(row.id)
    return again(row)


def again(row: Message) -> Message:
    db.session.rollback()
    return db.session.get_one(Message, row.id, populate_existing=True)


def head(simulator: Simulator, phone: str = PHONE) -> dict[str, Any]:
    return simulator.control(f"phones/{phone.strip('+')}")["messages"][0]["content"]["header"]


@pytest.mark.parametrize("kind", FILES)
def test_the_sample_arrives_on_the_phone(simulator: Simulator, approved: Callable[..., TemplateMessage], kind: Kind) -> None:
    assert sent(approved(kind)).status == DeliveryStatus.ACCEPTED

    shown = head(simulator)
    assert (shown["kind"], shown.get("filename")) == (kind.lower(), "Menü.pdf" if kind is Kind.DOCUMENT else None)
    assert requests.get(f"{simulator.url}/media/{shown['media']}", timeout=5).content == FILES[kind]


def test_another_file_is_sent_instead_and_uploaded_once_for_all(
    simulator: Simulator, workspace: Workspace, approved: Callable[..., TemplateMessage]
) -> None:
    template = approved()
    medium = media.as_medium(kept(workspace, data=picture("JPEG"), name="other.jpg"))
    for last in range(3):
        sent(template, f"+491511234567{last}", medium)

    ids = {head(simulator, f"+491511234567{last}")["media"] for last in range(3)}
    assert ids == {db.session.query(MediaUpload).one().meta_id}


def test_a_message_that_needs_a_picture_and_has_none_is_not_sent(workspace: Workspace, approved: Callable[..., TemplateMessage]) -> None:
    with pytest.raises(Invalid) as caught:
        sent(approved(), medium=media.as_medium(kept(workspace, Kind.VIDEO, "a.mp4")))
    assert [(f.field, f.code) for f in caught.value.findings] == [("medium", "missing_medium")]


def lose(simulator: Simulator, line: Line, *, days: float) -> None:
    """Meta deletes the file; it had been uploaded some days ago."""
    known = db.session.query(MediaUpload).one()
    requests.delete(f"{simulator.url}/{known.meta_id}", headers={"Authorization": "Bearer access-token"}, timeout=5).raise_for_status()
    known.uploaded_at = clock.now() - timedelta(days=days)
    db.session.commit()


def test_a_file_that_meta_lost_is_uploaded_anew(simulator: Simulator, line: Line, approved: Callable[..., TemplateMessage]) -> None:
    template = approved()
    sent(template)
    lose(simulator, line, days=3)
    row = sent(template, "+4915112345679")
    assert row.status == DeliveryStatus.QUEUED

    deliver.one(row.id)
    assert again(row).status == DeliveryStatus.ACCEPTED
    assert simulator.ledger()["accepted"] == 2


def test_a_file_that_meta_does_not_take_is_not_uploaded_again_and_again(
    simulator: Simulator, line: Line, approved: Callable[..., TemplateMessage]
) -> None:
    template = approved()
    sent(template)
    lose(simulator, line, days=0)
    row = sent(template, "+4915112345679")

    assert (row.status, row.error_code) == (DeliveryStatus.FAILED, 100)


def told_no_file(row: Message) -> None:
    known = dict.fromkeys(StatusUpdate._fields, "") | {"error_code": 131053, "error_title": "Media upload error", "timestamp": None}
    update = StatusUpdate(**known | {"wamid": row.wamid, "status": "failed", "callback": str(row.id)})
    with transaction() as session:
        settle.settle(session, [settle.Told(row.line_id, update)])


@pytest.mark.parametrize(("days", "uploads"), [(3, 2), (0, 1)])
def test_when_meta_tells_later_that_it_lost_the_file_the_next_message_brings_it_anew(
    approved: Callable[..., TemplateMessage], days: int, uploads: int
) -> None:
    template = approved()
    first = sent(template)
    known = db.session.query(MediaUpload).one()
    known.uploaded_at = clock.now() - timedelta(days=days)
    db.session.commit()
    ids = {known.meta_id}
    told_no_file(first)

    assert (again(first).status, first.error_code) == (DeliveryStatus.FAILED, 131053)
    assert sent(template, "+4915112345679").status == DeliveryStatus.ACCEPTED
    ids.add(db.session.query(MediaUpload).populate_existing().one().meta_id)
    assert len(ids) == uploads


def test_a_running_batch_leaves_a_lost_file_as_soon_as_a_webhook_tells(
    simulator: Simulator, app: Flask, line: Line, approved: Callable[..., TemplateMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sent(approved())
    known = db.session.query(MediaUpload).one()
    known.uploaded_at, lost = clock.now() - timedelta(days=3), known.meta_id
    line.messages_per_second = 10
    db.session.commit()
    batch = batch_of(db.session.get_one(TemplateMessage, first.template_id), PEOPLE)
    batch_id, rung = batch.id, []
    monkeypatch.setattr(pump, "ring_batch", rung.append)
    starting.start(batch.workspace_id, batch.id, opted_in=True, again=True, user_id=None)
    rung.clear()
    went = threading.Thread(target=within, args=(app, lambda: pump.run(batch_id, seconds=60)))
    went.start()
    until(lambda: simulator.ledger()["accepted"] > 3)
    told_no_file(first)
    went.join(10)

    assert not went.is_alive()
    assert rung == [batch_id]
    pump.run(batch_id, seconds=60)
    db.session.rollback()
    assert db.session.get_one(Batch, batch_id, populate_existing=True).status == "finished"
    assert db.session.query(MediaUpload).populate_existing().one().meta_id != lost


def test_whoever_holds_a_lost_file_leaves_it_though_somebody_else_uploaded_it_first(
    simulator: Simulator, workspace: Workspace, line: Line
) -> None:
    file = kept(workspace, Kind.IMAGE)
    old = media.uploaded(line, file.id).meta_id
    with transaction() as session:
        store.forget_upload(session, line.id, old)
    assert not store.is_current(db.session, line.id, old)
    new = media.uploaded(line, file.id).meta_id
    assert (store.is_current(db.session, line.id, old), store.is_current(db.session, line.id, new)) == (False, True)


def test_those_of_a_batch_that_failed_for_a_lost_file_get_it_by_retry_failed(line: Line, approved: Callable[..., TemplateMessage]) -> None:
    batch = run(batch_of(approved(), PEOPLE))
    known = db.session.query(MediaUpload).one()
    known.uploaded_at, lost = clock.now() - timedelta(days=3), known.meta_id
    db.session.commit()
    told_no_file(db.session.query(Message).filter_by(batch_id=batch.id).order_by(Message.id).first())

    made = retry.retry(batch.workspace_id, batch.id, user_id=None)
    reading.run(made.id)
    made = run(made)
    assert (made.rows, made.status) == (1, "finished")
    assert db.session.query(MediaUpload).populate_existing().one().meta_id != lost


def test_while_meta_is_away_the_message_waits_unclaimed(line: Line, approved: Callable[..., TemplateMessage]) -> None:
    template = approved()
    db.session.get_one(Line, line.id).base_url = "http://127.0.0.1:9"
    db.session.commit()
    row = sent(template)

    assert (row.status, row.attempt) == (DeliveryStatus.QUEUED, 0)
    assert row.due_at > clock.now()
    assert "could not be brought to Meta yet" in row.error_text


def batch_of(template: TemplateMessage, text: str, **more: Any) -> Batch:
    wish = {"flow_id": None, "file": io.BytesIO(text.encode()), "file_name": "people.csv", "user_id": None, **more}
    batch = batches.create(template.workspace_id, template.id, Door.OUTBOUND, **wish)
    reading.run(batch.id)
    return db.session.get_one(Batch, batch.id, populate_existing=True)


def run(batch: Batch) -> Batch:
    starting.start(batch.workspace_id, batch.id, opted_in=True, again=True, user_id=None)
    pump.run(batch.id, seconds=8)
    db.session.rollback()
    return db.session.get_one(Batch, batch.id, populate_existing=True)


PEOPLE = "Phone number,first_name\n" + "".join(f"+4915112345{n},Ann\n" for n in range(600, 630))


def test_a_batch_uploads_its_file_once(simulator: Simulator, line: Line, approved: Callable[..., TemplateMessage]) -> None:
    batch = run(batch_of(approved(), PEOPLE))

    assert batch.status == "finished"
    assert (simulator.ledger()["accepted"], simulator.ledger()["doubled"]) == (30, 0)
    assert head(simulator, "+4915112345600")["media"] == db.session.query(MediaUpload).one().meta_id


def test_a_batch_goes_on_with_a_new_upload_when_meta_lost_the_file(
    simulator: Simulator, line: Line, approved: Callable[..., TemplateMessage]
) -> None:
    template = approved()
    sent(template)
    lose(simulator, line, days=3)
    batch = run(batch_of(template, PEOPLE))
    pump.run(batch.id, seconds=8)

    assert db.session.get_one(Batch, batch.id, populate_existing=True).status == "finished"
    assert (simulator.ledger()["accepted"], simulator.ledger()["recipients"]) == (31, 31)


def test_each_row_may_bring_a_link_of_its_own(simulator: Simulator, approved: Callable[..., TemplateMessage]) -> None:
    text = (
        "Phone number,first_name,Document link,Document name\n"
        "+4915112345600,Ann,https://shop.example/7.pdf,Invoice 7.pdf\n"
        "+4915112345601,Bo,http://shop.example/8.pdf,Invoice 8.pdf\n"
        "+4915112345602,Cy,,Invoice 9.pdf\n"
        "+4915112345603,Di,https://shop.example/bill?no=10,\n"
    )
    batch = batch_of(approved(Kind.DOCUMENT), text, is_linked=True)
    assert (batch.rows, batch.faulty) == (4, 2)

    run(batch)
    shown = head(simulator, "+4915112345600")
    assert (shown["link"], shown["filename"]) == ("https://shop.example/7.pdf", "Invoice 7.pdf")
    assert head(simulator, "+4915112345603")["filename"] == "bill.pdf"


def test_while_meta_is_away_the_batch_waits_and_says_until_when(line: Line, approved: Callable[..., TemplateMessage]) -> None:
    batch = batch_of(approved(), PEOPLE)
    home = line.base_url
    db.session.get_one(Line, line.id).base_url = "http://127.0.0.1:9"
    db.session.commit()
    batch = run(batch)

    assert (batch.status, batch.lease_owner) == ("running", None)
    assert "could not be brought to Meta yet" in batch.waits_because
    assert batch.waits_until > clock.now()
    assert {row.status for row in db.session.query(Message).filter_by(batch_id=batch.id)} == {DeliveryStatus.QUEUED}

    db.session.get_one(Line, line.id).base_url = home
    db.session.commit()
    pump.run(batch.id, seconds=8)
    batch = db.session.get_one(Batch, batch.id, populate_existing=True)
    assert (batch.status, batch.waits_because) == ("finished", "")


def test_a_batch_whose_file_is_gone_stops_and_says_so(approved: Callable[..., TemplateMessage]) -> None:
    template = approved()
    batch = batch_of(template, PEOPLE)
    media.path_of(batch.plan["medium"]["file"]).unlink()
    batch = run(batch)

    assert batch.status == "stopped"
    assert "Choose it again" in batch.stopped_because
