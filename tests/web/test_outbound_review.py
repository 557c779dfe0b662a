from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.core.template import Conversation, TemplateContent
from flowbuilder.services import flows, outbound
from flowbuilder.services.accounts import lines
from flowbuilder.services.sending import single
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.render import FORM_MARK
from flowbuilder.whatsapp.webhooks import TemplateStatus
from tests.services.outbound_meta import READY, Meta
from tests.web.outbound_pages import HTMX, soup, values

EVIL = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>\"'><a hx-get=/x>*b*"


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Meta:
    fake = Meta()
    monkeypatch.setattr(lines, "client", lambda line: fake)
    return fake


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


def test_what_people_type_never_becomes_markup(sign_in: Callable[..., FlaskClient], workspace: Workspace, line: Line, meta: Meta) -> None:
    client = sign_in()
    id = new_id("out")
    form = {
        "name": EVIL, "header": EVIL, "body": EVIL, "footer": EVIL, "conversation": "FLOW", "continue_option": EVIL, "finish_option": EVIL,
        "variables.a.example": EVIL, "actions.shown": "1", "actions.0.kind": "link", "actions.0.label": EVIL, "actions.0.url": EVIL,
        "language": EVIL, "touched": EVIL, "shape": EVIL, "flow_id": EVIL,
    }  # fmt: skip
    answers = [client.post(f"/outbound/{id}/draft", data=form, headers=HTMX), client.post(f"/outbound/{id}/submit", data=form)]
    answers += [client.get(f"/outbound/{id}"), client.get("/outbound"), client.get("/outbound", query_string={"q": EVIL})]
    row = outbound.create(workspace.id, line.id, READY, None)
    row = outbound.submit(workspace.id, row.id, None)
    said = {"waba_id": line.waba_id, "meta_id": "900", "name": row.wire_name, "language": "en_US", "event": "REJECTED", "category": ""}
    outbound.apply_status(line.id, TemplateStatus(**said, reason="X", explanation=EVIL, recommendation=EVIL, note=""))
    answers.append(client.get(f"/outbound/{row.id}"))
    for answer in answers:
        page = soup(answer)
        assert page.find("img") is None and page.find("a", attrs={"hx-get": True}) is None
        assert all(script.get("src") for script in page.find_all("script"))
        assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


def test_a_submission_that_breaks_rules_shows_each_on_its_field(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, meta: Meta
) -> None:
    client = sign_in()
    form = {**values(soup(client.get(f"/outbound/{draft.id}"))), "name": "", "body": "Hi {{first_name}}"}
    for headers in ({}, HTMX):
        answer = client.post(f"/outbound/{draft.id}/submit", data=form, headers=headers)
        page = soup(answer)
        assert answer.status_code == 422
        assert "Give the message a name" in page.find(id="field-name-error").get_text()
        assert "may not end with" in page.find(id="field-body-error").get_text()
        assert page.find("textarea").get_text().strip() == "Hi {{first_name}}"
    assert meta.created == []


def test_what_cannot_open_a_flow_is_not_submitted_from_its_panel(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, meta: Meta
) -> None:
    client = sign_in()
    form = {**values(soup(client.get(f"/outbound/{draft.id}"))), "conversation": "NOTIFICATION", "flow_id": "flw_one"}
    answer = client.post(f"/outbound/{draft.id}/submit", data=form, headers=HTMX)

    assert answer.status_code == 422
    assert "conversation type Flow" in soup(answer).find(id="field-form-error").get_text()
    assert meta.created == []


