"""axe-core finds nothing serious on the pages of outbound messages, in light and dark, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import serious
from tests.e2e.outbound_form import Form
from tests.e2e.people import Designer
from tests.fixtures.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_serious_on_any_page_of_outbound_messages(form: Form, theme: str, width: int) -> None:
    page, found = form.page, {}
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    form.write("Order ready", "{{first_name}}, your order is ready")
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_label("Address to open").wait_for()
    expect(page.get_by_role("group", name="Link").get_by_label("Label of the button")).to_be_focused()
    found["text"] = serious(page)
    form.choose("OTP code")
    page.get_by_label("Code lifetime in minutes").fill("91")
    form.says("otp.lifetime_minutes", "1 to 90")
    found["otp"] = serious(page)
    form.choose("Utility")
    form.choose("Flow")
    page.get_by_label("Option for continuing conversation").wait_for()
    if width == 390:
        page.get_by_role("button", name="Show all").click()
    found["flow"] = serious(page)
    page.goto(f"{form.url}/outbound")
    found["list"] = serious(page)
    form.open().write(f"Detail {theme} {width}", f"Your order is ready for pickup. We are open until {width % 12} in {theme} blue.")
    form.submit()
    form.verdict.get_by_text("Message approved by Meta").wait_for(timeout=15_000)
    found["detail"] = serious(page)
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_serious_in_the_panel_of_the_canvas(shop_page: Page, shop: Product, theme: str, width: int) -> None:
    page, found = shop_page, {}
    designer = Designer(page, shop.url)
    designer.create_flow("Panel")
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    designer.step("You send it").click()
    page.get_by_role("button", name="Create initial message").wait_for()
    found["choice"] = serious(page)
    page.get_by_role("button", name="Create initial message").click()
    page.get_by_label("Enter the message").fill("{{first_name}} is here with us today")
    page.get_by_text("may not begin with a customizable word").wait_for()
    found["form"] = serious(page)
    page.get_by_role("button", name="Show all").click()
    found["preview"] = serious(page)
    assert {place: faults for place, faults in found.items() if faults} == {}
