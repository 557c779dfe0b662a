"""A customer writes STOP on the phone: the contact shows it, and the next batch leaves this person out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from tests.e2e.axe import serious
from tests.e2e.outbound_form import Form
from tests.e2e.people import Tester, VirtualPhone
from tests.fixtures.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE, OTHER = "+4915123459001", "+4915123459002"
"""Of this story alone: other tests talk to the same shop."""


def test_who_writes_stop_is_shown_as_opted_out_and_left_out_of_the_next_batch(form: Form, shop: Product, tmp_path: Path) -> None:
    page = form.page
    door = _approved_promotion(form)
    Tester(page, door).send_one("DE", PHONE)
    page.locator('[data-step="delivered"].is-done').wait_for(timeout=15_000)
    _write_stop(page, shop)
    _see_the_contact(page, shop)
    _leave_out_of_a_batch(page, door, tmp_path)
    accepted = requests.get(f"{shop.simulator_url}/_sim/ledger/messages?search=15123459001", timeout=10).json()
    assert [message["kind"] for message in accepted] == ["template", "text"]


def _approved_promotion(form: Form) -> str:
    form.choose("Marketing")
    form.write("Spring sale", "Our spring sale begins on Monday, and everything is cheaper for a week.")
    form.submit()
    form.verdict.get_by_text("Message approved by Meta").wait_for(timeout=15_000)
    return f"{form.page.url}/send"


def _write_stop(page: Page, shop: Product) -> None:
    phone = VirtualPhone(page.context.new_page(), shop.simulator_url, PHONE)
    phone.reads("Our spring sale begins")
    phone.types("Stop!")
    phone.reads("You will get no more promotions from us.")
    phone.page.close()


def _see_the_contact(page: Page, shop: Product) -> None:
    page.goto(f"{shop.url}/contacts?consent=opted_out")
    assert serious(page) == []
    page.get_by_role("row", name=re.compile("1512 3459001")).get_by_role("link").click()
    page.get_by_role("cell", name="Wrote it to us").wait_for()
    page.get_by_role("cell", name="Stop!", exact=True).first.wait_for()
    for size in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert serious(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


def _leave_out_of_a_batch(page: Page, door: str, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"country code,phone number\n49,{PHONE[3:]}\n49,{OTHER[3:]}\n")
    tester = Tester(page, door)
    tester.upload(file)
    page.locator('[data-fact="opted_out"]', has_text="1").wait_for()
    tester.start()
    tester.awaits("skipped", "1")
    tester.awaits("delivered", "1")
