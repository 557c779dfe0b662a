from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.core.template import Conversation, TemplateContent, Variable
from flowbuilder.services import flows, outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.webhooks import TemplateStatus
from tests.services.test_outbound import Meta

HTMX = {"HX-Request": "true"}
READY = TemplateContent(
    name="Order ready", body="Hello {{first_name}}, your order is ready at our shop.", variables=(Variable("first_name", "Ann"),)
)
EVIL = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>\"'><a hx-get=/x>*b*"


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Meta:
    fake = Meta()
    monkeypatch.setattr(lines, "client", lambda line: fake)
    return fake


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


def soup(response: Any) -> BeautifulSoup:
    assert response.status_code < 500, response.text
    return BeautifulSoup(response.text, "html.parser")


def partial(page: BeautifulSoup, target: str) -> BeautifulSoup | None:
    return page.find("hx-partial", attrs={"hx-target": target})  # type: ignore[return-value]


def values(page: BeautifulSoup) -> dict[str, str]:
    """What a browser would send of the form, without the buttons."""
    form, found = page.find("form", id="ob-form"), {}
    for field in form.find_all(["input", "textarea", "select"]):
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            found[field["name"]] = chosen["value"] if chosen else ""
        elif field.get("type") not in ("radio", "checkbox") or field.has_attr("checked"):
            text = field.get_text().removeprefix("\n") if field.name == "textarea" else field.get("value", "")
            found[field["name"]] = text
    return found


def test_the_empty_list_explains_itself(sign_in: Callable[..., FlaskClient]) -> None:
    page = soup(sign_in().get("/outbound"))
    assert "No outbound messages yet" in page.find(class_="empty-state").get_text()
    assert "Meta reviews it" in page.get_text()
    assert page.find("a", string=re.compile("Create new message")) or page.find("a", href="/outbound/new")


