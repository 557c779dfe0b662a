"""What a person is told before a batch starts, how they start it, and what they may do with what failed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.sending import forecast, pump, reading
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.sending import Batch, Message
from tests.web.sending.pages import HTMX, upload, words
from tests.web.sending.pages import page as page_of


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "ring_batch", lambda batch_id: None)


def _of(batch: Batch) -> Batch:
    db.session.rollback()
    return db.session.get(Batch, batch.id, populate_existing=True)


def _facts(page) -> dict[str, str]:
    return {part["data-fact"]: words(part) for part in page.select("[data-fact]")}


def test_before_the_start_everything_is_told(read_batch, workspace, line):
    batch, client = read_batch()
    phones = db.session.scalars(select(Message.phone).where(Message.batch_id == batch.id).limit(3)).all()
    with transaction() as session:
        known = {"facts": {"limit": "TIER_250"}, "checked_at": clock.now(), "messages_per_second": 80}
        session.execute(update(Line).values(is_simulator=False, **known))
        session.add(TestPhone(workspace_id=workspace.id, phone=phones[0]))
        for phone, days in zip(phones, (0.5, 5, 20), strict=True):
            session.add(_single(workspace.id, line.id, phone, days))
    facts = _facts(page_of(client.get(f"/batches/{batch.id}")))
    assert facts["recent"].startswith("2")
    assert facts["testers"] == "1"
    assert facts["time"] == "24 seconds at 80 messages a second"
    assert facts["limit"].startswith("249 of 250 people left")
    assert "1,711 have to wait" in facts["limit"]
    assert facts["cost"].startswith("at most") and "USD" in facts["cost"]
    assert "Only an example: reckoned with prices of 2025-07-01 that are not yours." in facts["cost"]
    further = _facts(page_of(client.get(f"/batches/{batch.id}/facts?days=30", headers=HTMX)))
    assert further["recent"].startswith("3")
    with transaction() as session:
        session.execute(update(Line).values(is_simulator=True))
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert _facts(page)["testers"] == "All of them are virtual"
    assert _facts(page)["cost"].startswith("Nothing over the simulator; over a real line at most")
    assert words(page.select_one(".page-actions a")) == "Open the virtual phones"


def test_who_heard_from_us_lately_can_be_left_out(read_batch, workspace, line):
    batch, client = read_batch()
    phone = db.session.scalar(select(Message.phone).where(Message.batch_id == batch.id).limit(1))
    with transaction() as session:
        session.add(_single(workspace.id, line.id, phone, 2))
    page = page_of(client.post(f"/batches/{batch.id}/leave-out?days=7", headers=HTMX))
    assert _facts(page)["recent"] == "0"
    left = db.session.scalars(select(Message).where(Message.batch_id == batch.id, Message.status == "skipped")).all()
    assert [(row.phone, "left out" in row.error_text) for row in left] == [(phone, True)]


def _single(workspace_id: str, line_id: str, phone: str, days: float) -> Message:
    return Message(
        workspace_id=workspace_id, line_id=line_id, direction="out", kind="template", status="delivered", phone=phone, content={},
        created_at=clock.now(), sending_at=clock.now() - timedelta(days=days),
    )  # fmt: skip


def test_the_forecast_of_a_big_batch_follows_the_page(read_batch, monkeypatch):
    monkeypatch.setattr(forecast, "_MANY", 100)
    batch, client = read_batch()
    part = page_of(client.get(f"/batches/{batch.id}")).select_one("#facts")
    assert (part["hx-get"], part["hx-trigger"]) == (f"/batches/{batch.id}/facts", "load")


def test_a_batch_is_started_at_a_time_of_a_zone_and_changed_again(read_batch):
    batch, client = read_batch()
    at = clock.now() + timedelta(days=2)
    wish = {"opt_in": "1", "when": "later", "at": f"{at:%Y-%m-%dT}09:30", "zone": "America/Bogota", "stop_at": "20", "first": "1"}
    assert client.post(f"/batches/{batch.id}/start", data=wish).status_code == 303
    batch = _of(batch)
    assert (batch.status, batch.start_at.hour, batch.stop_at) == ("scheduled", 14, 20)
    assert batch.hold_after is not None
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert "09:30 (America/Bogota, UTC-05:00)" in words(page.select_one(".live-words"))
    client.post(f"/batches/{batch.id}/change")
    assert _of(batch).status == "draft"
    start = page_of(client.get(f"/batches/{batch.id}")).select_one("#start")
    kept = {field["name"]: field["value"] for field in start.select("input[checked], input[type=datetime-local]")}
    assert kept | {field["name"]: field.select_one("[selected]")["value"] for field in start.select("select")} == wish


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [("", "UTC", "Enter the day"), ("2020-01-01T09:00", "UTC", "over already"), ("2027-03-28T02:30", "Europe/Berlin", "go forward")],
)
def test_a_time_that_cannot_be_is_refused_at_its_field_and_nothing_is_lost(read_batch, at, zone, said):
    batch, client = read_batch()
    answer = client.post(f"/batches/{batch.id}/start", data={"opt_in": "1", "when": "later", "at": at, "zone": zone}, headers=HTMX)
    page = page_of(answer)
    assert answer.status_code == 422
    assert said in words(page.select_one('[data-field="at"] .field-error'))
    assert page.select_one("[name=opt_in]").has_attr("checked")
    assert page.select_one("[name=zone] option[selected]")["value"] == zone


def test_the_first_ten_then_the_rest(read_batch):
    batch, client = read_batch()
    client.post(f"/batches/{batch.id}/start", data={"opt_in": "1", "when": "now", "first": "1"})
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch.id).values(status="holding"))
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert [words(button) for button in page.select("#batch .live-head button")] == ["Send the rest", "Cancel"]
    client.post(f"/batches/{batch.id}/rest", headers=HTMX)
    assert (_of(batch).status, _of(batch).hold_after) == ("running", None)


def test_whoever_presses_second_is_told_who_was_first_and_when(read_batch):
    batch, client = read_batch()
    client.post(f"/batches/{batch.id}/start", data={"opt_in": "1"})
    answer = client.post(f"/batches/{batch.id}/start", data={"opt_in": "1"}, headers=HTMX)
    assert answer.status_code == 409
    assert "started already by" in answer.text
    assert "UTC" in answer.text


def test_what_failed_is_retried_as_a_batch_that_is_linked_both_ways(started):
    batch, client = started
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch.id).values(status="paused"))
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert "10 failed" in words(page.select_one("#batch"))
    refused = client.post(f"/batches/{batch.id}/retry", headers=HTMX)
    assert (refused.status_code, "retry may heal" in refused.text) == (422, True)
    address = client.post(f"/batches/{batch.id}/retry", data={"everyone": "1"}).headers["Location"]
    reading.run(address.rsplit("/", 1)[1])
    made = page_of(client.get(address))
    assert made.select_one(f'.lineage a[href="/batches/{batch.id}"]')
    assert words(made.select_one(".counts .count")) == "10 rows in the file"
    assert made.select_one(".match") is None
    assert page_of(client.get(f"/batches/{batch.id}")).select_one(f'.lineage a[href="{address}"]')


def test_a_viewer_sees_what_would_be_sent_and_who_can_start_it(read_batch, sign_in):
    batch, _client = read_batch()
    client = sign_in("viewer")
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert page.select_one("#start") is None
    assert "Testers, designers and administrators can start it." in words(page)
    assert client.get(page.select_one("a.back")["href"]).status_code == 200


def test_who_got_enough_promotions_today_is_left_out_of_a_retry_unless_one_wants_them(started):
    batch, client = started
    with transaction() as session:
        failed = update(Message).where(Message.batch_id == batch.id, Message.status == "failed")
        session.execute(failed.values(error_code=131049, failed_at=clock.now()))
        session.execute(update(Batch).where(Batch.id == batch.id).values(status="paused"))
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert "10 of them got enough promotions lately" in words(page.select_one(".retry-form"))
    assert page.select_one(".retry-form [name=but_resting]").has_attr("checked")
    refused = client.post(f"/batches/{batch.id}/retry", data={"but_resting": "1"}, headers=HTMX)
    assert (refused.status_code, "Retry them after that time" in refused.text) == (422, True)
    assert client.post(f"/batches/{batch.id}/retry").status_code == 303


def test_the_country_of_all_numbers_can_be_told_with_the_file(sign_in, template):
    client = sign_in("tester")
    content = b"Phone number,first_name,order_number\n01512 3456789,Ann,A-1\n"
    door = f"/outbound/{template().id}"
    assert page_of(client.get(f"{door}/send?way=batch")).select_one("[name=country_of_all] option[selected]")["value"] == ""
    address = upload(client, f"{door}/batches", "no_country.csv", content, country_of_all="DE").headers["Location"]
    reading.run(address.rsplit("/", 1)[1])
    page = page_of(client.get(address))
    assert words(page.select_one(".count.is-good")) == "1 can be sent"
    assert "No column of the file tells the country" not in words(page)


def test_a_file_without_countries_gets_one_for_all(sign_in, template):
    client = sign_in("tester")
    content = b"Phone number,first_name,order_number,Shop,Since\n01512 3456789,Ann,A-1,x,2020\n"
    address = upload(client, f"/outbound/{template().id}/batches", "no_country.csv", content).headers["Location"]
    batch_id = address.rsplit("/", 1)[1]
    reading.run(batch_id)
    page = page_of(client.get(address))
    assert "These columns are not used: Shop, Since." in words(page)
    assert "The country is missing" in words(page.select_one("#faults"))
    assert "No column of the file tells the country" in words(page)
    assert page.select_one("details.match[open]")
    assert "No row can be sent yet" in words(page.select_one("#start"))
    client.post(f"/batches/{batch_id}/columns", data={"country": "DE"})
    reading.run(batch_id)
    assert db.session.scalar(select(Message.phone).where(Message.batch_id == batch_id)) == "+4915123456789"


def test_columns_matched_by_hand_are_remembered_for_the_message(sign_in, template):
    client, address = sign_in("tester"), f"/outbound/{template().id}/batches"
    content = b"Country code,Phone number,Vorname,order_number\n49,15123456789,Ann,A-1\n"
    first = upload(client, address, "one.csv", content).headers["Location"]
    reading.run(first.rsplit("/", 1)[1])
    client.post(f"{first}/columns", data={"column_2": "Vorname"})
    reading.run(first.rsplit("/", 1)[1])
    second = upload(client, address, "two.csv", content + b"49,15123456790,Ben,A-2\n").headers["Location"]
    reading.run(second.rsplit("/", 1)[1])
    batch = db.session.get(Batch, second.rsplit("/", 1)[1])
    assert (batch.status, batch.rows, batch.faulty) == ("draft", 2, 0)


def test_a_finished_batch_says_how_many_were_accepted(started):
    batch, client = started
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch.id).values(status="finished"))
    told = words(page_of(client.get(f"/batches/{batch.id}")).select_one(".live-words"))
    assert "Done: 80 of 1,960 were accepted." in told
