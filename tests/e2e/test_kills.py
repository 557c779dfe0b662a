"""Each part of the product is killed in the middle of a batch and of a conversation; people notice nothing but a delay."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import phonenumbers
import requests

from tests.e2e.people import Designer, Tester, VirtualPhone
from tests.faults.machine import tree
from tests.fixtures.product import Product
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROWS = 640
PARTS = ("worker", "web", "queue")
# How many sends one kill of the worker may cut off: its threads, and what was claimed for them ahead.
UNDER_WAY = 40


def kill(product: Product, part: str) -> None:
    """kill -9 of a part and all that it started, and wait until the supervisor has started it anew."""
    old = product.children()[part]
    for pid in tree(old):
        os.kill(pid, signal.SIGKILL)
    until(lambda: product.children().get(part, old) != old, within=15)


def recipients(path: Path) -> Path:
    first = phonenumbers.example_number_for_type("ES", phonenumbers.PhoneNumberType.MOBILE).national_number
    rows = [f"34,{first + at},Ann,A-{at}" for at in range(ROWS)]
    path.write_text("Country code,Phone number,first_name,order_number\n" + "\n".join(rows))
    return path


def test_killing_each_part_doubles_and_forgets_nobody(newcomer: Page, own_product: Product, browser: Browser, tmp_path: Path) -> None:
    flow = Designer(newcomer, own_product.url).publish_small_flow()
    tester = Tester(newcomer, f"{own_product.url}/flows/{flow}/test")
    tester.upload(recipients(tmp_path / "spain.csv"))
    tester.start()
    for at, part in enumerate(PARTS, 1):
        until(lambda at=at: accepted(own_product) >= at * ROWS // 5, within=40)
        kill(own_product, part)
    until(lambda: ledger(own_product)["recipients"] + in_doubt(own_product) == ROWS, within=90)
    tester.awaits("accepted", str(ledger(own_product)["recipients"]))
    assert ledger(own_product)["doubled"] == 0
    assert in_doubt(own_product) <= UNDER_WAY

    tester.send_one("DE", "01512 3456789", first_name="Ann", order_number="A-1")
    context = browser.new_context()
    talk_between_kills(VirtualPhone(context.new_page(), own_product.simulator_url, "+49 1512 3456789"), own_product)
    context.close()
    assert ledger(own_product)["doubled"] == 0


def talk_between_kills(phone: VirtualPhone, product: Product) -> None:
    phone.reads("Hello Ann, your order A-1 is ready.")
    os.kill(product.children()["web"], signal.SIGKILL)
    phone.tap("Continue")
    phone.reads("What was good?")
    os.kill(product.children()["worker"], signal.SIGKILL)
    phone.types("The soup")
    phone.reads("What was bad?")
    os.kill(product.children()["queue"], signal.SIGKILL)
    phone.types("The wait")
    phone.reads("All noted, Ann.")


def in_doubt(product: Product) -> int:
    """Whose send was cut off by a kill before anybody could know whether it went out, and whom the ledger does not know."""
    with sqlite3.connect(f"file:{product.home}/flowbuilder.db?mode=ro", uri=True) as database:
        unknown = [str(id) for (id,) in database.execute("SELECT id FROM message WHERE status IN ('unknown', 'unconfirmed')")]
    known = requests.get(f"{product.simulator_url}/_sim/ledger/callbacks", timeout=30).json()
    return sum(id not in known for id in unknown)


def ledger(product: Product) -> dict[str, int]:
    return requests.get(f"{product.simulator_url}/_sim/ledger", timeout=30).json()


def accepted(product: Product) -> int:
    return ledger(product)["accepted"]
