"""Nothing is lost: undo after a reload, two tabs, a server that is away; and checks before publishing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from flowbuilder import clock
from flowbuilder.core.flow import Flow
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Line, Workspace
from tests.e2e.editor import Editor
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_undo_and_redo_survive_a_reload(editor: Editor) -> None:
    editor.add("Message")
    editor.open()
    editor.page.keyboard.press("Control+z")
    until(lambda: not editor.nodes("message"))
    until(lambda: editor.page.locator(".step").count() == 1)
    editor.saved()
    editor.open()
    editor.page.get_by_role("button", name="Redo").click()

    until(lambda: editor.nodes("message"))
    until(lambda: editor.page.locator(".step").count() == 2)
    assert editor.page.evaluate("flowCanvas.board.selected.kind") == "message", "what came back is selected"


def test_the_settings_of_a_flow_are_saved(editor: Editor) -> None:
    editor.page.get_by_label("Word that ends the conversation").fill("LEAVE")
    editor.page.get_by_label("Ends after this many hours of silence").fill("48")
    editor.page.get_by_label("Time zone").select_option("Europe/Berlin")
    editor.saved()

    kept = editor.document["settings"]
    assert (kept["exit_word"], kept["expires_after"], kept["zone"]) == ("LEAVE", 48 * 3600, "Europe/Berlin")


def test_two_tabs_see_each_other_and_lose_nothing(editor: Editor, page: Page) -> None:
    other = Editor(page.context.new_page(), editor.url, editor.workspace_id, editor.flow_id).open()
    message = editor.add("Message")
    finish = other.add("Finish")
    editor.page.locator(f'.step[data-id="{finish}"]').wait_for(timeout=3000)
    other.page.locator(f'.step[data-id="{message}"]').wait_for(timeout=3000)
    editor.drag(editor.port("n1", "continue"), editor.page.locator(f'.step[data-id="{message}"]'))
    until(lambda: other.page.locator(".edge").count() == 1, within=4)

    assert len(editor.document["nodes"]) == 3


def test_what_was_done_while_the_server_was_away_is_kept_and_sent_in_order(editor: Editor) -> None:
    editor.page.context.set_offline(True)
    editor.page.get_by_role("button", name="Message", exact=True).click()
    editor.page.wait_for_selector('[data-saved][data-state="failing"]')
    editor.page.get_by_role("button", name="Finish", exact=True).click()
    assert len(editor.document["nodes"]) == 1
    editor.page.context.set_offline(False)
    editor.saved()

    assert [node["kind"] for node in editor.document["nodes"] if node["id"] != "n1"].count("message") == 1
    assert len(editor.document["nodes"]) == 3


def test_a_tab_closed_while_the_server_was_away_loses_nothing(editor: Editor) -> None:
    editor.page.context.set_offline(True)
    editor.page.get_by_role("button", name="Message", exact=True).click()
    editor.page.wait_for_selector('[data-saved][data-state="failing"]')
    context = editor.page.context
    editor.page.close()
    context.set_offline(False)
    Editor(context.new_page(), editor.url, editor.workspace_id, editor.flow_id).open()

    until(lambda: len(editor.nodes("message")) == 1)


def test_checks_are_counted_listed_and_lead_to_their_step(editor: Editor) -> None:
    id = editor.add("Open question")
    button = editor.page.get_by_role("button", name="Checks 6 errors 3 warnings", exact=True)
    assert [button.locator(f"b.is-{tone}").count() for tone in ("error", "warning")] == [1, 1]
    button.click()
    editor.page.get_by_role("button", name=re.compile("Open question: enter the question")).click()

    card = editor.page.locator(f'.step[data-id="{id}"]')
    assert card.get_attribute("aria-current") == "true"
    assert [card.locator(f".step-badge .is-{tone}").count() for tone in ("error", "warning")] == [1, 1]
    editor.add("Open question")
    expect(editor.page.get_by_role("button", name="Open question (2): enter the question.")).to_be_visible()


def test_publishing_is_refused_while_a_check_fails(editor: Editor) -> None:
    editor.page.get_by_role("button", name="Publish", exact=True).click()
    editor.page.get_by_text("Publishing is refused while a check fails").wait_for()

    assert rows.versions(editor.flow_id) == []


def test_publishing_a_good_flow_says_version_1(editor: Editor, line: Line) -> None:
    example = flows.create_from_example(editor.workspace_id, "delivery_feedback")
    template = flows.template_of(Flow.from_json(example.document), editor.workspace_id)
    assert template is not None
    template.status, template.updated_at = "approved", clock.now()
    db.session.commit()
    editor.flow_id = example.id
    editor.open()
    editor.page.get_by_role("button", name="Publish", exact=True).click()
    expect(editor.page.get_by_role("button", name="Publish version 1")).to_be_focused()
    editor.page.keyboard.press("Enter")
    editor.page.get_by_role("heading", name="Version 1 is published").wait_for()
    expect(editor.page.get_by_role("dialog").get_by_role("link", name="Send it")).to_be_focused()

    until(lambda: "Version 1" in editor.page.locator("[data-flow-status]").inner_text(), within=4)
    db.session.rollback()
    assert [version.number for version in rows.versions(example.id)] == [1]
    editor.page.evaluate("document.activeElement.blur()")
    editor.page.keyboard.press("Escape")
    expect(editor.page.get_by_role("dialog")).to_be_hidden()
    editor.page.keyboard.press("r")
    editor.page.wait_for_url("**/test")


def test_a_copied_step_is_pasted_with_its_text(editor: Editor) -> None:
    id = editor.add("Message")
    editor.select(id)
    editor.page.get_by_role("textbox", name="Text", exact=True).fill("Twice")
    editor.page.locator(f'.step[data-id="{id}"]').focus()
    editor.page.keyboard.press("Control+c")
    editor.page.get_by_text(re.compile("^Copied a step")).wait_for(state="attached")
    editor.page.keyboard.press("Control+v")

    until(lambda: [node["data"]["text"] for node in editor.nodes("message")] == ["Twice", "Twice"])


def test_a_viewer_can_look_and_not_change(page: Page, enter: Callable[..., str], workspace: Workspace) -> None:
    draft = flows.create_from_example(workspace.id, "delivery_feedback")
    editor = Editor(page, enter(page, "viewer"), workspace.id, draft.id).open()
    before, asked = editor.document, []
    page.on("request", lambda request: asked.append(request.url) if "/changes" in request.url and request.method != "GET" else None)
    head = editor.card("message").first.locator(".step-head")
    head.click()
    page.wait_for_selector("[data-panel] [data-step-form]")
    expect(page.locator("[data-panel] [data-step-form] :is(input, textarea, select, button):enabled")).to_have_count(0)
    editor.drag(head, (700, 700))
    page.evaluate("flowCanvas.board.select(flowCanvas.board.nodes.keys())")
    page.locator("[data-canvas]").focus()
    places = "[...flowCanvas.board.nodes.values()].map(({ id, x, y }) => [id, x, y])"
    drawn = page.evaluate(places)
    for key in ("ArrowRight", "t", "Alt+a", "Control+d", "Control+x", "Control+z", "Delete"):
        page.keyboard.press(key)
    editor.settle()

    assert page.evaluate(places) == drawn
    assert page.evaluate("flowCanvas.sync.queue.items.length") == 0 and asked == []
    assert page.locator(".step").count() == len(before["nodes"]) and page.locator(".edge").count() == len(before["edges"])
    assert editor.document == before
    expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
