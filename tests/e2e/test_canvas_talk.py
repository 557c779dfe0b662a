"""Two designers at one flow: comments with replies, and each sees where the other is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.axe import serious
from tests.e2e.editor import Editor

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_two_designers_see_each_other_and_talk_about_a_step(editor: Editor, browser: Browser, enter: Callable[..., str]) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    enter(page, "admin")
    other = Editor(page, editor.url, editor.workspace_id, editor.flow_id).open()
    editor.select("n1")
    editor.page.keyboard.press("Escape")
    editor.select("n1")
    editor.page.locator('.step[data-id="n1"]').focus()
    editor.page.keyboard.press("k")
    expect(editor.page.locator("#comment-new")).to_be_focused()
    editor.page.keyboard.type("Is this the right")
    editor.page.reload()
    editor.select("n1")
    expect(editor.page.locator("#comment-new")).to_have_value("Is this the right")
    editor.page.locator("#comment-new").press_sequentially(" message?")
    editor.page.keyboard.press("Control+Enter")
    expect(editor.page.locator(".comment-text")).to_have_text("Is this the right message?")
    expect(editor.page.locator("#comment-new")).to_be_focused()
    expect(editor.page.locator("#comment-new")).to_have_value("")

    expect(other.page.locator(".step-talk")).to_have_text("1")
    expect(other.page.get_by_role("button", name="Designer is at You send it")).to_be_visible(timeout=15_000)
    other.select("n1")
    other.page.locator('.step[data-id="n1"]').focus()
    other.page.keyboard.press("Shift+K")
    expect(other.page.get_by_role("textbox", name="Reply")).to_be_focused()
    other.page.keyboard.type("Yes, it is.")
    other.page.keyboard.press("Control+Enter")
    other.page.locator(".comment-reply").wait_for()
    expect(other.page.locator(".comment-own")).to_have_count(1)
    expect(editor.page.locator(".comment-reply")).to_contain_text("Yes, it is.")
    expect(editor.page.locator("#comment-new")).to_be_focused()
    assert serious(other.page) == []
    other.page.keyboard.press("Escape")
    other.page.keyboard.press("Alt+K")
    expect(other.page.get_by_text("1 resolved")).to_be_visible()
    expect(editor.page.locator(".step-talk")).to_have_count(0)
    context.close()


def test_ones_own_comment_is_corrected_and_deleted(editor: Editor) -> None:
    page, said = editor.page, editor.page.locator(".comment-text")
    editor.select("n1")
    page.locator("#comment-new").fill("Is this the right message?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment-who")).not_to_contain_text("corrected")
    page.locator("#comments").get_by_text("Edit", exact=True).click()
    expect(page.get_by_label("Your comment")).to_be_focused()
    page.keyboard.type(" Never mind.")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator("#comments").get_by_text("Edit", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your comment")).to_be_focused()
    expect(page.get_by_label("Your comment")).to_have_value("Is this the right message?")
    page.keyboard.type(" I doubt it.")
    page.keyboard.press("Control+Enter")
    expect(said).to_have_text("Is this the right message? I doubt it.")
    expect(page.locator(".comment-who")).to_contain_text(", corrected")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete comment").click()
    expect(said).to_have_count(0)


def test_a_comment_that_is_refused_stays_where_it_was_typed(editor: Editor) -> None:
    field = editor.page.locator("#comment-new")
    editor.select("n1")
    field.evaluate("field => field.removeAttribute('maxlength')")
    field.fill("x" * 2001)
    editor.page.keyboard.press("Control+Enter")
    expect(editor.page.locator("#comment-new-error")).to_contain_text("at most 2,000 characters")
    editor.page.reload()
    editor.select("n1")
    expect(field).to_have_value("x" * 2001)
