"""A code in a browser: asked for on a phone, read in the mailbox, typed in the chat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.e2e.axe import serious
from tests.e2e.people import Tester, VirtualPhone
from tests.fixtures.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_code_is_read_in_the_mailbox_and_typed_in_the_chat(shop_page: Page, shop: Product) -> None:
    page = shop_page
    page.goto(f"{shop.url}/mail")
    assert serious(page) == []
    page.goto(f"{shop.url}/flows/examples/otp")
    page.get_by_role("button", name="Use this example").click()
    page.wait_for_selector("[data-canvas][data-ready]")
    flow = re.search(r"flw_\w+", page.url)[0]
    page.locator(".step-you_send_it.step .step-head").click()
    page.get_by_role("button", name="Submit message for review").click()
    page.get_by_text("Message approved by Meta").wait_for(timeout=20_000)
    Tester(page, f"{shop.url}/flows/{flow}/test").send_one("ES", "612 345 678", first_name="Ana", service="Riverside")
    phone = VirtualPhone(page.context.new_page(), shop.simulator_url, "+34 612 345 678")
    phone.tap("Yes, confirm it")
    phone.reads("To which e-mail address")
    phone.types("ana@example.com")
    phone.reads("We have sent a code of six digits to ana@example.com.")
    phone.types("no idea")
    phone.reads("That is not the code")
    phone.page.get_by_role("link", name="Mailbox").click()
    mail = phone.page.get_by_role("article", name="Mail to ana@example.com")
    code = re.search(r"\d{6}", mail.get_by_role("heading").inner_text())[0]
    assert serious(phone.page) == []
    phone.page.go_back()
    phone.types(code)
    phone.reads("ana@example.com is confirmed")
