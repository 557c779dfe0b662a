"""Versions in a real browser: compared on the canvas, people moved; and nothing serious for axe-core on these pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder.services import flows
from flowbuilder.store.accounts import Line
from flowbuilder.store.flows import FlowVersion
from tests import worlds
from tests.e2e.axe import serious
from tests.services.test_moving import another_answer, person, publish

if TYPE_CHECKING:
    from playwright.sync_api import Page

TYPEBOT = Path(__file__).parents[1] / "data" / "imports" / "typebot.json"


@pytest.fixture
def old(line: Line) -> FlowVersion:
    old = worlds.version(line)
    person(line, old), person(line, old)
    publish(old, another_answer)
    flows.change(line.workspace_id, old.flow_id, {"kind": "remove", "nodes": ["n3"]}, None)
    return old


def test_what_came_and_went_is_marked_on_the_canvas(page: Page, enter: Callable[..., str], old: FlowVersion) -> None:
    page.goto(f"{enter(page, 'viewer')}/flows/{old.flow_id}/compare?old=1&new=draft")
    page.wait_for_selector("[data-drawing][data-shown]")
    gone = page.get_by_role("group", name="Message “{{colour}} it is.”, removed")

    assert gone.evaluate("(card) => getComputedStyle(card, '::after').content") == '"Removed"'
    expect(page.locator(".edge.is-removed")).to_have_count(3)
    assert page.locator(".edge.is-removed").first.evaluate("(path) => path.getTotalLength()") > 50


def test_people_are_moved_after_it_was_told_what_becomes_of_them(page: Page, enter: Callable[..., str], old: FlowVersion) -> None:
    page.goto(f"{enter(page)}/flows/{old.flow_id}/versions")
    page.get_by_role("link", name="Move people").click()
    page.get_by_role("button", name="Try it on copies").click()
    page.get_by_text("2 can be moved and are asked anew").wait_for()
    page.get_by_role("button", name="Move 2 people").click()

    page.get_by_role("heading", name="2 people were moved").wait_for()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_serious_on_these_pages(page: Page, enter: Callable[..., str], old: FlowVersion, theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    url = enter(page)
    at = f"/flows/{old.flow_id}"
    for path in (f"{at}/versions", f"{at}/versions/1", f"{at}/compare?old=1&new=draft", f"{at}/moving", "/flows/examples"):
        page.goto(url + path)
        assert serious(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{url}/flows")
    page.get_by_text("Version 2, changed").wait_for()
    assert page.locator(".table-box").evaluate("(box) => box.scrollWidth <= box.clientWidth")
    page.get_by_role("button", name="Import").click()
    page.set_input_files("#flow-file", TYPEBOT)
    page.locator("#import-flow").get_by_role("button", name="Import").click()
    page.get_by_text("Nothing is imported yet").wait_for()
    assert serious(page) == []
