"""Somebody answers with a picture, a sound and a place, from the virtual phone to the transcript."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests import worlds
from tests.e2e.axe import serious
from tests.e2e.people import Designer, VirtualPhone
from tests.fixtures.product import Product
from tests.media import pdf, picture, sound

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _asks(id: str, answer: str, text: str) -> tuple[str, str, dict[str, object]]:
    return id, "open_question", {"text": text, "answer": answer, "variable": answer, "tries": 3, "retry_text": "Please try again."}


CLAIM = worlds.flow(
    ("n1", "user_sends_it", {"phrases": [{"id": "p1", "text": "claim"}]}),
    _asks("n2", "image", "Send a picture of the damage."),
    _asks("n3", "audio", "Tell us what happened."),
    _asks("n4", "location", "Where are you?"),
    ("end", "finish", {"outcome": "success", "text": "Thank you."}),
    edges=tuple((source, port, target) for source, ports, target in (
        ("n1", ("next",), "n2"), ("n2", ("answered",), "n3"), ("n3", ("answered",), "n4"), ("n4", ("answered",), "end"),
        *((step, ("otherwise", "no_reply"), "end") for step in ("n2", "n3", "n4")),
    ) for port in ports),
    name="Claim",
)  # fmt: skip


def test_answers_that_are_files_are_seen_and_heard_in_the_transcript(shop_page: Page, shop: Product) -> None:
    page = shop_page
    page.goto(f"{shop.url}/flows")
    page.get_by_role("button", name="Import").first.click()
    page.get_by_label("File", exact=False).set_input_files(
        {"name": "claim.json", "mimeType": "application/json", "buffer": json.dumps(CLAIM).encode()}
    )
    page.get_by_role("dialog").get_by_role("button", name="Import").click()
    page.wait_for_selector("[data-canvas][data-ready]")
    Designer(page, shop.url).publish()

    phone = VirtualPhone(page.context.new_page(), shop.simulator_url, "+34 612 345 670")
    phone.types("claim")
    phone.reads("Send a picture of the damage.")
    phone.attach("Document", "damage.pdf", pdf(), "application/pdf")
    phone.reads("Please try again.")
    phone.attach("Picture", "damage.png", picture(size=(640, 480)), "image/png", caption="The left door")
    phone.reads("Tell us what happened.")
    phone.page.wait_for_function("(box) => box.scrollHeight - box.scrollTop - box.clientHeight < 2", arg=phone.messages.element_handle())
    phone.attach("Sound", "story.mp3", sound(), "audio/mpeg")
    phone.reads("Where are you?")
    phone.page.get_by_label("Attach", exact=True).click()
    assert serious(phone.page) == []
    phone.page.get_by_label("Latitude").fill("51.4779")
    phone.page.get_by_label("Longitude").fill("-0.0015")
    phone.page.get_by_role("button", name="Send the place").click()
    phone.reads("Thank you.")

    page.goto(f"{shop.url}/conversations")
    page.locator("a[href*='/conversations/cnv_']").first.click()
    chat = page.get_by_role("log")
    shown = chat.get_by_alt_text("Picture that they sent: The left door")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    expect(chat.get_by_label("Sound that they sent")).to_be_visible()
    expect(chat.get_by_role("link", name="damage.pdf")).to_have_attribute("download", "")
    assert serious(page) == []
