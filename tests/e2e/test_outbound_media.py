"""A message with a picture, from the form to the phone of a customer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import serious
from tests.e2e.outbound_form import Form
from tests.e2e.people import Tester, VirtualPhone
from tests.fixtures.product import Product
from tests.media import pdf, picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_IS_SHOWN = "(image) => image.complete && image.naturalWidth > 0"


@pytest.fixture
def files(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def of(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return of


def test_a_picture_is_chosen_approved_sent_and_seen_on_the_phone(
    form: Form, shop: Product, browser: Browser, files: Callable[[str, bytes], Path]
) -> None:
    page = form.page
    form.choose("Image")
    form.write("Summer in the old town", "Hello {{first_name}}, our garden in the old town is open again.", first_name="Ann")
    upload = page.get_by_label("Sample image")
    upload.set_input_files(files("holiday.png", pdf()))
    form.says("sample", "This file is a PDF, whatever its name says.")

    upload.set_input_files(files("holiday.png", picture(size=(640, 360))))
    image = form.preview.get_by_role("img", name="Picture: holiday.png")
    image.wait_for()
    page.wait_for_function(_IS_SHOWN, arg=image.element_handle())
    assert serious(page) == []
    form.submit()
    page.get_by_role("link", name="Send", exact=True).wait_for(timeout=20_000)

    tester = Tester(page, page.get_by_role("link", name="Send", exact=True).get_attribute("href"))
    page.get_by_role("link", name="Send", exact=True).click()
    expect(page.get_by_role("radio", name=re.compile("Take the sample holiday.png"))).to_be_checked()
    assert serious(page) == []
    _another_is_seen(page, files("garden.png", picture(size=(320, 180))))
    tester.fill_one("DE", "01512 3450001", first_name="Bo")
    page.get_by_text("Accepted").wait_for()

    context = browser.new_context()
    phone = VirtualPhone(context.new_page(), shop.simulator_url, "+49 1512 3450001")
    phone.reads("our garden in the old town is open again")
    seen = phone.messages.locator("img.wa-photo").last
    phone.page.wait_for_function(_IS_SHOWN, arg=seen.element_handle())
    context.close()


def _another_is_seen(page: Page, other: Path) -> None:
    """A file chosen for this sending is seen in the place of the sample, until the sample is ticked again."""
    page.get_by_label("Or upload another image").set_input_files(other)
    page.get_by_label("first_name").fill("Bo")
    preview = page.get_by_label("Preview of the message")
    expect(preview).to_contain_text("Hello Bo")
    chosen = preview.get_by_role("img", name="Picture: garden.png")
    page.wait_for_function(_IS_SHOWN, arg=chosen.element_handle())
    sample = page.get_by_role("radio", name=re.compile("Take the sample holiday.png"))
    expect(sample).not_to_be_checked()
    sample.check()
    expect(page.get_by_label("Or upload another image")).to_have_value("")
    expect(preview.get_by_role("img", name="Picture: holiday.png")).to_be_visible()


def test_the_sample_can_be_chosen_and_removed_by_keyboard(form: Form, files: Callable[[str, bytes], Path]) -> None:
    page: Page = form.page
    page.on("filechooser", lambda _: None)  # The browser is told to tell of it now, long before the key.
    page.get_by_role("radio", name=re.compile("^Document")).focus()
    page.keyboard.press("Space")
    form.write("Our menu", "Hello, here is what we cook this week in the old town.")
    upload = page.get_by_label("Sample document")
    upload.focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(files("menu.pdf", pdf()))
    remove = page.get_by_role("button", name="Remove the sample")
    remove.wait_for()
    expect(form.preview.get_by_text("menu.pdf")).to_be_visible()

    remove.focus()
    page.keyboard.press("Enter")
    remove.wait_for(state="detached")
