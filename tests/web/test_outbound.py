from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from flowbuilder.core.template import Conversation, TemplateContent, Variable
from flowbuilder.services import outbound
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from tests.services.outbound_meta import READY
from tests.web.outbound_pages import HTMX, partial, soup, values

EVIL = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>\"'><a hx-get=/x>*b*"


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


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
