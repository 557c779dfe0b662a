"""The table of recipients: filters in the address, page by page, and what is downloaded of it."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.sending import Message
from tests.web.sending.pages import HTMX, words
from tests.web.sending.pages import page as page_of

pytestmark = pytest.mark.database


def _ids(page) -> list[str]:
    return [row["id"] for row in page.select(".recipient-table tbody tr[id]")]


def _table(client, batch, **asked):
    return page_of(client.get(f"/batches/{batch.id}/recipients", query_string=asked, headers=HTMX))


def test_failed_rows_are_filtered_by_reason(started):
    batch, client = started
    ids = db.session.scalars(select(Message.id).where(Message.batch_id == batch.id, Message.status == "failed")).all()
    with transaction() as session:
        session.execute(update(Message).where(Message.id.in_(ids[:3])).values(error_code=131049))
        session.execute(update(Message).where(Message.id == ids[3]).values(error_code=None, error_text="Nobody answers."))
    page = _table(client, batch, group="failed")
    options = {option["value"]: words(option) for option in page.select("#field-recipient-code option")}
    assert list(options) == ["", "131026", "131049", "none"]
    assert options["131026"].endswith("(6)")
    assert len(_ids(_table(client, batch, group="failed", code="131049"))) == 3
    assert _ids(_table(client, batch, group="failed", code="none")) == [f"row-{ids[3]}"]


@pytest.mark.parametrize("part", [slice(0, 20), slice(1, 20), slice(-6, None)])
def test_a_number_is_found_by_any_part_of_it(started, part):
    batch, client = started
    row = db.session.scalars(
        select(Message).where(Message.batch_id == batch.id, Message.status == "read").order_by(Message.id).limit(1)
    ).one()
    page = _table(client, batch, phone=row.phone[part])
    assert f"row-{row.id}" in _ids(page)
    assert f"row-{row.id}" not in _ids(_table(client, batch, phone=row.phone[part], group="failed"))


def test_a_number_is_found_as_people_write_it(started):
    batch, client = started
    row = db.session.scalars(select(Message).where(Message.batch_id == batch.id, Message.phone.like("+49%")).limit(1)).one()
    national = f"0{row.phone[3:7]} {row.phone[7:]}"
    assert _ids(_table(client, batch, phone=national)) == [f"row-{row.id}"]


def test_a_search_pages_on_without_repeating(started):
    batch, client = started
    seen: list[str] = []
    page = _table(client, batch, phone="+4915")
    while True:
        seen += _ids(page)
        following = [link for link in page.select(".pager a") if words(link) == "Next page"]
        if not following:
            break
        page = page_of(client.get(following[0]["href"], headers=HTMX))
    count = db.session.query(Message).filter(Message.batch_id == batch.id, Message.phone.like("+4915%")).count()
    assert len(seen) == len(set(seen)) == count


def test_too_few_digits_are_told_and_filter_nothing(started):
    batch, client = started
    page = _table(client, batch, phone="49")
    assert "at least 3 digits" in words(page.select_one('[data-field="phone"]'))
    assert len(_ids(page)) == 50


def test_an_address_with_filters_is_a_whole_page(started):
    batch, client = started
    page = page_of(client.get(f"/batches/{batch.id}/recipients?group=read"))
    assert page.select_one("h1")
    assert len(_ids(page)) == 20
    answer = client.get(f"/batches/{batch.id}/recipients?group=read&phone=", headers=HTMX)
    assert answer.headers["HX-Push-Url"].endswith("/recipients?group=read")


@pytest.mark.parametrize("odd", ["-1", "x", "9" * 30, "+", "+999", "'; --"])
def test_odd_filters_do_no_harm(started, odd):
    batch, client = started
    for name in ("after", "code", "phone", "group"):
        answer = client.get(f"/batches/{batch.id}/recipients", query_string={"group": "failed", name: odd}, headers=HTMX)
        assert answer.status_code == 200


def test_the_workbook_has_what_the_csv_has_and_no_formulas(started):
    batch, client = started
    with transaction() as session:
        some = session.scalars(select(Message).where(Message.batch_id == batch.id).order_by(Message.id).limit(1)).one()
        some.content = {"parameters": {"first_name": "=1+1", "order_number": "@x"}}
    answer = client.get(f"/batches/{batch.id}/result.xlsx")
    assert answer.headers["Content-Disposition"].endswith('result.xlsx"')
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][:5] == ["Row", "Phone number", "first_name", "order_number", "Status"]
    assert sorted(int(row[0]) for row in rows[1:]) == list(range(2, 2002))
    assert rows[1][2:4] == ["=1+1", "@x"]
    assert rows[1][1].startswith("+")


def test_an_export_has_the_rows_that_the_filters_show(started):
    batch, client = started
    page = page_of(client.get(f"/batches/{batch.id}/recipients?group=read"))
    links = {link.get_text(strip=True): link["href"] for link in page.select(".recipients-head .btn")}
    answer = client.get(links["Export these as CSV"])
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]
    assert ([row[4] for row in rows], "read.csv" in answer.headers["Content-Disposition"]) == (["read"] * 20, True)
    workbook = client.get(f"{links['Export these as XLSX']}&phone={rows[0][1].strip(chr(39))[-6:]}")
    found = CalamineWorkbook.from_filelike(io.BytesIO(workbook.data)).get_sheet_by_index(0).to_python()[1:]
    assert [int(row[0]) for row in found] == [int(rows[0][0])]


def test_the_chart_counts_messages_a_second(started):
    batch, client = started
    assert client.get(f"/batches/{batch.id}/pace").json == {"rates": None}
    now = clock.now()
    with transaction() as session:
        told = update(Message).where(Message.batch_id == batch.id, Message.status.in_(("delivered", "read")))
        session.execute(told.values(accepted_at=now, delivered_at=now))
        session.execute(update(Message).where(Message.batch_id == batch.id, Message.status == "failed").values(failed_at=now))
    found = client.get(f"/batches/{batch.id}/pace").json
    totals = {name: sum(rates) * found["bucket"] for name, rates in zip(found["names"], found["rates"], strict=True)}
    assert totals == {"Accepted": 80, "Delivered": 80, "Read": 0, "Failed": 10}


def test_the_chart_of_a_big_batch_is_drawn_from_some_of_its_rows(started, monkeypatch):
    from flowbuilder.store import pace

    batch, client = started
    monkeypatch.setattr(pace, "_LOOKED_AT", 100)
    with transaction() as session:
        session.execute(update(Message).where(Message.batch_id == batch.id).values(accepted_at=clock.now()))
    found = client.get(f"/batches/{batch.id}/pace").json
    assert found["step"] == 20
    assert 1900 <= sum(found["rates"][0]) * found["bucket"] <= 2000
