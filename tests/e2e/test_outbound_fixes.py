"""Cures by one click, and one message in two languages, as designers meet them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.axe import serious
from tests.e2e.outbound_form import Form

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEXT = "Hello {{first_name}}, your order is ready at our shop in the old town."


def test_a_fault_is_cured_by_one_click_and_the_cure_undone(form: Form, shop_page: Page) -> None:
    form.write("Order ready", "{{first_name}}, your order is ready at our shop.", first_name="Ann")
    shop_page.get_by_role("button", name="Link").click()
    label = shop_page.get_by_label("Label of the button")
    label.fill("Look at all of your orders here")
    cut = shop_page.get_by_role("button", name="Cut it to 25")
    cut.focus()
    shop_page.locator("#ob-form").dispatch_event("input")
    form.saved()
    expect(cut).to_be_focused()
    shop_page.keyboard.press("Enter")
    expect(label).to_have_value("Look at all of your")
    expect(label).to_be_focused()

    shop_page.get_by_role("button", name="Put “Hello” before it").click()
    expect(form.text).to_have_value("Hello {{first_name}}, your order is ready at our shop.")
    expect(form.text).to_be_focused()
    shop_page.get_by_label("Footer").fill("Typed after the cure")
    form.saved()
    assert serious(shop_page) == []

    shop_page.get_by_role("button", name="Undo").click()
    expect(form.text).to_have_value("{{first_name}}, your order is ready at our shop.")
    expect(shop_page.get_by_label("Footer")).to_have_value("Typed after the cure")


def test_a_message_is_written_in_a_second_language_beside_the_first(form: Form, shop_page: Page) -> None:
    form.write("Parcel on its way", TEXT, first_name="Ann")
    shop_page.reload()
    shop_page.get_by_text("Add a language", exact=True).first.click()
    shop_page.locator("#add-language").select_option("es_MX")
    shop_page.get_by_role("button", name="Add", exact=True).click()
    expect(shop_page.get_by_role("link", name="Spanish (Mexico)")).to_have_attribute("aria-current", "page")
    expect(shop_page.locator('[data-field="body"] .ob-source')).to_contain_text(TEXT)
    form.text.fill("Hola {{first_name}}, tu pedido está listo en nuestra tienda del centro.")
    form.saved()
    expect(shop_page.locator('[data-field="body"] .ob-source')).to_contain_text(TEXT)
    expect(shop_page.get_by_text("Ready to be submitted: it keeps every rule that can be checked here.")).to_be_visible()
    assert serious(shop_page) == []

    shop_page.get_by_role("link", name="English (United States)").click()
    expect(form.text).to_have_value(TEXT)
    shop_page.goto(f"{form.url}/outbound")
    expect(shop_page.get_by_role("row", name=re.compile("Parcel on its way"))).to_contain_text("Spanish (Mexico)")
