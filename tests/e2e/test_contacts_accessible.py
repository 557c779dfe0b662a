"""axe-core finds nothing serious on the pages of contacts and lines, light and wide, dark and narrow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import serious
from tests.fixtures.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_nothing_serious_on_any_page_of_contacts(shop_page: Page, shop: Product, tmp_path: Path, theme: str, width: int) -> None:
    page, found = shop_page, {}
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{shop.url}/contacts/new")
    found["new"] = serious(page)
    page.get_by_label(re.compile("^Phone number")).fill(f"+49151234{width:05}")
    page.get_by_role("button", name="Add contact").click()
    page.get_by_role("radio", name=re.compile("^Opt in")).check(force=True)
    page.get_by_role("button", name="Note it").click()
    page.get_by_text("Say how this person told you").wait_for()
    found["refused"] = serious(page)
    page.get_by_label(re.compile("How and when")).fill("by phone")
    page.get_by_role("button", name="Note it").click()
    page.get_by_text("Noted by hand").wait_for()
    page.get_by_label(re.compile("^New attribute")).fill("Customer number")
    page.get_by_label(re.compile("^Its value")).fill("77")
    page.get_by_role("button", name="Save attributes").click()
    expect(page.get_by_label("customer_number")).to_be_in_viewport()
    found["contact"] = serious(page)
    page.goto(f"{shop.url}/contacts")
    found["list"] = serious(page)
    file = tmp_path / "people.csv"
    file.write_text("phone,name,consent,City\n+4915123456001,Ann,yes,Lima\n+49151,Bob,perhaps,\n")
    page.goto(f"{shop.url}/contacts/import")
    found["import"] = serious(page)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload file").click()
    page.get_by_role("button", name="Import 1 contact").wait_for(timeout=20_000)
    page.get_by_label("City").check()
    page.get_by_role("button", name="Read again").click()
    page.get_by_text("city: Lima").wait_for(timeout=20_000)
    found["preview"] = serious(page)
    page.get_by_role("button", name="Import 1 contact").click()
    page.get_by_text("Contacts added").or_(page.get_by_text("Known already")).first.wait_for(timeout=20_000)
    found["imported"] = serious(page)
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_a_line_is_added_step_by_step_and_nothing_typed_is_lost(shop_page: Page, shop: Product, theme: str, width: int) -> None:
    page = shop_page
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{shop.url}/lines/new")
    number = f"4915123{width:05}"
    typed = {"Name": f"Shop {width}", "Display number": f"+{number}", "Phone number ID": "not a number", "WABA ID": "102290129340398",
             "App ID": "1000200030004000", "App secret": "a-secret-of-ours-1", "Access token": "a-token-of-ours-1"}  # fmt: skip
    for label, value in typed.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Add line").click()
    page.locator("#field-phone_number_id-error").get_by_text("number of 5 to 32 digits").wait_for()
    assert {label: page.get_by_label(label, exact=True).input_value() for label in typed} == typed
    assert serious(page) == []
    page.get_by_label("Phone number ID", exact=True).fill(f"1065403522{width:05}")
    page.get_by_role("button", name="Add line").click()
    page.get_by_text("Step 4 of 4").wait_for()
    assert serious(page) == []
    page.get_by_role("link", name="Go to the line").click()
    page.get_by_role("heading", name="News from Meta").wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="Delete this line").click()
    page.get_by_text("The line is deleted.").wait_for()