def test_submitting_makes_the_page_read_only_and_follow_the_review(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, line: Line, workspace: Workspace, meta: Meta
) -> None:
    client = sign_in()
    form = values(soup(client.get(f"/outbound/{draft.id}")))
    answer = client.post(f"/outbound/{draft.id}/submit", data=form, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/outbound/{draft.id}")
    whole = _unmarked(client.get(f"/outbound/{draft.id}").text)
    page = BeautifulSoup(whole, "html.parser")
    assert page.find("form", id="ob-form") is None
    assert "at most 5 business days" in page.find(id="review").get_text()
    assert page.find(id="review")["hx-trigger"] == "every 2s"
    assert _unmarked(client.get(f"/outbound/{draft.id}/state", headers=HTMX).text).strip() in whole
    row = outbound.find(workspace.id, draft.id)
    said = {"waba_id": line.waba_id, "meta_id": "900", "name": row.wire_name, "language": "en_US", "event": "APPROVED", "category": ""}
    outbound.apply_status(line.id, TemplateStatus(**said, reason="", explanation="", recommendation="", note=""))
    state = soup(client.get(f"/outbound/{draft.id}/state", headers=HTMX))
    assert "Message approved by Meta" in state.get_text()
    asking = state.find(id="review")
    assert asking["hx-trigger"] == "every 10s"
    assert client.get(asking["hx-get"], headers=HTMX).status_code == 204
    paused = TemplateStatus(**{**said, "event": "PAUSED"}, reason="", explanation="", recommendation="", note="")
    outbound.apply_status(line.id, paused)
    assert "Paused by Meta" in client.get(asking["hx-get"], headers=HTMX).text
    assert state.find("a", href=re.compile(rf"/outbound/{draft.id}/send"))


def _unmarked(text: str) -> str:
    """Without what each page has of its own: its mark, and the token that holds the second in which it was made."""
    return re.sub(rf'name="({FORM_MARK}|csrf_token)" value="[^"]*"', "", text)


def test_a_message_is_submitted_only_once(sign_in: Callable[..., FlaskClient], draft: TemplateMessage, meta: Meta) -> None:
    client = sign_in()
    form = values(soup(client.get(f"/outbound/{draft.id}")))
    client.post(f"/outbound/{draft.id}/submit", data=form)
    form[FORM_MARK] = "of another page"
    assert client.post(f"/outbound/{draft.id}/submit", data=form).status_code == 409
    assert client.post(f"/outbound/{draft.id}/draft", data={**form, "body": "Other"}, headers=HTMX).status_code == 409
    assert client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX).status_code == 204, "saved late, the same"
    assert len(meta.created) == 1


def test_a_rejected_message_says_why_and_offers_a_copy(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, line: Line, workspace: Workspace, meta: Meta
) -> None:
    row = outbound.submit(workspace.id, draft.id, None)
    said = {"waba_id": line.waba_id, "meta_id": "900", "name": row.wire_name, "language": "en_US", "event": "REJECTED", "category": ""}
    outbound.apply_status(line.id, TemplateStatus(**said, reason="INVALID_FORMAT", explanation="Why.", recommendation="Do this.", note=""))
    client = sign_in()
    page = soup(client.get(f"/outbound/{draft.id}"))
    words = page.find(class_="alert-bad").get_text(" ", strip=True)
    assert "Rejected by Meta" in words and "Why." in words and "Do this." in words
    answer = client.post(f"/outbound/{draft.id}/duplicate")
    assert values(soup(client.get(answer.headers["Location"])))["name"] == "Order ready (copy)"


def test_deleting_tells_of_the_thirty_days_first(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, workspace: Workspace, meta: Meta
) -> None:
    outbound.submit(workspace.id, draft.id, None)
    client = sign_in()
    form = soup(client.get(f"/outbound/{draft.id}")).find("form", action=f"/outbound/{draft.id}/delete")
    assert "30 days" in form["data-confirm"]
    assert client.post(form["action"]).headers["Location"] == "/outbound"
    assert "Order ready" not in client.get("/outbound").text


