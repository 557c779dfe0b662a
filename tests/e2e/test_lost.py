"""The pages about what went wrong, for everybody: lost answers, restored backups, events set aside, messages missed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder.services import restored, transaction
from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Message
from tests import worlds
from tests.e2e import axe

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def unlucky(line: Line, redis_url: str) -> dict[str, str]:
    """Addresses of pages on which something is told."""
    worlds.seal(line)
    for body in (b"no JSON at all", worlds.said_to_us("in1", text={"body": "Are you open?"}, ago=7200)):
        intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    batch = worlds.batch(line, worlds.template(line), 40, status="paused")
    with transaction() as session:
        ids = list(session.scalars(db.select(Message.id).where(Message.batch_id == batch.id)))
        session.execute(db.update(Message).where(Message.id.in_(ids[:12])).values(status="unconfirmed"))
    return {
        "rules": "/workspace", "aside": f"/lines/{line.id}/webhooks", "missed": "/conversations/missed", "restored": "/restored",
        "unconfirmed": f"/batches/{batch.id}",
    }  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_pages_about_misfortune_are_for_everybody(
    page: Page, enter: Callable[..., str], unlucky: dict[str, str], scheme: str, width: int, height: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    url = enter(page, "admin")
    restored.hold()
    for name, path in unlucky.items():
        page.goto(url + path)
        assert axe.serious(page) == [], name


def test_all_unconfirmed_are_resent_after_a_question(page: Page, enter: Callable[..., str], unlucky: dict[str, str]) -> None:
    page.goto(enter(page, "tester") + unlucky["unconfirmed"])
    page.get_by_role("button", name="Resend all 12 unconfirmed").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Whoever did get the first one gets it twice.")
    dialog.get_by_role("button", name="Send again").click()
    page.get_by_text("12 unconfirmed messages are sent again.").wait_for()
    expect(page.locator("[data-count=unconfirmed] dd")).to_have_text("0")
