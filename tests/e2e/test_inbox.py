"""Somebody answers a handed-over conversation, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.conversations import handovers
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.handovers import Handover
from flowbuilder.store.sending import Message
from tests import worlds
from tests.e2e.axe import serious
from tests.fixtures.browser import in_clothes

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_colleague_takes_answers_and_gives_back_by_keyboard(browser: Browser, enter: Callable[..., str], line: Line) -> None:
    handed = worlds.handed_over(line)
    with in_clothes(browser, "dark", 390) as page:
        page.goto(enter(page, "tester") + "/inbox")
        page.get_by_role("link", name="Zoë").press("Enter")
        page.get_by_role("button", name="Take", exact=True).press("Enter")
        field = page.get_by_label("Your answer")
        with page.expect_response("**/draft"):
            field.press_sequentially("How can I ")
        page.reload()
        expect(field).to_have_value("How can I ")
        field.press("End")
        field.press_sequentially("help?")
        _write(handed, "I paid twice")
        expect(page.get_by_role("log")).to_contain_text("I paid twice")
        expect(field).to_have_value("How can I help?")
        field.press("Control+Enter")
        expect(page.get_by_role("log")).to_contain_text("How can I help?")
        expect(field).to_have_value("")
        assert serious(page) == []
        page.get_by_role("button", name="Give back to the flow").press("Enter")
        expect(page.get_by_role("log")).to_contain_text("Bye.")
        expect(page.locator("#answer")).to_contain_text("This conversation has ended.")


def _write(handed: str, words: str) -> None:
    """What the person writes meanwhile."""
    with transaction() as session:
        talk = session.get_one(Conversation, session.get_one(Handover, handed).conversation_id)
        session.add(
            Message(
                workspace_id=talk.workspace_id, line_id=talk.line_id, direction="in", kind="text", status="received", wamid="wamid.in",
                contact_id=talk.contact_id, conversation_id=talk.id, content={"kind": "text", "body": words}, created_at=clock.now(),
            )
        )  # fmt: skip
        handovers.heard(session, talk.id, clock.now())