def test_the_panel_of_a_flow_goes_from_choice_to_form_to_review_to_approval(
    sign_in: Callable[..., FlaskClient], workspace: Workspace, line: Line, meta: Meta
) -> None:
    client = sign_in()
    flow = flows.create(workspace.id, "Orders")
    address = f"/flows/{flow.id}/initial-message"
    assert "Create initial message" in soup(client.get(address, headers=HTMX)).get_text()
    answer = client.post(address, data={"do": "create"}, headers=HTMX)
    page = soup(answer)
    assert "flow:changed" in answer.headers["HX-Trigger"]
    assert "Submit message for review" in page.get_text()
    form = {**values(page), "name": "First", "body": READY.body, "variables.first_name.example": "Ann"}
    assert form["conversation"] == "FLOW" and form["flow_id"] == flow.id
    (row,) = outbound.listed(workspace.id)
    draft_flow = db.session.get_one(type(flow), flow.id, populate_existing=True)
    assert draft_flow.document["nodes"][0]["data"]["template"] == row.id
    page = soup(client.post(f"/outbound/{row.id}/submit", data=form, headers=HTMX))
    assert "In review" in page.get_text()
    assert page.find(id="initial-state")["hx-trigger"] == "every 2s"
    row = outbound.find(workspace.id, row.id)
    said = {"waba_id": line.waba_id, "meta_id": "900", "name": row.wire_name, "language": "en_US", "event": "APPROVED", "category": ""}
    outbound.apply_status(line.id, TemplateStatus(**said, reason="", explanation="", recommendation="", note=""))
    answer = client.get(address, headers={**HTMX, "HX-Source": "div#initial-state"})
    assert "Message approved by Meta" in soup(answer).get_text()
    assert not soup(answer).find(id="initial-state").has_attr("hx-trigger")
    assert "flow:changed" in answer.headers["HX-Trigger"]


def test_an_approved_message_can_be_chosen_for_a_flow(
    sign_in: Callable[..., FlaskClient], workspace: Workspace, line: Line, meta: Meta
) -> None:
    meta.answer = {"id": "5", "status": "APPROVED", "category": "UTILITY"}
    text = TemplateContent(name="Hello", body="Hello there", conversation=Conversation.FLOW, continue_option="Go", finish_option="No")
    row = outbound.submit(workspace.id, outbound.create(workspace.id, line.id, text, None).id, None)
    flow = flows.create(workspace.id, "Orders")
    client, address = sign_in(), f"/flows/{flow.id}/initial-message"
    page = soup(client.get(address))
    assert [option["value"] for option in page.find("select", attrs={"name": "template"}).find_all("option")] == [row.id]
    page = soup(client.post(address, data={"do": "choose", "template": row.id}, headers=HTMX))
    assert "Message approved by Meta" in page.get_text()
    assert client.post(address, data={"do": "choose", "template": new_id("out")}, headers=HTMX).status_code == 404


def test_the_page_tells_where_a_message_is_used_and_what_was_sent(
    sign_in: Callable[..., FlaskClient], workspace: Workspace, line: Line
) -> None:
    row = outbound.create(workspace.id, line.id, READY, None)
    row.status = "approved"
    db.session.commit()
    client = sign_in()
    assert "Nobody has been written to with it yet" in client.get(f"/outbound/{row.id}").text

    flow = flows.create(workspace.id, "Order feedback")
    (start,) = [node["id"] for node in flow.document["nodes"] if node["kind"] == "you_send_it"]
    flows.change(workspace.id, flow.id, {"kind": "change", "node": start, "data": {"template": row.id}}, None)
    single.send(workspace.id, row.id, "+4915123456789", {"first_name": "Ann"}, user_id=None, client_key="k1")
    page = soup(client.get(f"/outbound/{row.id}"))

    assert page.find("a", href=f"/flows/{flow.id}").get_text() == "Order feedback"
    counts = page.find(class_="ob-counts")
    numbers = {pair.find("dt").get_text(): pair.find("dd").get_text() for pair in counts.find_all("div")}
    assert numbers == {"Waiting": "1", "Accepted": "0", "Delivered": "0", "Read": "0"}
