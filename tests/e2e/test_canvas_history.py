"""The history beside the canvas: what was done in words, back to any moment and forward again, after a reload too."""

from __future__ import annotations

from playwright.sync_api import Locator, expect
from sqlalchemy import update

from flowbuilder import clock
from flowbuilder.store import db
from flowbuilder.store.flows import FlowChange, FlowDraft
from tests.e2e.axe import serious
from tests.e2e.editor import SLOWLY, Editor
from tests.fixtures.servers import until


def test_history_goes_back_to_any_moment_and_forward_again_after_a_reload(editor: Editor) -> None:
    editor.add("Message")
    editor.add("Finish")
    editor.add("Open question")
    editor.open()
    editor.page.keyboard.press("h")
    panel = editor.page.locator("[data-history]")
    expect(panel.get_by_text("You,").first).to_be_visible()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        editor.page.keyboard.press(key)
    expect(panel.get_by_role("button", name="Back to here: Added Message")).to_be_focused()
    editor.page.keyboard.press("Enter")
    until(lambda: len(editor.document["nodes"]) == 2)
    expect(panel.locator(".is-back")).to_have_count(2)
    expect(panel.get_by_role("button", name="Back to here: the flow as it began")).to_be_focused()
    assert serious(editor.page) == []
    panel.get_by_role("button", name="Redo to here: Added Open question").click()

    until(lambda: len(editor.document["nodes"]) == 4)
    expect(panel.locator(".is-back")).to_have_count(0)
    give_up_two(editor, panel)

    follow(editor, 100)
    editor.open().page.keyboard.press("h")
    expect(panel.locator("[data-go-to]")).to_have_count(100)
    panel.get_by_role("button", name="Older changes").press("Enter")
    expect(panel.get_by_role("button", name="Back to here: Added Message").first).to_be_focused()
    expect(panel.locator("[data-go-to]")).to_have_count(102)
    editor.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(editor.page.locator("[data-act=history]")).to_be_focused()
    editor.page.locator(".step").first.focus()
    editor.page.keyboard.press("h")
    expect(panel.get_by_role("button", name="Close the history")).to_be_focused()
    editor.page.keyboard.press("Escape")
    expect(editor.page.locator(".step").first).to_be_focused()


def test_undo_redo_and_a_way_back_are_seen_in_every_field_of_the_open_panel_and_take_nothing_that_is_being_typed(editor: Editor) -> None:
    page = editor.page
    editor.select(editor.add("Open question"))
    page.get_by_text("Answers that cannot be taken").click()
    said, reminder = page.get_by_label("Text after such an answer"), page.get_by_label("Text of the reminder")
    before = said.input_value()
    said.fill("Once more, please.")
    editor.saved()
    page.locator("[data-act=undo]").click()
    expect(said).to_have_value(before)
    page.locator("[data-act=redo]").click()
    expect(said).to_have_value("Once more, please.")
    page.get_by_text("No reply and reminders").click()
    page.get_by_role("button", name="Add reminder").click()
    reminder.fill("Still there?")
    editor.saved()
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    page.get_by_role("button", name="Back to here: Added Open question").click()
    expect(reminder).to_have_count(0)
    expect(said).to_have_value(before)

    page.evaluate(SLOWLY)
    page.locator("[data-act=redo]").click()
    page.wait_for_function("() => window.isComing")
    said.fill("Again, please.")
    editor.saved()
    page.wait_for_function("() => !window.isComing && !flowCanvas.sync.queue.first")
    expect(said).to_have_value("Again, please.")

    page.evaluate("flowCanvas.board.select([])")
    page.get_by_label("Word that ends the conversation").fill("BYE")
    editor.saved()
    page.evaluate("flowCanvas.actions.undo()")
    expect(page.get_by_label("Word that ends the conversation")).to_have_value("EXIT")


def give_up_two(editor: Editor, panel: Locator) -> None:
    """Take the redoing of two changes back by its notice, and do another in their place."""
    notice = editor.page.locator(".toast-undoable")
    expect(notice).to_contain_text("Redone: 2 changes.")
    notice.get_by_role("button", name="Undo").click()
    until(lambda: len(editor.document["nodes"]) == 2)
    expect(notice).to_contain_text("Undone: 2 changes.")
    expect(notice.get_by_role("button", name="Redo")).to_be_visible()
    editor.add("Message")
    expect(panel.locator(".is-back")).to_have_count(2)
    expect(panel.get_by_role("button", name="Redo to here")).to_have_count(0)


def follow(editor: Editor, count: int) -> None:
    """So many changes more, of which nothing came."""
    db.session.rollback()
    counted = update(FlowDraft).filter_by(id=editor.flow_id).values(revision=FlowDraft.revision + count).returning(FlowDraft.revision)
    revision = db.session.execute(counted).scalar_one() - count
    told = {
        "flow_id": editor.flow_id,
        "kind": "do",
        "command": {},
        "inverse": {},
        "touched": {},
        "words": "Moved nothing",
        "at": clock.now(),
    }
    db.session.add_all(FlowChange(revision=revision + number, **told) for number in range(1, count + 1))
    db.session.commit()
