"""A validation tried to its end: drawn, published, a photo sent from a virtual phone, approved on the provider's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.axe import serious
from tests.e2e.people import Designer, Tester, VirtualPhone
from tests.fixtures.product import Product
from tests.media import picture

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_validation_is_tried_to_its_end_on_a_virtual_phone(shop_page: Page, shop: Product) -> None:
    flow = draw(Designer(shop_page, shop.url))
    Tester(shop_page, f"{shop.url}/flows/{flow}/test").send_one("DE", "01512 3456781", first_name="Cy", order_number="C-3")
    phone = VirtualPhone(shop_page.context.new_page(), shop.simulator_url, "+49 1512 3456781")
    phone.tap("Continue")
    phone.reads("A photo, please.")
    phone.attach("Picture", "front.png", picture(), "image/png")
    phone.reads("Please open this link")
    assert serious(phone.page) == []
    with phone.page.expect_popup() as opened:
        phone.messages.get_by_role("link", name="Open").last.click()
    opened.value.get_by_role("button", name="Approve").press("Enter")
    opened.value.locator(":focus").get_by_text("You are validated.").wait_for()
    phone.reads("Thank you: all is in order.")


def draw(designer: Designer) -> str:
    """A photo is asked for, then a validation by the only provider there is; whatever comes of it is told. The flow's id."""
    flow, page = designer.create_flow("Document validation"), designer.page
    designer.write_initial_message("Document check")
    designer.submit_for_review()
    page.get_by_text("Message approved by Meta").wait_for(timeout=20_000)
    designer.add("Open question")
    designer.say("Question", "A photo, please.")
    page.get_by_label("Type of answer").select_option(label="Image")
    expect(page.locator("[name=retry_text]")).to_have_value("Please send a picture, or send {{exit_word}} to leave.")
    designer.saved()
    designer.add("Validation")
    expect(page.get_by_label("Provider", exact=True).locator("option:checked")).to_have_text("Simulator")
    page.locator("[data-preview]").get_by_text("Please open this link").wait_for()
    designer.add("Get validation result")
    designer.add("Finish")
    for kind, next in (("validation", "Get validation result"), ("open_question", "Finish")):
        designer.open_panel(page.locator(f".step.step-{kind}"))
        designer.wire_all(next)
    designer.publish()
    return flow
