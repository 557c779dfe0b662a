"""A batch before it starts."""

from __future__ import annotations

import csv
import io

from sqlalchemy import select

from flowbuilder.services.sending import reading
from flowbuilder.store import db
from flowbuilder.store.sending import Batch, BatchFault
from tests.web.sending.pages import HTMX, upload, words
from tests.web.sending.pages import page as page_of


def test_the_template_file_has_the_columns_and_an_example(sign_in, template):
    answer = sign_in("tester").get(f"/outbound/{template().id}/recipients.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [["Country code", "Phone number", "first_name", "order_number"], ["49", "1512 3456789", "Ann", "A-17"]]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_upload_without_a_file_says_so(sign_in, template):
    answer = sign_in("tester").post(f"/outbound/{template().id}/batches", data={}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose a CSV or XLSX file first." in words(page_of(answer).select_one("#file-error"))


def test_a_file_being_read_is_followed_and_then_leads_to_its_preview(sign_in, template):
    client = sign_in("tester")
    address = upload(client, f"/outbound/{template().id}/batches", "duplicates.csv").headers["Location"]
    page = page_of(client.get(address))
    part = page.select_one("#batch")
    assert part["hx-trigger"] == "every 1s"
    reading.run(address.rsplit("/", 1)[1])
    answer = client.get(part["hx-get"], headers=HTMX)
    assert answer.headers["HX-Redirect"] == address


def test_the_preview_counts_shows_first_messages_and_names_every_faulty_cell(read_batch):
    batch, client = read_batch()
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert [words(count) for count in page.select(".count")] == [
        "2,000 rows in the file", "1,960 can be sent", "40 faulty rows, left out", "24 seconds to send them all, at 80 messages a second",
    ]  # fmt: skip
    assert "Hi Ann, your order A-1000; express is ready." in [words(body) for body in page.select(".wa-body")]
    rows = page.select(".fault-table tbody tr")
    assert len(rows) == 20
    following = page_of(client.get(page.select_one("#faults .pager a")["hx-get"]))
    assert [len(following.select(".fault-table tbody tr")), "First page" in words(following)] == [20, True]
    fault = db.session.scalars(select(BatchFault).order_by(BatchFault.row)).first()
    cells = [words(cell) for cell in rows[0].select("td")]
    others = " · ".join(cell for at, cell in enumerate(fault.cells) if cell and at != fault.place)
    assert others
    assert cells[:3] == [str(fault.row), fault.field, f"{fault.text} {others}"]


def test_a_faulty_cell_is_mended_in_the_page(read_batch):
    batch, client = read_batch()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "value_missing").order_by(BatchFault.row)).first()
    fault_row = fault.row
    answer = client.post(f"/batches/{batch.id}/faults/{fault.id}", data={"value": "Ann"}, headers=HTMX)
    page = page_of(answer)
    assert "1,961 can be sent" in [words(count) for count in page.select(".count")]
    assert f"{fault_row}" not in [words(row.td) for row in page.select(".fault-table tbody tr")]
    assert "will be sent" in answer.headers["HX-Trigger"]


def test_mending_a_cell_keeps_what_was_chosen_for_the_start(read_batch):
    batch, client = read_batch()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "value_missing")).first()
    mend = page_of(client.get(f"/batches/{batch.id}")).select_one("form.mend")
    chosen = {"when": "later", "at": "2030-05-06T07:08", "zone": "Europe/Berlin", "first": "1", "stop_at": "50", "opt_in": "1"}
    page = page_of(client.post(f"/batches/{batch.id}/faults/{fault.id}", data={"value": "Ann", **chosen}, headers=HTMX))
    start = page.select_one(mend["hx-include"])
    kept = {field["name"]: field["value"] for field in start.select("input[checked], input[type=datetime-local]")}
    assert kept | {field["name"]: field.select_one("[selected]")["value"] for field in start.select("select")} == chosen


def test_a_cell_that_stays_wrong_says_why(read_batch):
    batch, client = read_batch()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "phone_impossible")).first()
    answer = client.post(f"/batches/{batch.id}/faults/{fault.id}", data={"value": "12"}, headers=HTMX)
    assert "too short" in answer.headers["HX-Trigger"]
    assert "40 faulty rows, left out" in [words(count) for count in page_of(answer).select(".count")]


def test_columns_that_were_not_found_are_matched_by_hand(read_batch):
    batch, client = read_batch("missing_column.csv")
    page = page_of(client.get(f"/batches/{batch.id}"))
    assert "No column is called “first_name”" in words(page)
    fields = {words(label): page.select_one(f"#{label['for']}")["name"] for label in page.select(".match label")}
    client.post(f"/batches/{batch.id}/columns", data={fields["first_name"]: "Vorname"})
    reading.run(batch.id)
    assert db.session.get(Batch, batch.id, populate_existing=True).status == "draft"


def test_the_faults_can_be_downloaded(read_batch):
    batch, client = read_batch()
    rows = list(csv.reader(io.StringIO(client.get(f"/batches/{batch.id}/faults.csv").data.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Row", "Column", "Value", "Problem"]
    assert len(rows) == 41


def test_a_batch_needs_consent_to_start(read_batch):
    batch, client = read_batch()
    answer = client.post(f"/batches/{batch.id}/start", data={}, headers=HTMX)
    assert answer.status_code == 422
    assert "WhatsApp requires it" in words(page_of(answer).select_one("[data-field=opt_in]"))
    assert db.session.get(Batch, batch.id, populate_existing=True).status == "draft"


def test_mending_on_a_later_page_of_faults_stays_on_that_page(read_batch):
    batch, client = read_batch()
    page = page_of(client.get(f"/batches/{batch.id}"))
    following = next(link for link in page.select(".pager a") if words(link) == "Next page")
    later = page_of(client.get(following["href"]))
    assert later.select("#faults tbody tr")[0]["id"] != page.select("#faults tbody tr")[0]["id"]
    form = later.select_one("form.mend")
    mended = page_of(client.post(form["hx-post"], data={"value": "still wrong"}, headers=HTMX))
    assert "First page" in words(mended.select_one("#faults .pager"))
