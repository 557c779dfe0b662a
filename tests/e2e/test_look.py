"""What all pages share, in a real browser: accessibility, theme, dialogs, toasts, and a content security policy that nothing breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Membership, User
from tests.e2e.axe import serious
from tests.fixtures.browser import in_clothes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = (
    "/lines",
    "/lines/new",
    "/test-phones",
    "/people",
    "/people/invite",
    "/account",
    "/password",
    "/workspace",
    "/audit-log",
    "/outbound",
    "/conversations",
    "/inbox",
    "/teams",
    "/-/patterns",
    "/none",
)


@pytest.fixture(params=[("light", 1440), ("dark", 1280), ("light", 390), ("dark", 390)], ids=lambda it: f"{it[0]}-{it[1]}")
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A window of each theme and size; nothing may scroll sideways, break the policy or throw."""
    with in_clothes(browser, *request.param) as page:
        yield page


def test_axe_finds_nothing_serious_on_pages_of_accounts(window: Page, enter: Callable[..., str], line: Line) -> None:
    url = enter(window, "admin")

    faults = {}
    for path in (*PAGES, f"/lines/{line.id}", f"/lines/{line.id}/edit"):
        window.goto(url + path)
        faults[path] = serious(window)
    window.context.clear_cookies()
    window.goto(url + "/signin")
    faults["/signin"] = serious(window)

    assert {path: found for path, found in faults.items() if found} == {}


def test_the_theme_follows_the_system_until_one_is_chosen_and_is_there_before_paint(page: Page, enter: Callable[..., str]) -> None:
    url = enter(page, "viewer")
    page.emulate_media(color_scheme="dark")
    page.goto(url + "/lines")
    theme = page.locator("html")
    expect(theme).to_have_attribute("data-bs-theme", "dark")

    page.locator(".account summary").click()
    page.get_by_role("button", name="Light").click()
    expect(theme).to_have_attribute("data-bs-theme", "light")

    page.reload(wait_until="commit")
    expect(theme).to_have_attribute("data-bs-theme", "light")


def test_removing_a_person_asks_first(page: Page, enter: Callable[..., str]) -> None:
    page.goto(enter(page, "admin") + "/people")
    tester = db.session.query(User).filter_by(email="tester@acme.example").one().id

    page.get_by_role("button", name="Remove Tester").click()
    dialog = page.get_by_role("dialog", name="Remove Tester?")
    dialog.get_by_role("button", name="Go back").click()
    expect(dialog).to_be_hidden()
    assert db.session.query(Membership).filter_by(user_id=tester).count() == 1

    page.get_by_role("button", name="Remove Tester").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("What this person made stays.")).to_be_visible()
    db.session.rollback()
    assert db.session.query(Membership).filter_by(user_id=tester).count() == 0


def test_check_connection_changes_the_facts_in_place_and_says_so(
    page: Page, enter: Callable[..., str], simulator: object, line: Line
) -> None:
    page.goto(enter(page, "designer") + f"/lines/{line.id}")
    page.evaluate("window.isSamePage = true")

    page.get_by_role("button", name="Check connection").click()

    expect(page.get_by_text("The line is connected.")).to_be_visible()
    expect(page.locator("#line-facts")).to_contain_text("messages a second")
    assert page.evaluate("window.isSamePage") is True


def test_with_tokens_asked_for_htmx_and_plain_forms_still_work(
    app: object, page: Page, enter: Callable[..., str], simulator: object, line: Line
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    url = enter(page, "admin")
    page.goto(f"{url}/lines/{line.id}")
    page.get_by_role("button", name="Check connection").click()
    expect(page.get_by_text("The line is connected.")).to_be_visible()

    page.goto(f"{url}/workspace")
    page.get_by_label("Name of the workspace").fill("Acme Two")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text("The workspace has its new name.")).to_be_visible()


def test_an_error_in_the_background_rises_as_a_toast_and_leaves_the_page(page: Page, enter: Callable[..., str], line: Line) -> None:
    page.goto(enter(page, "admin") + f"/lines/{line.id}")

    page.get_by_role("button", name="Send events here").click()

    expect(page.locator(".toast-danger")).to_contain_text("could not be reached")
    expect(page.get_by_role("heading", name=line.name)).to_be_visible()


def test_the_keyboard_reaches_the_content_and_closes_the_menu(page: Page, enter: Callable[..., str]) -> None:
    page.goto(enter(page, "viewer") + "/lines")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()

    page.locator(".account summary").click()
    page.keyboard.press("Escape")
    expect(page.locator(".account")).not_to_have_attribute("open", "")
    expect(page.locator(".account summary")).to_be_focused()


def test_a_dialog_opens_by_its_button_and_closes_by_escape(page: Page, enter: Callable[..., str]) -> None:
    page.goto(enter(page, "viewer") + "/-/patterns")

    page.get_by_role("button", name="Open a dialog").click()
    dialog = page.get_by_role("dialog", name="Create new flow")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()


def test_the_sidebar_stays_in_sight_on_a_long_page(page: Page, enter: Callable[..., str]) -> None:
    page.goto(enter(page, "viewer") + "/-/patterns")
    page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight)")
    assert page.evaluate("() => [scrollY > 0, Math.round(document.querySelector('.sidebar').getBoundingClientRect().top)]") == [True, 0]
