"""Browsers in which somebody is signed in, and flows to open in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from flowbuilder.services import flows
from flowbuilder.store.accounts import Workspace
from tests.e2e.editor import Editor
from tests.fixtures.product import Product, start

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def enter(served: str, sign_in: Callable[..., FlaskClient]) -> Callable[..., str]:
    """Call it with a page and a role: that browser is signed in from then on. The address of the app is the answer."""

    def in_browser(page: Page, role: str = "designer") -> str:
        cookie = sign_in(role).get_cookie("flowbuilder")
        page.context.add_cookies([{"name": "flowbuilder", "value": cookie.value, "url": served}])
        return served

    return in_browser


@pytest.fixture
def own_product(tmp_path: Path) -> Iterator[Product]:
    """A product of the test's own, with a reviewer who decides after two seconds."""
    product = start(tmp_path / "home", SIMULATOR_REVIEW_SECONDS="2").await_ready()
    yield product
    assert product.stop() == 0


@pytest.fixture
def newcomer(page: Page, own_product: Product) -> Page:
    """Somebody who followed the printed link and chose a password."""
    page.goto(own_product.signin_link)
    page.get_by_label("New password").fill("seven quiet rivers at dawn")
    page.get_by_role("button", name="Save password").click()
    page.get_by_role("heading", name="My flows").wait_for()
    return page


@pytest.fixture
def editor(page: Page, enter: Callable[..., str], workspace: Workspace) -> Editor:
    """A tab on a flow of its own that has nothing but its opening."""
    draft = flows.create(workspace.id, "Order ready")
    return Editor(page, enter(page), workspace.id, draft.id).open()
