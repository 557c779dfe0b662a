"""The canvas in a real browser: adding, moving, connecting and deleting, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.editor import Editor
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_new_flow_is_made_from_the_list_and_opens_with_its_first_step(page: Page, enter: Callable[..., str]) -> None:
    url = enter(page)
    page.goto(f"{url}/flows")
    page.get_by_role("button", name="Create new flow").first.click()
    page.get_by_label("Name").fill("Order ready")
    page.get_by_role("button", name="Create flow").click()
    page.wait_for_selector("[data-canvas][data-ready]")

    expect(page.locator(".step")).to_have_count(1)
    expect(page.locator(".step")).to_contain_text("You send it")


def test_each_kind_of_step_is_added_by_click_and_saved(editor: Editor) -> None:
    for label in ("Message", "Answer options", "Open question", "Condition", "Finish"):
        editor.add(label)

    assert sorted(node["kind"] for node in editor.document["nodes"]) == [
        "answer_options", "condition", "finish", "message", "open_question", "you_send_it",
    ]  # fmt: skip
    expect(editor.page.locator(".step")).to_have_count(6)


def test_a_step_dragged_from_the_palette_lies_where_it_was_dropped(editor: Editor) -> None:
    editor.drag(editor.page.get_by_role("button", name="Message", exact=True), (700, 500))
    node = until(lambda: editor.nodes("message"))[0]

    box = editor.card("message").bounding_box()
    assert box and abs(box["x"] - 700) < 45 and abs(box["y"] - 500) < 45
    assert node["id"] in editor.document["layout"]


def test_clicking_in_the_palette_connects_the_selected_step_with_the_new_one(editor: Editor) -> None:
    editor.select("n1")
    id = editor.add("Message")

    assert ("n1", "continue", id) in editor.edges()
    expect(editor.page.locator(".edge")).to_have_count(1)


def test_a_connection_is_drawn_from_port_to_step(editor: Editor) -> None:
    id = editor.add("Message")
    editor.drag(editor.port("n1", "continue"), editor.card("message"))

    until(lambda: ("n1", "continue", id) in editor.edges())
    assert editor.page.locator(".edge").get_attribute("d").startswith("M")


def test_a_connection_dropped_in_the_open_offers_the_next_step(editor: Editor) -> None:
    editor.drag(editor.port("n1", "continue"), (800, 620))
    editor.page.locator("[data-chooser]").get_by_role("option", name="Open question").click()

    node = until(lambda: editor.nodes("open_question"))[0]
    assert ("n1", "continue", node["id"]) in editor.edges()
    editor.saved()
    editor.drag(editor.port("n1", "finish"), (800, 700))
    editor.page.locator("[data-chooser]").get_by_role("option", name="Open question", exact=True).click()
    until(lambda: ("n1", "finish", node["id"]) in editor.edges())


def test_a_connection_is_made_by_keyboard(editor: Editor) -> None:
    editor.add("Message")
    finish = editor.add("Finish")
    port = editor.port("n1", "finish")
    port.focus()
    editor.page.keyboard.press("Enter")
    expect(editor.page.get_by_text("Arrow keys choose a step, Enter connects")).to_be_visible()
    for _ in range(3):
        if editor.page.locator(".step.is-target").get_attribute("data-id") == finish:
            break
        editor.page.keyboard.press("ArrowRight")
    editor.page.keyboard.press("Enter")

    until(lambda: ("n1", "finish", finish) in editor.edges())
    assert port.evaluate("el => el === document.activeElement")


def test_escape_gives_up_a_connection_begun_by_keyboard(editor: Editor) -> None:
    editor.add("Finish")
    editor.port("n1", "finish").focus()
    editor.page.keyboard.press("Enter")
    editor.page.keyboard.press("Escape")

    expect(editor.page.locator(".edge")).to_have_count(0)
    assert editor.edges() == set()


def test_keys_mean_what_has_the_focus(editor: Editor) -> None:
    finish = editor.add("Finish")
    editor.select("n1")
    page, checks = editor.page, editor.page.get_by_role("region", name="Checks")
    page.locator("[data-close-panel]").focus()
    page.keyboard.press("c")
    expect(checks).to_be_hidden()
    page.locator(f'.step[data-id="{finish}"]').focus()
    page.keyboard.press("Delete")
    until(lambda: not editor.nodes("finish"))
    page.keyboard.press("c")
    expect(checks).to_be_visible()
    page.locator("[data-close-checks]").focus()
    page.keyboard.press("Escape")
    expect(checks).to_be_hidden()
    editor.select("n1")
    page.get_by_role("button", name=re.compile("^Checks")).focus()
    page.keyboard.press("e")
    expect(page.locator("[data-panel] :focus")).to_have_count(1)


def test_tab_walks_cards_and_ports_in_the_order_of_the_flow(editor: Editor) -> None:
    editor.select("n1")
    message = editor.add("Message")
    editor.page.locator('.step[data-id="n1"]').focus()
    visited = []
    for _ in range(5):
        editor.page.keyboard.press("Tab")
        visited.append(
            editor.page.evaluate("[document.activeElement.closest('.step').dataset.id, document.activeElement.dataset.port ?? '']")
        )

    assert visited == [["n1", "continue"], ["n1", "finish"], ["n1", "no_reply"], [message, ""], [message, "next"]]


def test_a_circle_is_refused_and_named(editor: Editor) -> None:
    editor.select("n1")
    first = editor.add("Message")
    second = editor.add("Message")
    editor.drag(editor.port(second, "next"), editor.page.locator(f'.step[data-id="{first}"]'))
    editor.page.get_by_text(re.compile("would close a circle", re.I)).last.wait_for()

    editor.saved()
    assert (second, "next", first) not in editor.edges()
    expect(editor.page.locator(".edge")).to_have_count(2)


def test_a_card_is_dragged_and_stays_after_a_reload(editor: Editor) -> None:
    before = editor.document["layout"]["n1"]
    box = editor.card("you_send_it").bounding_box()
    assert box
    editor.drag(editor.card("you_send_it").locator(".step-head"), (box["x"] + 330, box["y"] + 140))
    after = until(lambda: (place := editor.document["layout"]["n1"]) != before and place)
    editor.open()

    assert after[0] > before[0] + 100 and after[1] > before[1] + 50
    here = editor.page.evaluate("(({x, y}) => [x, y])(flowCanvas.board.nodes.get('n1'))")
    assert here == after


def test_arrow_keys_move_the_selected_step(editor: Editor) -> None:
    editor.select("n1")
    x, y = editor.document["layout"]["n1"]
    editor.page.locator('.step[data-id="n1"]').focus()
    editor.page.keyboard.press("ArrowRight")
    editor.page.keyboard.press("Shift+ArrowDown")

    until(lambda: editor.document["layout"]["n1"] == [x + 10, y + 50])


def test_delete_removes_the_step_and_its_connections(editor: Editor) -> None:
    editor.select("n1")
    id = editor.add("Message")
    editor.page.locator(f'.step[data-id="{id}"]').focus()
    editor.page.keyboard.press("Delete")

    until(lambda: not editor.nodes("message"))
    assert editor.edges() == set()
    expect(editor.page.locator(".edge")).to_have_count(0)


def test_the_list_of_keys_opens_with_a_question_mark(editor: Editor) -> None:
    editor.page.keyboard.press("?")

    assert editor.page.get_by_role("dialog", name="Keys").is_visible()


def test_several_steps_are_chosen_by_a_box_and_moved_together(editor: Editor) -> None:
    message = editor.add("Message")
    editor.page.keyboard.press("f")
    editor.select(message)
    start, both = (editor.page.locator(f'.step[data-id="{id}"]').bounding_box() for id in ("n1", message))
    assert start and both
    left, top, right = min(start["x"], both["x"]) - 12, start["y"] - 12, start["x"] + 60
    chosen = editor.page.locator(".step[aria-current]")
    for below, count in ((start["y"] + 40, 1), (both["y"] + 40, 2)):
        editor.page.keyboard.down("Shift")
        editor.page.mouse.move(left, top)
        editor.page.mouse.down()
        editor.page.mouse.move(right, below, steps=4)
        editor.page.mouse.up()
        editor.page.keyboard.up("Shift")
        assert chosen.count() == count and chosen.first.get_attribute("data-id") == "n1"
    before = dict(editor.document["layout"])
    editor.page.keyboard.press("Shift+ArrowDown")

    until(lambda: all(editor.document["layout"][id][1] == y + 50 for id, (_, y) in before.items()))
