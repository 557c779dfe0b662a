"""The simulator's page of faults in a browser: by keyboard, for everybody, in light and dark, on a desk and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e import axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_fault_is_switched_on_and_removed_by_keyboard(page: Page, simulator: Any) -> None:
    page.goto(f"{simulator.url}/faults")
    page.locator("#preset-drop_answer summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.locator(".rules", has_text="7 %").wait_for()
    assert simulator.control("faults")[0]["chance"] == 0.07

    page.locator(".rules button").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nothing. Every message is accepted").wait_for()
    assert simulator.control("faults") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (844, 390)])
def test_the_page_of_faults_is_for_everybody(page: Page, simulator: Any, scheme: str, width: int, height: int) -> None:
    simulator.control("faults", rules=[{"kind": "error", "code": 131056, "chance": 0.1}, {"kind": "outage", "seconds": 30, "after": 60}])
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{simulator.url}/faults")
    page.locator("#preset-fail summary").click()

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert axe.serious(page) == []
