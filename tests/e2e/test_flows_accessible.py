"""axe-core finds nothing serious on the pages of flows, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder.services import flows
from flowbuilder.store.accounts import Line, Workspace
from tests.e2e.axe import serious

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_serious_on_list_and_editor(
    page: Page, enter: Callable[..., str], workspace: Workspace, line: Line, theme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    url = enter(page)
    page.goto(f"{url}/flows")
    assert serious(page) == []
    draft = flows.create_from_example(workspace.id, "delivery_feedback")
    page.goto(f"{url}/flows")
    assert serious(page) == []
    page.goto(f"{url}/flows/{draft.id}")
    page.wait_for_selector("[data-canvas][data-ready]")
    assert serious(page) == []
    for kind in ("answer_options", "condition", "open_question", "finish"):
        page.evaluate(
            "(kind) => flowCanvas.board.select([[...flowCanvas.board.nodes.values()].find((node) => node.kind === kind).id])", kind
        )
        page.wait_for_selector(f".panel-head .step-{kind}")
        assert serious(page) == []
    page.locator("[data-step-findings] > button").press("Enter")
    page.evaluate("flowCanvas.board.root.querySelector('.step').dispatchEvent(new MouseEvent('contextmenu', { bubbles: true }))")
    page.get_by_role("menu").wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("refused while a check fails").wait_for()
    assert serious(page) == []


def test_the_menu_of_a_flow_is_walked_by_arrows_and_seen_whole(page: Page, enter: Callable[..., str], workspace: Workspace) -> None:
    for _ in range(6):
        flows.create_from_example(workspace.id, "delivery_feedback")
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto(f"{enter(page)}/flows")
    menu = page.locator(".row-menu:has-text('Delete')").nth(1)
    menu.locator("summary").press("Enter")
    box = menu.locator(".row-menu-items").bounding_box()
    assert box and box["y"] + box["height"] <= 500
    for key, name in [("ArrowDown", "Open"), ("ArrowUp", "Delete"), ("ArrowUp", "Duplicate")]:
        page.keyboard.press(key)
        expect(menu.get_by_text(name, exact=True)).to_be_focused()


def test_on_a_phone_the_list_needs_no_sideways_scrolling(page: Page, enter: Callable[..., str], workspace: Workspace, line: Line) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    flows.create_from_example(workspace.id, "delivery_feedback")
    page.goto(f"{enter(page)}/flows")

    assert page.locator(".table-box").evaluate("(box) => box.scrollWidth <= box.clientWidth")
    page.get_by_role("button", name="Copy the flow ID").click(trial=True)
