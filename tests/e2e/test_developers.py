"""Pages of the API in a real browser: readable for all, and a kept viewer that keeps to our content security policy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from flowbuilder.core.scope import Scope
from flowbuilder.services.api import tokens
from flowbuilder.services.outgoing import webhooks
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, User, Workspace
from tests.e2e.axe import serious

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_an_operation_is_tried_from_the_page_and_nothing_breaks_the_policy(
    page: Page, enter: Callable[..., str], workspace: Workspace, line: Line
) -> None:
    admin = db.session.query(User).filter_by(email="admin@acme.example").one()
    _, token = tokens.create(workspace.id, "Trial", list(Scope), 7, user_id=admin.id)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)

    page.goto(enter(page, "admin") + "/api/try")
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label(re.compile("value", re.I)).fill(token)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator("#operations-lines-lines .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    page.locator(".live-responses-table").get_by_text(line.display_number).wait_for()
    assert refused == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_readable_for_all(page: Page, enter: Callable[..., str], workspace: Workspace, line: Line, scheme: str) -> None:
    hook = webhooks.create(workspace.id, "https://example.com/hook", ["message.read"], user_id=None)
    base = enter(page, "admin")
    page.emulate_media(color_scheme=scheme)

    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for path in ("guide", "tokens", "tokens/new", "webhooks", "webhooks/new", f"webhooks/{hook.id}", "try"):
            page.goto(f"{base}/api/{path}")
            if path == "try":
                page.locator("#operations-lines-lines").wait_for()
            assert serious(page) == [], f"{path} at {width}"
