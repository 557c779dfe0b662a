"""A batch on its way, and its export."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.sending import reading
from flowbuilder.store import db, new_id
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.sending import Batch, Message
from flowbuilder.web.sending import running
from tests.web.sending.pages import HTMX, upload, words
from tests.web.sending.pages import page as page_of


def _counts(page: BeautifulSoup) -> dict[str, int]:
    return {
        part["data-count"]: int(re.match(r"[\d,]+", words(part.select_one("dd")))[0].replace(",", ""))
        for part in page.select("[data-count]")
    }


def test_a_running_batch_shows_a_funnel_that_adds_up(started):
    batch, client = started
    page = page_of(client.get(f"/batches/{batch.id}"))
    counts = _counts(page)
    assert counts == {
        "queued": 1860, "accepted": 80, "sent": 80, "delivered": 80, "read": 20, "answered": 0,
        "failed": 10, "skipped": 0, "unconfirmed": 10, "cancelled": 0, "faulty": 40, "rows": 2000,
    }  # fmt: skip
    whole = ("queued", "accepted", "failed", "skipped", "unconfirmed", "cancelled", "faulty")
    assert sum(counts[name] for name in whole) == counts["rows"]
    assert page.select_one("#batch")["hx-trigger"] == "every 1s"


def test_the_live_part_is_asked_for_alone_and_keeps_its_samples(started):
    batch, client = started
    page = page_of(client.get(f"/batches/{batch.id}"))
    asked = {"seen": page.select_one("#seen")["value"]}
    part = page_of(client.get(page.select_one("#batch")["hx-get"], query_string=asked, headers=HTMX))
    assert part.select_one("h1") is None
    assert part.select_one("#seen")["value"].count(":") == 2


@pytest.mark.parametrize("page", ["live", "recipients"])
def test_tiles_and_rows_come_in_one_answer_whichever_is_asked_for(started, page):
    batch, client = started
    asked = {"group": "failed", "code": "131026", "after": "1", "seen": "1.00:5"}
    part = page_of(client.get(f"/batches/{batch.id}/{page}", query_string=asked, headers=HTMX))
    assert _counts(part)["failed"] == len(part.select(".recipient-table tbody tr")) == 10
    assert {field["name"]: field["value"] for field in part.select("#asked input")} == {
        "group": "failed", "code": "131026", "phone": "", "after": "1",
    }  # fmt: skip
    assert part.select_one("#seen")["value"].startswith("1.00:5,")


def test_a_filter_over_a_huge_batch_counts_nothing_before_the_next_poll(started, monkeypatch):
    batch, client = started
    monkeypatch.setattr(running, "MANY", batch.rows)
    part = page_of(client.get(f"/batches/{batch.id}/recipients", headers=HTMX))
    assert (len(part.select(".recipient-table tbody tr")), part.select_one("#batch")) == (50, None)


def test_tiles_and_rows_of_a_batch_that_was_read_by_all_still_follow_answers_for_a_while(started):
    batch, client = started

    def paces(minutes: int) -> bool:
        with transaction() as session:
            session.execute(update(Message).where(Message.batch_id == batch.id).values(status="read"))
            ended = clock.now() - timedelta(minutes=minutes)
            session.execute(update(Batch).where(Batch.id == batch.id).values(status="finished", ended_at=ended))
        return page_of(client.get(f"/batches/{batch.id}")).select_one("#batch").has_attr("hx-get")

    assert (paces(1), paces(30)) == (True, False)


def test_a_batch_that_holds_says_why_and_until_when(started):
    batch, client = started
    until = clock.now() + timedelta(minutes=5)
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch.id).values(waits_because="The limit is reached.", waits_until=until))
    said = page_of(client.get(f"/batches/{batch.id}")).select_one(".live-words")
    assert words(said).startswith("The limit is reached. The batch goes on by itself")
    assert said.select_one("time")["datetime"] == until.isoformat()


def test_recipients_are_filtered_by_status_with_reasons(started):
    batch, client = started
    page = page_of(client.get(f"/batches/{batch.id}/recipients?group=failed", headers=HTMX))
    rows = page.select(".recipient-table tbody tr")
    assert len(rows) == 10
    assert "Check that the number uses WhatsApp" in words(rows[0])
    assert page.select_one(".chip[aria-current]").get_text() == "Failed"
    page = page_of(client.get(f"/batches/{batch.id}/recipients?group=unknown", headers=HTMX))
    chosen = page.select_one(".chip[aria-current]")
    assert words(page.select_one(".chip-words")) == f"Unknown: {chosen['title']}"


def test_recipients_page_on(started):
    batch, client = started
    page = page_of(client.get(f"/batches/{batch.id}/recipients", headers=HTMX))
    first = [row["id"] for row in page.select(".recipient-table tbody tr")]
    following = page_of(client.get(page.select_one(".pager a")["hx-get"], headers=HTMX))
    second = [row["id"] for row in following.select(".recipient-table tbody tr")]
    assert len(first) == len(second) == 50
    assert not set(first) & set(second)


def test_pause_resume_and_cancel_change_the_page(started):
    batch, client = started

    def press(verb: str) -> BeautifulSoup:
        return page_of(client.post(f"/batches/{batch.id}/{verb}", headers=HTMX))

    assert press("pause").select_one(".status")["data-status"] == "paused"
    assert press("resume").select_one(".status")["data-status"] == "running"
    page = press("cancel")
    assert page.select_one(".status")["data-status"] == "cancelled"
    assert (_counts(page)["cancelled"], _counts(page)["queued"]) == (1860, 0)
    assert client.post(f"/batches/{batch.id}/resume").status_code == 409


def test_a_batch_that_only_waits_to_hear_of_lost_answers_says_so_and_tells_no_time(started):
    batch, client = started
    with transaction() as session:
        left = update(Message).where(Message.batch_id == batch.id, Message.status == "queued")
        session.execute(left.values(status="unknown"))
        session.execute(update(Batch).where(Batch.id == batch.id).values(status="running"))
    page = page_of(client.get(f"/batches/{batch.id}"))
    said = " ".join(page.select_one(".live-words").get_text(" ").split())
    assert said.startswith("Everybody was written to. Of 1,860 it is not known yet whether it went out")
    assert (_counts(page)["queued"], _counts(page)["unknown"]) == (0, 1860)


def test_the_export_has_every_row_of_the_file_once_and_no_formulas(started):
    batch, client = started
    with transaction() as session:
        some = session.scalars(select(Message).where(Message.batch_id == batch.id).order_by(Message.id).limit(1)).one()
        some.content = {"parameters": {"first_name": "=1+1", "order_number": "@x"}}
    rows = list(csv.reader(io.StringIO(client.get(f"/batches/{batch.id}/result.csv").data.decode("utf-8-sig"))))
    assert rows[0][:5] == ["Row", "Phone number", "first_name", "order_number", "Status"]
    assert sorted(int(row[0]) for row in rows[1:]) == list(range(2, 2002))
    assert sum(row[4] == "faulty" for row in rows) == 40
    assert rows[1][2:4] == ["'=1+1", "'@x"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_a_viewer_watches_but_cannot_touch(started, sign_in):
    batch, _client = started
    page = page_of(sign_in("viewer").get(f"/batches/{batch.id}"))
    assert page.select_one("#batch form") is None
    assert sign_in("viewer").post(f"/batches/{batch.id}/pause").status_code == 403


def test_user_text_is_escaped_everywhere(sign_in, template):
    client = sign_in("tester")
    evil = "<img src=x onerror=alert(1)>"
    content = f"Country code,Phone number,first_name,order_number\n49,15123456789,{evil},1\n49,12,{evil},1\n".encode()
    address = upload(client, f"/outbound/{template().id}/batches", "evil.csv", content).headers["Location"]
    reading.run(address.rsplit("/", 1)[1])
    page = page_of(client.get(address))
    assert page.select("img") == []
    assert evil in page.select_one(".wa-body").get_text()


def test_a_recipient_who_answered_leads_to_the_conversation(started, workspace, line):
    batch, client = started
    opener = db.session.scalars(select(Message).where(Message.batch_id == batch.id).limit(1)).one()
    now = clock.now()
    flow = FlowDraft(id=new_id("flw"), workspace_id=workspace.id, name="F", document={"nodes": []}, created_at=now, updated_at=now)
    contact = Contact(id=new_id("con"), workspace_id=workspace.id, phone=opener.phone, created_at=now)
    db.session.add_all([flow, contact])
    db.session.flush()
    version = FlowVersion(id=new_id("ver"), flow_id=flow.id, number=1, document={"nodes": []}, digest="x", created_at=now)
    db.session.add(version)
    db.session.flush()
    row = Conversation(
        id=new_id("cnv"), workspace_id=workspace.id, flow_id=flow.id, version_id=version.id, contact_id=contact.id, line_id=line.id,
        opened_by=opener.id, status="in_progress", state={}, started_at=now, updated_at=now,
    )  # fmt: skip
    db.session.add(row)
    opener.answered_at = now
    db.session.commit()
    page = page_of(client.get(f"/batches/{batch.id}/recipients?group=answered", headers=HTMX))
    assert [link["href"] for link in page.select(".recipient-table .actions a")] == [f"/conversations/{row.id}"]


def test_sending_a_row_of_a_finished_batch_again_shows_the_batch_at_work(started):
    batch, client = started
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch.id).values(status="finished", ended_at=clock.now()))
    row = db.session.scalar(select(Message.id).where(Message.batch_id == batch.id, Message.status == "unconfirmed"))
    answer = client.post(f"/batches/{batch.id}/recipients/{row}/resend", headers=HTMX)
    assert answer.headers["HX-Redirect"].endswith(f"/batches/{batch.id}")
    assert db.session.get(Batch, batch.id, populate_existing=True).status == "running"


def test_a_row_is_sent_again_only_through_its_own_batch(started, workspace, line, template):
    batch, client = started
    row = Message(
        workspace_id=workspace.id, line_id=line.id, template_id=template().id, direction="out", kind="template", phone="+4915123456789",
        status="unconfirmed", content={"parameters": {}}, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    assert client.post(f"/batches/{batch.id}/recipients/{row.id}/resend").status_code == 404
    assert db.session.get(Message, row.id, populate_existing=True).status == "unconfirmed"


def test_all_unconfirmed_are_resent_at_once_after_a_question(started):
    batch, client = started
    form = page_of(client.get(f"/batches/{batch.id}")).select_one('#batch form[action$="/resend"]')
    assert words(form) == "Resend all 10 unconfirmed"
    assert form["hx-confirm"].startswith("Send 10 unconfirmed messages again?")
    page = page_of(client.post(form["action"], follow_redirects=True))
    assert _counts(page)["unconfirmed"] == 0
    assert "10 unconfirmed messages are sent again." in page.text
    assert db.session.scalar(select(db.func.count()).where(Message.batch_id == batch.id, Message.is_possible_duplicate)) == 10


def test_what_was_sent_again_says_so(started):
    batch, client = started
    client.post(f"/batches/{batch.id}/resend")
    rows = page_of(client.get(f"/batches/{batch.id}/recipients?group=queued")).select("tbody tr")
    assert sum("it may have arrived twice" in words(row) for row in rows) == 10