def test_the_list_shows_each_message_with_an_id_to_copy(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    row = soup(sign_in().get("/outbound")).find("tbody").find("tr")
    assert row.find("button", attrs={"data-copy": draft.id})
    words = row.get_text(" ", strip=True)
    for word in ("Order ready", "Draft", "Utility", "Text", "Notification", "English (United States)", "Simulator"):
        assert word in words


def test_a_search_answers_htmx_with_a_piece_of_the_page(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    page, fragment = client.get("/outbound?q=order").text, client.get("/outbound?q=order", headers=HTMX).text
    assert fragment.strip() in page
    assert "Order ready" in fragment
    assert "Nothing found" in client.get("/outbound?q=zzz&status=draft", headers=HTMX).text


def test_every_field_of_the_form_has_its_label(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    client.post(f"/outbound/{draft.id}/draft", data={"conversation": "FLOW"})
    page = soup(client.get(f"/outbound/{draft.id}"))
    labels = {label.get_text(" ", strip=True) for label in page.find("form", id="ob-form").find_all(["label", "legend"])}
    for label in (
        "Outbound name", "Message category", "Line that sends the message", "Message language", "Message type", "Conversation type",
        "Enter the message", "Option for continuing conversation", "Option for finishing conversation", "Example for first_name",
    ):  # fmt: skip
        assert label in labels, label
    assert {"Header text optional", "Footer optional", "Message actions optional"} <= labels
    buttons = {button.get_text(strip=True) for button in page.find_all("button")}
    assert {"Insert customizable word", "Call", "Link", "Send to revision"} <= buttons
    assert len(page.find("select", id="field-language").find_all("option")) == 111
    for control in page.find("form", id="ob-form").find_all(["input", "textarea", "select"]):
        if control.get("type") not in ("hidden", "radio", "checkbox"):
            assert page.find("label", attrs={"for": control["id"]}), control["name"]


def test_the_first_word_makes_the_draft_and_gives_it_its_address(
    sign_in: Callable[..., FlaskClient], line: Line, workspace: Workspace
) -> None:
    client = sign_in()
    page = soup(client.get("/outbound/new"))
    address = page.find("form", id="ob-form")["hx-post"]
    assert outbound.listed(workspace.id) == []
    for name in ("Or", "Order"):
        answer = client.post(address, data={**values(page), "name": name}, headers=HTMX)
        assert answer.status_code == 200
    (row,) = outbound.listed(workspace.id)
    assert (row.name, f"/outbound/{row.id}/draft") == ("Order", address)
    assert "Saved" in soup(answer).find(id="ob-saved").get_text()


def test_the_answer_to_typing_leaves_the_field_alone_and_brings_preview_and_faults(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage
) -> None:
    client = sign_in()
    form = values(soup(client.get(f"/outbound/{draft.id}")))
    form["body"] = "{{first_name}}, your *order* is ready.\r\nCome!"
    page = soup(client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX))
    assert partial(page, "#part-text") is None and partial(page, "#part-words") is None
    body = partial(page, "#ob-preview").find(class_="wa-body")
    assert body.decode_contents() == "Ann, your <strong>order</strong> is ready.<br/>Come!"
    assert "may not begin with a customizable word" in partial(page, "#field-body-error").get_text()
    assert partial(page, "#field-name-error").get_text(strip=True) == ""


def test_a_new_word_in_the_text_asks_for_its_example(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    form = values(soup(client.get(f"/outbound/{draft.id}")))
    form["body"] += " It is number {{order}} today."
    page = soup(client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX))
    names = [field["name"] for field in partial(page, "#part-words").find_all("input", type="text")]
    assert names == ["variables.first_name.example", "variables.order.example"]


def test_renaming_a_word_renames_it_everywhere(sign_in: Callable[..., FlaskClient], workspace: Workspace, line: Line) -> None:
    text = TemplateContent(name="x", header="For {{a}}", body="Hello {{a}}, and {{b}} too.", variables=(Variable("a", "Ann"),))
    row = outbound.create(workspace.id, line.id, text, None)
    client = sign_in()
    form = {**values(soup(client.get(f"/outbound/{row.id}"))), "word.was": "a", "word.now": "customer"}
    page = soup(client.post(f"/outbound/{row.id}/draft", data=form, headers=HTMX))
    assert "{{customer}}, and {{b}}" in partial(page, "#part-text").find("textarea").get_text()
    assert partial(page, "#part-words").find("input", attrs={"name": "variables.customer.example"})["value"] == "Ann"
    taken = {**form, "body": "Hello {{customer}}, and {{b}} too.", "header": "", "word.was": "b", "word.now": "customer"}
    client.post(f"/outbound/{row.id}/draft", data=taken, headers=HTMX)
    db.session.rollback()
    assert outbound.find(workspace.id, row.id).content["body"] == "Hello {{customer}}, and {{b}} too."


def test_otp_code_narrows_the_form_at_once_and_back_again_nothing_is_lost(
    sign_in: Callable[..., FlaskClient], workspace: Workspace, line: Line
) -> None:
    text = TemplateContent(name="x", body="Hello there", conversation=Conversation.FLOW, continue_option="Go", finish_option="No")
    row = outbound.create(workspace.id, line.id, text, None)
    client = sign_in()
    form = {**values(soup(client.get(f"/outbound/{row.id}"))), "category": "AUTHENTICATION"}
    page = soup(client.post(f"/outbound/{row.id}/draft", data=form, headers=HTMX))
    offered = [field["value"] for field in partial(page, "#part-type").find_all("input", type="radio")]
    assert offered == ["TEXT", "NOTIFICATION"]
    fixed = partial(page, "#part-text")
    assert "is your verification code" in fixed.find(class_="ob-fixed").get_text()
    assert fixed.find("textarea") is None
    assert fixed.find("input", attrs={"name": "otp.lifetime_minutes"})["max"] == "90"
    assert partial(page, "#part-actions").find("button") is None
    narrow = {**values(soup(client.get(f"/outbound/{row.id}"))), "otp.lifetime_minutes": "91"}
    page = soup(client.post(f"/outbound/{row.id}/draft", data=narrow, headers=HTMX))
    assert "1 to 90" in partial(page, "#field-otp-lifetime_minutes-error").get_text()
    back = {**narrow, "category": "UTILITY"}
    page = soup(client.post(f"/outbound/{row.id}/draft", data=back, headers=HTMX))
    assert partial(page, "#part-text").find("textarea").get_text().strip() == "Hello there"
    assert partial(page, "#part-type").find("input", attrs={"value": "FLOW"}).has_attr("checked")


def test_actions_are_added_and_removed_without_script_too(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    for wish in ("add_link", "add_call"):
        form = values(soup(client.get(f"/outbound/{draft.id}")))
        assert client.post(f"/outbound/{draft.id}/draft", data={**form, "do": wish}).status_code == 303
    page = soup(client.get(f"/outbound/{draft.id}"))
    assert [group["aria-label"] for group in page.find_all(class_="ob-action")] == ["Link", "Call"]
    client.post(f"/outbound/{draft.id}/draft", data={**values(page), "do": "remove:0"})
    page = soup(client.get(f"/outbound/{draft.id}"))
    assert [group["aria-label"] for group in page.find_all(class_="ob-action")] == ["Call"]


def test_emptiness_is_a_fault_only_where_somebody_has_been(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    form = {**values(soup(client.get(f"/outbound/{draft.id}"))), "body": ""}
    page = soup(client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX))
    assert partial(page, "#field-body-error").get_text(strip=True) == ""
    assert "Write the message" in partial(page, "#ob-todo").get_text()
    page = soup(client.post(f"/outbound/{draft.id}/draft", data={**form, "touched": "name,body"}, headers=HTMX))
    assert "Write the message" in partial(page, "#field-body-error").get_text()


def test_the_preview_follows_the_direction_of_the_language(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    form = {**values(soup(client.get(f"/outbound/{draft.id}"))), "language": "ar_EG"}
    bubble = partial(soup(client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX)), "#ob-preview").find(class_="wa-message")
    assert (bubble["dir"], bubble["lang"]) == ("rtl", "ar-EG")


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


def test_submitting_makes_the_page_read_only_and_follow_the_review(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, line: Line, workspace: Workspace, meta: Meta
) -> None:
    client = sign_in()
    form = values(soup(client.get(f"/outbound/{draft.id}")))
    answer = client.post(f"/outbound/{draft.id}/submit", data=form, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/outbound/{draft.id}")
    whole = client.get(f"/outbound/{draft.id}").text
    page = BeautifulSoup(whole, "html.parser")
    assert page.find("form", id="ob-form") is None
    assert "at most 5 business days" in page.find(id="review").get_text()
    assert page.find(id="review")["hx-trigger"] == "every 2s"
    assert client.get(f"/outbound/{draft.id}/state", headers=HTMX).text.strip() in whole
    row = outbound.find(workspace.id, draft.id)
    said = {"waba_id": line.waba_id, "meta_id": "900", "name": row.wire_name, "language": "en_US", "event": "APPROVED", "category": ""}
    outbound.apply_status(line.id, TemplateStatus(**said, reason="", explanation="", recommendation="", note=""))
    state = soup(client.get(f"/outbound/{draft.id}/state", headers=HTMX))
    assert "Message approved by Meta" in state.get_text()
    assert not state.find(id="review").has_attr("hx-trigger")
    assert state.find("a", href=re.compile(rf"/outbound/{draft.id}/send"))


def test_a_message_is_submitted_only_once(sign_in: Callable[..., FlaskClient], draft: TemplateMessage, meta: Meta) -> None:
    client = sign_in()
    form = values(soup(client.get(f"/outbound/{draft.id}")))
    client.post(f"/outbound/{draft.id}/submit", data=form)
    assert client.post(f"/outbound/{draft.id}/submit", data=form).status_code == 409
    assert client.post(f"/outbound/{draft.id}/draft", data={**form, "body": "Other"}, headers=HTMX).status_code == 409
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


@pytest.mark.parametrize("role", ["tester", "viewer"])
def test_who_may_not_write_sees_no_buttons_that_would_be_refused(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, role: str
) -> None:
    client = sign_in(role)
    page = soup(client.get(f"/outbound/{draft.id}"))
    assert page.find("fieldset", class_="ob-all").has_attr("disabled")
    assert "Delete draft" not in page.get_text()
    assert client.get("/outbound/new").status_code == 403
    assert client.post(f"/outbound/{draft.id}/draft", data={"name": "x"}).status_code == 403


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
