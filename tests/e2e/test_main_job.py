"""The whole job once, as a newcomer does it: draw, submit, see approved, prove, publish, try on one phone and on a file, watch."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from playwright.sync_api import expect

from tests.e2e.axe import serious
from tests.e2e.people import Designer, Tester, VirtualPhone
from tests.fixtures.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FILE = Path(__file__).parent.parent / "data" / "recipients" / "recipients_2000.csv"


def test_a_newcomer_does_the_whole_job_once(newcomer: Page, own_product: Product, browser: Browser) -> None:
    designer = Designer(newcomer, own_product.url)
    flow = designer.create_flow("Order feedback")
    draw_while_in_review(designer)
    designer.publish()
    tester = Tester(newcomer, f"{own_product.url}/flows/{flow}/test")
    try_on_one_phone(tester)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    phone = VirtualPhone(context.new_page(), own_product.simulator_url, "+49 1512 3456789")
    answer_to_the_end(phone)
    watch_the_conversation(newcomer, own_product.url)
    tester.send_one("DE", "01512 3456780", first_name="Bo", order_number="B-2")
    rate_by_list(VirtualPhone(context.new_page(), own_product.simulator_url, "+49 1512 3456780"))
    try_on_a_file(tester, own_product)
    context.close()


def draw_while_in_review(designer: Designer) -> None:
    """Steps 2 to 5: the message goes to review, and the flow is drawn meanwhile."""
    page = designer.page
    designer.write_initial_message("Order ready")
    designer.add_actions()
    designer.submit_for_review()
    page.get_by_text("In review").first.wait_for()
    expect(page.get_by_role("button", name="Submit message for review")).to_have_count(0)

    draw(designer)
    designer.step("You send it").click()
    page.get_by_text("Message approved by Meta").wait_for(timeout=20_000)


def draw(designer: Designer) -> None:
    """Message, Answer options (buttons, then a list), Open question, Condition and Finish, connected in every way there is."""
    designer.add("Message")
    designer.say("Text", "Thank you, {{first_name}}!")
    designer.add("Answer options")
    designer.say("Question", "How did it go?")
    designer.answers("All in order", "Something is broken")
    designer.add("Answer options")
    designer.page.get_by_role("radio", name=re.compile("^List")).check(force=True)
    designer.say("Question", "How many stars?")
    designer.answers("Five", "Four", "Fewer")
    designer.add("Finish")
    designer.say("Closing text", "See you soon, {{first_name}}.")
    ask_what_is_broken(designer)
    connect_the_rest(designer)


def ask_what_is_broken(designer: Designer) -> None:
    page = designer.page
    page.get_by_role("button", name="Fit").click()
    designer.drop("Open question", (620, 640))
    designer.say("Question", "What is broken?")
    designer.say("Keep the answer as", "fault")
    designer.add("Condition")
    page.get_by_label("Name of the branch").fill("The glass")
    page.get_by_label("Variable", exact=True).fill("fault")
    page.get_by_label("Test", exact=True).select_option(label="contains")
    page.get_by_label("Value", exact=True).fill("glass")
    designer.saved()
    designer.add("Finish")
    designer.say("Closing text", "A new glass is on its way.")


def connect_the_rest(designer: Designer) -> None:
    page = designer.page
    page.get_by_role("button", name="Fit").click()
    buttons = page.locator(".step.step-answer_options").nth(0)
    stars = page.locator(".step.step-answer_options").nth(1)
    question = page.locator(".step.step-open_question")
    designer.drag(buttons.get_by_role("button", name=re.compile("Something is broken")), question.locator(".step-head"))
    designer.saved()
    for step in (buttons, stars, question, page.locator(".step.step-condition")):
        designer.open_panel(step)
        designer.wire_all("Finish")


def try_on_one_phone(tester: Tester) -> None:
    """Step 6: verify the message, send it, follow it without a reload."""
    tester.page.goto(tester.door)
    tester.page.get_by_text("Verify the initial message").wait_for()
    assert serious(tester.page) == []
    tester.send_one("DE", "01512 3456789", first_name="Ann", order_number="A-1")
    tester.page.locator('[data-step="delivered"].is-done').wait_for(timeout=15_000)
    assert serious(tester.page) == []


def answer_to_the_end(phone: VirtualPhone) -> None:
    """Step 7: as WhatsApp shows it; buttons, a typed answer, the end."""
    phone.reads("Hello Ann, your order A-1 is ready.")
    phone.tap("Continue")
    phone.reads("Thank you, Ann!")
    phone.reads("How did it go?")
    phone.tap("Something is broken")
    phone.reads("What is broken?")
    phone.types("The blue glass")
    phone.reads("A new glass is on its way.")
    assert serious(phone.page) == []


def rate_by_list(phone: VirtualPhone) -> None:
    """The other branch: a row of a list."""
    phone.reads("Track it")
    phone.tap("Continue")
    phone.tap("All in order")
    phone.reads("How many stars?")
    phone.pick("Choose", "Five")
    phone.reads("See you soon, Bo.")


def watch_the_conversation(page: Page, url: str) -> None:
    """Step 8: transcript, answers and the path lit."""
    page.goto(f"{url}/conversations")
    page.get_by_role("row", name=re.compile("1512 3456789")).get_by_role("link").first.click()
    chat = page.get_by_role("log", name="Chat")
    chat.get_by_text("A new glass is on its way.").wait_for()
    page.get_by_text("Finished").first.wait_for()
    expect(chat.locator(".said").last).to_be_in_viewport(ratio=1)
    page.get_by_role("cell", name="The blue glass").wait_for()
    assert page.locator(".is-lit").count() >= 5
    assert serious(page) == []


def try_on_a_file(tester: Tester, product: Product) -> None:
    """Step 9: 2,000 rows, the faulty ones named, the good ones sent, the result exported."""
    page = tester.page
    tester.upload(FILE)
    page.get_by_role("heading", name="Faulty rows").wait_for()
    page.get_by_text("1,960").first.wait_for()
    assert page.locator("#faults").get_by_role("row").count() > 20
    page.get_by_text("Hello Ann").first.wait_for()
    assert serious(page) == []

    tester.start()
    assert serious(page) == []
    tester.awaits("accepted", "1,960")
    tester.awaits("delivered", "1,9")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as exported:
        outcomes = Counter(row["Status"] in ("sent", "delivered", "read") for row in csv.DictReader(exported))
    assert outcomes == {True: 1960, False: 40}
    ledger = requests.get(f"{product.simulator_url}/_sim/ledger", timeout=30).json()
    assert (ledger["recipients"], ledger["doubled"]) == (1960 + 2, 0)
