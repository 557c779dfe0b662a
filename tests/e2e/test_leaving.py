"""How people leave a conversation, and the other door to the same services: Outbound messages > Send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import requests
from playwright.sync_api import expect

from tests.e2e.people import Designer, Tester, VirtualPhone
from tests.fixtures.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_cancel_and_exit_end_a_conversation_whichever_door_began_it(
    newcomer: Page, own_product: Product, browser: Browser, tmp_path: Path
) -> None:
    flow = Designer(newcomer, own_product.url).publish_small_flow()
    Tester(newcomer, f"{own_product.url}/flows/{flow}/test").send_one("DE", "01512 3456781", first_name="Ann", order_number="A-1")
    context = browser.new_context()
    leave_by_button(VirtualPhone(context.new_page(), own_product.simulator_url, "+49 1512 3456781"))

    other = Tester(newcomer, door_of_the_message(newcomer, own_product.url))
    send_through(other, flow)
    leave_by_word(VirtualPhone(context.new_page(), own_product.simulator_url, "+49 1512 3456782"))
    context.close()
    newcomer.goto(f"{own_product.url}/conversations")
    for words in ("Chose not to go on", "Left by EXIT"):
        expect(newcomer.get_by_role("cell", name=words)).to_have_count(1)

    send_file_through(other, flow, tmp_path / "three.csv")
    ledger = requests.get(f"{own_product.simulator_url}/_sim/ledger", timeout=30).json()
    assert (ledger["recipients"], ledger["doubled"]) == (5, 0)


def leave_by_button(phone: VirtualPhone) -> None:
    phone.reads("Hello Ann, your order A-1 is ready.")
    phone.tap("Cancel")
    phone.page.wait_for_timeout(1500)
    expect(phone.messages).not_to_contain_text("What was good?")


def leave_by_word(phone: VirtualPhone) -> None:
    phone.reads("Hello Ben, your order B-2 is ready.")
    phone.tap("Continue")
    phone.reads("What was good?")
    phone.types("exit")
    phone.reads("You have left this conversation.")


def door_of_the_message(page: Page, url: str) -> str:
    """From the list of messages to the page that sends one."""
    page.goto(f"{url}/outbound")
    page.get_by_role("link", name="Order ready").click()
    page.get_by_role("link", name="Send", exact=True).first.click()
    page.get_by_role("button", name="Send message").wait_for()
    return page.url


def send_through(tester: Tester, flow: str) -> None:
    tester.page.get_by_label("Or paste its flow ID").fill(flow)
    tester.fill_one("DE", "01512 3456782", first_name="Ben", order_number="B-2")
    tester.page.locator('[data-step="delivered"].is-done').wait_for(timeout=15_000)


def send_file_through(tester: Tester, flow: str, file: Path) -> None:
    rows = "".join(f"DE,0151234567{at},Cy,C-{at}\n" for at in (90, 91, 92))
    file.write_text("Country code,Phone number,first_name,order_number\n" + rows)
    tester.upload(file, flow)
    tester.start()
    tester.awaits("delivered", "3")
