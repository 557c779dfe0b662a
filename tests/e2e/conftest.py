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
from tests.e2e.outbound_form import Form
from tests.e2e.outline import Outline
from tests.fixtures.browser import watched
from tests.fixtures.product import Product, start

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


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


@pytest.fixture
def outline(page: Page, enter: Callable[..., str], workspace: Workspace) -> Outline:
    """The same as a list."""
    draft = flows.create(workspace.id, "Order feedback")
    return Outline(page, enter(page), workspace.id, draft.id).open()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that several modules use, whose reviewer decides after a second."""
    product = start(tmp_path_factory.mktemp("shop"), SIMULATOR_REVIEW_SECONDS="1").await_ready()
    yield product
    assert product.stop() == 0


@pytest.fixture(scope="session")
def signed_in(shop: Product, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a browser remembers once somebody is signed in there."""
    file = tmp_path_factory.mktemp("remembered") / "state.json"
    page = browser.new_page()
    page.goto(shop.signin_link)
    page.get_by_label("New password").fill("seven quiet rivers at dawn")
    page.get_by_role("button", name="Save password").click()
    page.get_by_role("heading", name="My flows").wait_for()
    page.context.storage_state(path=file)
    page.context.close()
    return file


@pytest.fixture
def shop_page(browser: Browser, signed_in: Path) -> Iterator[Page]:
    """A window of somebody who is signed in to the shop; whatever its scripts throw, and whatever breaks the policy, fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce", storage_state=signed_in)
    page = context.new_page()
    page.set_default_timeout(8000)
    said = watched(page)
    yield page
    context.close()
    assert said == []


@pytest.fixture
def form(shop_page: Page, shop: Product) -> Form:
    return Form(shop_page, shop.url).open()
