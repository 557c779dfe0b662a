from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.core.template import Category, Link, TemplateContent
from flowbuilder.services import outbound
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from tests.services.outbound_meta import READY
from tests.web.outbound_pages import HTMX, partial, soup, values

FAULTY = replace(
    READY,
    header="*Order* for you",
    body="{{first_name}}, your order is on sale in our shop today.",
    actions=(Link("Track your order on our own page", "shop.example/orders"),),
)


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, FAULTY, None)


@pytest.fixture
def client(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in()


def press(client: FlaskClient, page: BeautifulSoup, address: str, label: str, **typed: str) -> BeautifulSoup:
    """The answer to a button of the form, and the form as it then stands."""
    (button,) = [one for one in page.find_all("button", attrs={"name": "do"}) if one.get_text(strip=True) == label]
    form = {**values(page), **typed, "do": button["value"]}
    return partial(soup(client.post(f"{address}/draft", data=form, headers=HTMX)), "#outbound-editor")


def content(row: TemplateMessage) -> TemplateContent:
    return TemplateContent.from_json(outbound.find(row.workspace_id, row.id).content)


def test_each_certain_cure_has_a_button_beside_its_fault(client: FlaskClient, draft: TemplateMessage) -> None:
    page = soup(client.get(f"/outbound/{draft.id}"))
    labels = {button.get_text() for button in page.select(".note-fix")}
    assert labels == {"Take them out", "Put “Hello” before it", "Make it Marketing", "Cut it to 25", "Put https:// before it"}
    assert page.select_one('[data-field="header"] .note-fix')


def test_a_cure_is_applied_to_what_was_just_typed_and_can_be_undone(client: FlaskClient, draft: TemplateMessage) -> None:
    address = f"/outbound/{draft.id}"
    page = soup(client.get(address))
    form = press(client, page, address, "Put “Hello” before it", footer="Typed a moment ago")
    assert values(form)["body"] == f"Hello {FAULTY.body}"
    assert values(form)["footer"] == "Typed a moment ago"
    assert form.find(id="ob-undo")["data-cured"] == "field-body"
    assert content(draft).body == f"Hello {FAULTY.body}"
    back = press(client, form, address, "Undo", footer="Typed even later")
    assert values(back)["body"] == FAULTY.body
    assert values(back)["footer"] == "Typed even later"
    assert not back.find(id="ob-undo").get_text(strip=True)


def test_all_cures_one_after_the_other_leave_nothing_to_do(client: FlaskClient, draft: TemplateMessage) -> None:
    address = f"/outbound/{draft.id}"
    page = soup(client.get(address))
    while buttons := page.select(".note-fix"):
        page = press(client, page, address, buttons[0].get_text(strip=True))
    assert "Ready to be submitted: it keeps every rule that can be checked here." in page.find(id="ob-todo").get_text()
    done = content(draft)
    assert (done.category, done.header) == (Category.MARKETING, "Order for you")
    assert done.actions == (Link("Track your order on our", "https://shop.example/orders"),)


@pytest.mark.parametrize(
    "wish", ["fix", "fix:", "fix:word_at_edge:body:greet:x", "fix:nothing:body:greet", "undo", "fix:x:actions.99.label:cut"]
)
def test_a_wish_that_fits_nothing_changes_nothing(client: FlaskClient, draft: TemplateMessage, wish: str) -> None:
    form: dict[str, Any] = {**values(soup(client.get(f"/outbound/{draft.id}"))), "do": wish}
    assert client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX).status_code == 200
    assert content(draft) == FAULTY


def test_without_script_a_cure_is_saved_and_the_page_comes_again(client: FlaskClient, draft: TemplateMessage) -> None:
    page = soup(client.get(f"/outbound/{draft.id}"))
    (button,) = [one for one in page.select(".note-fix") if one.get_text() == "Cut it to 25"]
    answer = client.post(f"/outbound/{draft.id}/draft", data={**values(page), "do": button["value"]})
    assert answer.status_code == 303
    assert content(draft).actions[0].label == "Track your order on our"
