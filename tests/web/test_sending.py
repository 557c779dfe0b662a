"""Pages of sending: both doors, a single message followed, a batch from upload to export."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import reading
from flowbuilder.store import db, new_id
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, BatchFault, Message

FILES = Path(__file__).parent.parent / "data" / "recipients"
HTMX = {"HX-Request": "true"}
CONTENT = {
    "name": "Order ready", "category": "UTILITY", "language": "en_US", "kind": "TEXT", "conversation": "NOTIFICATION",
    "body": "Hi {{first_name}}, your order {{order_number}} is ready.", "continue_option": "Continue", "finish_option": "Cancel",
    "variables": [{"name": "first_name", "example": "Ann"}, {"name": "order_number", "example": "A-17"}],
}  # fmt: skip


def _page(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def _words(node) -> str:
    return " ".join(node.get_text(" ").split())


@pytest.fixture
def template(workspace, line):
    def of(conversation: str = "NOTIFICATION", status: str = "approved") -> TemplateMessage:
        content = {**CONTENT, "conversation": conversation}
        row = TemplateMessage(
            id=new_id("out"), workspace_id=workspace.id, line_id=line.id, name="Order ready", wire_name=new_id("w"), language="en_US",
            category="UTILITY", kind="TEXT", conversation=conversation, content=content, status=status,
            created_at=clock.now(), updated_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.commit()
        return row

    return of


@pytest.fixture
def flow(workspace):
    def of(template_id: str | None, *, published: bool = False) -> FlowDraft:
        nodes = [{"id": "n1", "kind": "you_send_it", "data": {"template": template_id}}]
        document = {"schema": 1, "name": "Welcome", "settings": {}, "nodes": nodes, "edges": [], "layout": {}}
        row = FlowDraft(
            id=new_id("flw"), workspace_id=workspace.id, name="Welcome", document=document, revision=1, published=1 if published else None,
            created_at=clock.now(), updated_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        if published:
            db.session.add(FlowVersion(id=new_id("ver"), flow_id=row.id, number=1, document=document, digest="x", created_at=clock.now()))
        db.session.commit()
        return row

    return of


def _form(page: BeautifulSoup) -> dict[str, str]:
    form = page.select_one("#single form")
    return {field["name"]: field.get("value", "") for field in form.select("input[name]") if field.get("type") != "checkbox"}


def _wish(page: BeautifulSoup, **changes: str) -> dict[str, str]:
    known = {"country": "DE", "phone": "01512 3456789", "value_first_name": "Ann", "value_order_number": "A-1", "opt_in": "1"}
    return {**_form(page), **known, **changes}


def _upload(client, address: str, name: str, content: bytes | None = None, **fields: str):
    content = (FILES / name).read_bytes() if content is None else content
    return client.post(address, data={**fields, "file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


@pytest.fixture
def read_batch(sign_in, template):
    """A batch of 2,000 rows, uploaded through the page and read."""

    def of(name: str = "recipients_2000.csv") -> tuple[Batch, object]:
        client = sign_in("tester")
        answer = _upload(client, f"/outbound/{template().id}/batches", name)
        batch_id = answer.headers["Location"].rsplit("/", 1)[1]
        reading.run(batch_id)
        return db.session.get(Batch, batch_id, populate_existing=True), client

    return of


@pytest.fixture
def started(read_batch, workspace, monkeypatch):
    """The same, started, with 100 rows of several statuses."""
    monkeypatch.setattr(service, "_ring", lambda batch_id: None)
    batch, client = read_batch()
    service.start(workspace.id, batch.id, opted_in=True, again=False, user_id=None)
    ids = db.session.scalars(select(Message.id).where(Message.batch_id == batch.id).order_by(Message.id).limit(100)).all()
    states = [("delivered", 60), ("read", 20), ("failed", 10), ("unconfirmed", 10)]
    with transaction() as session:
        for status, count in states:
            some, ids = ids[:count], ids[count:]
            values = {"status": status, **({"error_code": 131026} if status == "failed" else {})}
            session.execute(update(Message).where(Message.id.in_(some)).values(**values))
    return db.session.get(Batch, batch.id, populate_existing=True), client


def test_a_message_that_is_not_approved_offers_no_form(sign_in, template):
    page = _page(sign_in("tester").get(f"/outbound/{template(status='pending').id}/send"))
    assert page.select_one("#single") is None
    assert "Only messages that Meta has approved can be sent" in _words(page)


def test_the_single_form_asks_for_country_number_each_word_and_consent(sign_in, template):
    page = _page(sign_in("tester").get(f"/outbound/{template().id}/send"))
    labels = [_words(label) for label in page.select("#single label")]
    assert labels == ["Country", "Phone number", "first_name", "order_number", "This person agreed to get messages from us"]
    assert page.select_one("[name=value_first_name]")["placeholder"] == "Ann"
    assert len(page.select("[name=country] option")) > 230
    assert page.select_one("[name=country] option[selected]")["value"] == "US"
    assert [_words(tab) for tab in page.select(".tabs a")] == ["Single message", "Batch sending"]


def test_a_viewer_may_not_send(sign_in, template):
    assert sign_in("viewer").get(f"/outbound/{template().id}/send").status_code == 403


def test_another_workspaces_message_does_not_exist(sign_in):
    assert sign_in("tester").get("/outbound/out_elsewhere/send").status_code == 404


def test_a_message_is_queued_once_however_often_its_form_is_sent(sign_in, template):
    client, address = sign_in("tester"), f"/outbound/{template().id}/send"
    wish = _wish(_page(client.get(address)))
    places = {client.post(address, data=wish).headers["Location"] for _ in range(3)}
    row = db.session.scalars(select(Message)).one()
    assert places == {f"/messages/{row.id}"}
    assert (row.phone, row.status, row.content["text"]) == ("+4915123456789", "queued", "Hi Ann, your order A-1 is ready.")


def test_faults_of_the_form_stand_at_their_fields_and_nothing_typed_is_lost(sign_in, template):
    client, address = sign_in("tester"), f"/outbound/{template().id}/send"
    wish = _wish(_page(client.get(address)), phone="12", value_order_number="", opt_in="")
    answer = client.post(address, data=wish, headers=HTMX)
    page = _page(answer)
    errors = {node.find_parent(class_="field")["data-field"] for node in page.select(".field-error span")}
    assert (answer.status_code, errors) == (422, {"phone", "value_order_number", "opt_in"})
    assert page.select_one("[name=value_first_name]")["value"] == "Ann"
    assert page.select_one("[name=country] option[selected]")["value"] == "DE"
    assert db.session.scalars(select(Message)).all() == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("2015550123", "+1 201-555-0123"), ("20155", "Go on typing"), ("20155501234567", "digits too many"), ("", "For example")],
)
def test_a_number_is_judged_while_it_is_typed(sign_in, typed, expected):
    page = _page(sign_in("tester").get("/sending/phone", query_string={"country": "US", "phone": typed}))
    assert expected in _words(page)


def test_a_number_is_formatted_while_it_is_typed(sign_in):
    page = _page(sign_in("tester").get("/sending/phone", query_string={"country": "US", "phone": "2015550123"}))
    assert page.select_one("#phone-words")["data-shown"] == "(201) 555-0123"


def test_a_message_with_a_flow_starts_the_published_version(sign_in, template, flow):
    message = template("FLOW")
    other = flow(None, published=True)
    wanted = flow(message.id, published=True)
    client, address = sign_in("tester"), f"/outbound/{message.id}/send"
    page = _page(client.get(address))
    assert page.select_one("[name=flow] option[selected]")["value"] == wanted.id
    wish = _wish(page, flow=wanted.id)
    client.post(address, data=wish)
    version = db.session.get(FlowVersion, db.session.scalars(select(Message.version_id)).one())
    assert version.flow_id == wanted.id != other.id


def test_a_pasted_flow_id_goes_before_the_chosen_one(sign_in, template, flow):
    message = template("FLOW")
    chosen, pasted = flow(message.id, published=True), flow(None, published=True)
    client, address = sign_in("tester"), f"/outbound/{message.id}/send"
    client.post(address, data=_wish(_page(client.get(address)), flow=chosen.id, flow_id=pasted.id))
    assert db.session.get(FlowVersion, db.session.scalars(select(Message.version_id)).one()).flow_id == pasted.id


def test_an_unpublished_flow_is_refused_with_a_way_out(sign_in, template, flow):
    message = template("FLOW")
    client, address = sign_in("tester"), f"/outbound/{message.id}/send"
    answer = client.post(address, data=_wish(_page(client.get(address)), flow_id=flow(message.id).id))
    assert answer.status_code == 422
    assert "try it through Test conversation" in _words(_page(answer))


def test_a_trial_verifies_the_initial_message_first_and_sends_the_draft(sign_in, template, flow):
    message = template("FLOW")
    draft = flow(message.id)
    client, address = sign_in("tester"), f"/flows/{draft.id}/test"
    page = _page(client.get(address))
    assert "Verify the initial message" in _words(page.select_one(".initial-card"))
    assert [_words(tab) for tab in page.select(".tabs a")] == ["Single message", "Batch"]
    action = page.select_one("#single form")["action"]
    client.post(action, data=_wish(page))
    sent = db.session.scalars(select(Message)).one()
    assert sent.is_trial
    assert db.session.get(FlowVersion, sent.version_id).number is None


def test_a_trial_can_use_another_approved_message(sign_in, template, flow):
    draft = flow(template("FLOW", status="rejected").id)
    other = template("FLOW")
    client = sign_in("tester")
    page = _page(client.get(f"/flows/{draft.id}/test"))
    assert page.select_one("#single") is None
    assert [option["value"] for option in page.select("[name=template] option")] == ["", other.id]
    page = _page(client.get(f"/flows/{draft.id}/test?template={other.id}"))
    assert other.id in page.select_one("#single form")["action"]


def test_a_flow_without_message_says_what_to_do(sign_in, flow):
    page = _page(sign_in("tester").get(f"/flows/{flow(None).id}/test"))
    assert "The flow has no initial message yet" in _words(page)


def _sent(workspace, line, message: TemplateMessage, **values) -> Message:
    row = Message(
        workspace_id=workspace.id, line_id=line.id, template_id=message.id, direction="out", kind="template", phone="+4915123456789",
        content={"parameters": {"first_name": "Ann", "order_number": "A-1"}}, created_at=clock.now(), **values,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def _steps(page: BeautifulSoup) -> dict[str, str]:
    return {step["data-step"]: re.search(r"is-(\w+)", " ".join(step["class"]))[1] for step in page.select(".stage")}


def test_a_message_is_followed_step_by_step_until_nothing_more_can_come(sign_in, workspace, line, template):
    row, client = _sent(workspace, line, template(), status="queued"), sign_in("viewer")
    page = _page(client.get(f"/messages/{row.id}"))
    assert _steps(page) == {"accepted": "now", "sent": "todo", "delivered": "todo", "read": "todo"}
    assert page.select_one("#progress")["hx-trigger"] == "every 1s"
    row.status, row.accepted_at, row.delivered_at = "delivered", clock.now(), clock.now()
    db.session.commit()
    part = _page(client.get(f"/messages/{row.id}", headers=HTMX))
    assert _steps(part) == {"accepted": "done", "sent": "done", "delivered": "done", "read": "now"}
    row.status, row.read_at = "read", clock.now()
    db.session.commit()
    part = _page(client.get(f"/messages/{row.id}", headers=HTMX))
    assert set(_steps(part).values()) == {"done"}
    assert part.select_one("#progress").get("hx-trigger") is None


def test_a_failed_message_tells_metas_code_and_what_to_do(sign_in, workspace, line, template):
    row = _sent(workspace, line, template(), status="failed", error_code=131026, accepted_at=clock.now(), failed_at=clock.now())
    page = _page(sign_in("viewer").get(f"/messages/{row.id}"))
    assert _steps(page) == {"accepted": "done", "failed": "failed"}
    assert "Check that the number uses WhatsApp" in _words(page)
    assert "131026" in _words(page)


def test_an_unconfirmed_message_is_sent_again_only_by_a_person(sign_in, workspace, line, template):
    row = _sent(workspace, line, template(), status="unconfirmed")
    page = _page(sign_in("tester").get(f"/messages/{row.id}"))
    form = page.select_one("form[action$=resend]")
    assert form["hx-confirm"].startswith("Send it again?")
    assert _page(sign_in("viewer").get(f"/messages/{row.id}")).select_one("form[action$=resend]") is None
    sign_in("tester").post(form["action"])
    again = db.session.get(Message, row.id, populate_existing=True)
    assert (again.status, again.is_possible_duplicate) == ("queued", True)


def test_the_fragment_of_a_message_is_part_of_its_page(sign_in, workspace, line, template):
    row, client = _sent(workspace, line, template(), status="queued"), sign_in("viewer")
    fragment = client.get(f"/messages/{row.id}", headers=HTMX).text.strip()
    assert fragment in client.get(f"/messages/{row.id}").text


def test_the_template_file_has_the_columns_and_an_example(sign_in, template):
    answer = sign_in("tester").get(f"/outbound/{template().id}/recipients.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [["Country code", "Phone number", "first_name", "order_number"], ["49", "1512 3456789", "Ann", "A-17"]]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_upload_without_a_file_says_so(sign_in, template):
    answer = sign_in("tester").post(f"/outbound/{template().id}/batches", data={}, headers=HTMX)
    assert answer.status_code == 422
    assert "Choose a CSV or XLSX file first." in _words(_page(answer).select_one("#file-error"))


def test_a_file_being_read_is_followed_and_then_leads_to_its_preview(sign_in, template):
    client = sign_in("tester")
    address = _upload(client, f"/outbound/{template().id}/batches", "duplicates.csv").headers["Location"]
    page = _page(client.get(address))
    part = page.select_one("#batch")
    assert part["hx-trigger"] == "every 1s"
    reading.run(address.rsplit("/", 1)[1])
    answer = client.get(part["hx-get"], headers=HTMX)
    assert answer.headers["HX-Redirect"] == address


def test_the_preview_counts_shows_first_messages_and_names_every_faulty_cell(read_batch):
    batch, client = read_batch()
    page = _page(client.get(f"/batches/{batch.id}"))
    assert [_words(count) for count in page.select(".count")] == [
        "2,000 rows in the file", "1,960 can be sent", "40 faulty rows, left out", "24 seconds at 80 messages a second",
    ]  # fmt: skip
    assert "Hi Ann, your order A-1000; express is ready." in [_words(body) for body in page.select(".wa-body")]
    rows = page.select(".fault-table tbody tr")
    assert len(rows) == 20
    following = _page(client.get(page.select_one("#faults .pager button")["hx-get"]))
    assert [len(following.select(".fault-table tbody tr")), "First page" in _words(following)] == [20, True]
    fault = db.session.scalars(select(BatchFault).order_by(BatchFault.row)).first()
    cells = [_words(cell) for cell in rows[0].select("td")]
    assert cells[:3] == [str(fault.row), fault.field, fault.text]


def test_a_faulty_cell_is_mended_in_the_page(read_batch):
    batch, client = read_batch()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "value_missing").order_by(BatchFault.row)).first()
    fault_row = fault.row
    answer = client.post(f"/batches/{batch.id}/faults/{fault.id}", data={"value": "Ann"}, headers=HTMX)
    page = _page(answer)
    assert "1,961 can be sent" in [_words(count) for count in page.select(".count")]
    assert f"{fault_row}" not in [_words(row.td) for row in page.select(".fault-table tbody tr")]
    assert "will be sent" in answer.headers["HX-Trigger"]


def test_a_cell_that_stays_wrong_says_why(read_batch):
    batch, client = read_batch()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "phone_impossible")).first()
    answer = client.post(f"/batches/{batch.id}/faults/{fault.id}", data={"value": "12"}, headers=HTMX)
    assert "too short" in answer.headers["HX-Trigger"]
    assert "40 faulty rows, left out" in [_words(count) for count in _page(answer).select(".count")]


def test_columns_that_were_not_found_are_matched_by_hand(read_batch):
    batch, client = read_batch("missing_column.csv")
    page = _page(client.get(f"/batches/{batch.id}"))
    assert "No column is called “first_name”" in _words(page)
    fields = {_words(label): page.select_one(f"#{label['for']}")["name"] for label in page.select(".match label")}
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
    assert "WhatsApp requires it" in _words(_page(answer).select_one("[data-field=opt_in]"))
    assert db.session.get(Batch, batch.id, populate_existing=True).status == "draft"


def _counts(page: BeautifulSoup) -> dict[str, int]:
    return {
        part["data-count"]: int(re.match(r"[\d,]+", _words(part.select_one("dd")))[0].replace(",", ""))
        for part in page.select("[data-count]")
    }


def test_a_running_batch_shows_a_funnel_that_adds_up(started):
    batch, client = started
    page = _page(client.get(f"/batches/{batch.id}"))
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
    address = _page(client.get(f"/batches/{batch.id}")).select_one("#batch")["hx-get"]
    part = _page(client.get(address, headers=HTMX))
    assert part.select_one("h1") is None
    assert part.select_one("#batch")["hx-get"].count(":") == 2


def test_recipients_are_filtered_by_status_with_reasons(started):
    batch, client = started
    page = _page(client.get(f"/batches/{batch.id}/recipients?group=failed", headers=HTMX))
    rows = page.select(".recipient-table tbody tr")
    assert len(rows) == 10
    assert "Check that the number uses WhatsApp" in _words(rows[0])
    assert page.select_one(".chip[aria-current]").get_text() == "Failed"


def test_recipients_page_on(started):
    batch, client = started
    page = _page(client.get(f"/batches/{batch.id}/recipients", headers=HTMX))
    first = [row["id"] for row in page.select(".recipient-table tbody tr")]
    following = _page(client.get(page.select_one(".pager a")["hx-get"], headers=HTMX))
    second = [row["id"] for row in following.select(".recipient-table tbody tr")]
    assert len(first) == len(second) == 50
    assert not set(first) & set(second)


def test_pause_resume_and_cancel_change_the_page(started):
    batch, client = started

    def press(verb: str) -> BeautifulSoup:
        return _page(client.post(f"/batches/{batch.id}/{verb}", headers=HTMX))

    assert press("pause").select_one(".status")["data-status"] == "paused"
    assert press("resume").select_one(".status")["data-status"] == "running"
    page = press("cancel")
    assert page.select_one(".status")["data-status"] == "cancelled"
    assert (_counts(page)["cancelled"], _counts(page)["queued"]) == (1860, 0)
    assert client.post(f"/batches/{batch.id}/resume").status_code == 409


def test_the_export_has_every_row_of_the_file_once_and_no_formulas(started):
    batch, client = started
    with transaction() as session:
        some = session.scalars(select(Message).where(Message.batch_id == batch.id).limit(1)).one()
        some.content = {"parameters": {"first_name": "=1+1", "order_number": "@x"}}
    rows = list(csv.reader(io.StringIO(client.get(f"/batches/{batch.id}/result.csv").data.decode("utf-8-sig"))))
    assert rows[0][:5] == ["Row", "Phone number", "first_name", "order_number", "Status"]
    assert sorted(int(row[0]) for row in rows[1:]) == list(range(2, 2002))
    assert sum(row[4] == "faulty" for row in rows) == 40
    assert rows[1][2:4] == ["'=1+1", "'@x"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_a_viewer_watches_but_cannot_touch(started, sign_in):
    batch, _client = started
    page = _page(sign_in("viewer").get(f"/batches/{batch.id}"))
    assert page.select_one("#batch form") is None
    assert sign_in("viewer").post(f"/batches/{batch.id}/pause").status_code == 403


def test_user_text_is_escaped_everywhere(sign_in, template):
    client = sign_in("tester")
    evil = "<img src=x onerror=alert(1)>"
    content = f"Country code,Phone number,first_name,order_number\n49,15123456789,{evil},1\n49,12,{evil},1\n".encode()
    address = _upload(client, f"/outbound/{template().id}/batches", "evil.csv", content).headers["Location"]
    reading.run(address.rsplit("/", 1)[1])
    page = _page(client.get(address))
    assert page.select("img") == []
    assert evil in page.select_one(".wa-body").get_text()
