"""Keys are named as they stand on the keyboard that somebody has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from flowbuilder.services import flows
from flowbuilder.store.accounts import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

_ON_A_MAC = """Object.defineProperty(navigator, "platform", { get: () => "MacIntel" });
Object.defineProperty(navigator, "userAgentData", { get: () => undefined });"""


def test_tooltips_and_lists_of_keys_name_those_of_a_mac(page: Page, enter: Callable[..., str], workspace: Workspace) -> None:
    draft = flows.create(workspace.id, "Order ready")
    page.add_init_script(_ON_A_MAC)
    page.goto(f"{enter(page)}/flows/{draft.id}")
    page.wait_for_selector("[data-canvas][data-ready]")

    expect(page.locator("[data-act=undo]").first).to_have_attribute("title", "Nothing to undo (⌘ Z)")
    assert (
        page.evaluate("[...document.querySelectorAll('[title], kbd')].filter(el => (el.title + el.textContent).includes('Ctrl')).length")
        == 0
    )
