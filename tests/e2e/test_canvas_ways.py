"""Connections as things of their own: led elsewhere, picked and deleted, led round cards; steps pasted into another flow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.services.accounts import people, teams
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from tests.e2e.editor import Editor
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from collections.abc import Callable

_END = """([source, port, way]) => { const { board, viewport } = flowCanvas;
  const edge = board.edges.get(`${source} ${port}`), whole = edge.path.getTotalLength();
  const at = edge.path.getPointAtLength(way < 0 ? whole + way : way), there = viewport.toScreen(at.x, at.y);
  return [there.x, there.y]; }"""


@pytest.fixture
def row(editor: Editor) -> list[str]:
    """The opening, a message and a finish, connected in a row; a second finish lies below."""
    editor.select("n1")
    ids = [editor.add("Message"), editor.add("Finish")]
    editor.page.evaluate("flowCanvas.board.select([])")
    ids.append(editor.add("Finish"))
    editor.page.evaluate("(id) => flowCanvas.sync.send({kind: 'move', positions: {[id]: [760, 460]}})", ids[2])
    editor.saved()
    editor.open()
    editor.page.keyboard.press("f")
    editor.settle()
    return ids


def _grab(editor: Editor, source: str, port: str, way: int, target: tuple[float, float]) -> None:
    x, y = editor.page.evaluate(_END, [source, port, way])
    mouse = editor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(*target, steps=6)
    mouse.up()


_PLANE = """([x, y]) => { const { left, top } = flowCanvas.board.root.getBoundingClientRect();
  const at = flowCanvas.viewport.toPlane(left + x, top + y);
  return [at.x, at.y]; }"""


def _lies_at(editor: Editor, id: str, place: list[float]) -> bool:
    """Whether a step begins there, to the grid."""
    return all(abs(is_at - meant) <= 10 for is_at, meant in zip(editor.document["layout"][id], place, strict=True))


def _centre(editor: Editor, id: str) -> tuple[float, float]:
    box = editor.page.locator(f'.step[data-id="{id}"]').bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_both_ends_of_a_connection_are_led_elsewhere_by_dragging(editor: Editor, row: list[str]) -> None:
    message, first, second = row
    _grab(editor, message, "next", -20, _centre(editor, second))
    until(lambda: (message, "next", second) in editor.edges())
    editor.saved()
    editor.settle()

    _grab(editor, "n1", "continue", 25, editor.dot(editor.port("n1", "finish")))
    until(lambda: editor.edges() == {("n1", "finish", message), (message, "next", second)})
    editor.page.keyboard.press("Control+z")
    until(lambda: ("n1", "continue", message) in editor.edges())
    assert first not in {target for _, _, target in editor.edges()}


def test_a_connection_is_picked_by_key_led_elsewhere_and_deleted(editor: Editor, row: list[str]) -> None:
    message, first, second = row
    keyboard = editor.page.keyboard
    keyboard.press("]")
    keyboard.press("]")
    assert editor.page.evaluate("flowCanvas.board.edge.source") == message
    expect(editor.page.get_by_role("complementary", name="Selected step")).to_contain_text("After “Next” of Message comes Finish")
    keyboard.press("l")
    for _ in range(4):
        if editor.page.locator(".step.is-target").get_attribute("data-id") == second:
            break
        keyboard.press("ArrowRight")
    keyboard.press("Enter")
    until(lambda: (message, "next", second) in editor.edges())
    editor.page.evaluate("flowCanvas.board.selectEdge(flowCanvas.board.edges.get('n1 continue'))")
    editor.page.locator("[data-canvas]").focus()
    keyboard.press("Delete")

    until(lambda: editor.edges() == {(message, "next", second)})


def test_a_connection_is_led_round_a_card_in_its_way_once_all_lies_still(editor: Editor, row: list[str]) -> None:
    message, first, second = row
    _grab(editor, message, "next", -20, _centre(editor, second))
    until(lambda: (message, "next", second) in editor.edges())
    places = editor.document["layout"]
    x, y = places[message]
    editor.page.evaluate(
        "(positions) => flowCanvas.sync.send({kind: 'move', positions})",
        {first: [x + 400, y], second: [x + 900, y]},
    )
    editor.saved()
    editor.open()

    until(lambda: editor.page.evaluate("(id) => !!flowCanvas.board.edges.get(`${id} next`).detour", message))


def test_a_menu_at_the_right_button_does_what_can_be_done_with_what_lies_there(editor: Editor, row: list[str]) -> None:
    message, first, second = row
    page, menu = editor.page, editor.page.get_by_role("menu")
    card = page.locator(f'.step[data-id="{first}"]')
    card.click(button="right", position={"x": 60, "y": 20})
    expect(menu.get_by_role("menuitem", name="Edit")).to_be_focused()
    page.keyboard.press("End")
    expect(menu.get_by_role("menuitem", name="Delete")).to_be_focused()
    menu.get_by_role("menuitem", name="Copy").click()
    expect(menu).to_be_hidden()
    page.get_by_text("Copied a step.").wait_for()
    place = page.evaluate(_PLANE, [640, 780])
    page.locator("[data-canvas]").click(button="right", position={"x": 640, "y": 780})
    expect(menu.get_by_role("menuitem", name="Delete")).to_be_hidden()
    menu.get_by_role("menuitem", name="Paste").click()
    until(lambda: len(editor.document["nodes"]) == 5)
    copy = editor.nodes("finish")[-1]["id"]
    assert _lies_at(editor, copy, place)
    page.keyboard.press("Control+z")
    page.locator(f'.step[data-id="{copy}"]').wait_for(state="detached")
    edges, place = editor.edges(), page.evaluate(_PLANE, [640, 780])
    page.locator("[data-canvas]").click(button="right", position={"x": 640, "y": 780})
    menu.get_by_role("menuitem", name="Add a step").click()
    page.keyboard.type("wait")
    page.keyboard.press("Enter")
    (added,) = until(lambda: editor.nodes("wait"))
    assert _lies_at(editor, added["id"], place) and editor.edges() == edges
    card.focus()
    page.keyboard.press("Shift+F10")
    menu.get_by_role("menuitem", name="Delete").click()
    until(lambda: first not in {node["id"] for node in editor.document["nodes"]})
    page.locator('.step[data-id="n1"]').click(button="right", position={"x": 60, "y": 20})
    expect(menu.get_by_role("menuitem", name="Delete")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.locator('.step[data-id="n1"]')).to_be_focused()


def test_steps_are_pasted_into_a_flow_of_another_workspace_with_their_connections(editor: Editor, row: list[str]) -> None:
    team = teams.add(editor.workspace_id, "Returns", user_id=None).id
    handed = {"id": "h1", "kind": "hand_over", "data": KINDS["hand_over"].blank() | {"team": team}}
    flows.change(editor.workspace_id, editor.flow_id, {"kind": "add_node", "node": handed, "at": [760, 700]}, None)
    editor.open()
    editor.page.keyboard.press("Control+a")
    editor.page.keyboard.press("Control+c")
    editor.page.get_by_text("Copied 4 steps, without the opening").wait_for()
    old = {node["id"] for node in editor.document["nodes"]}

    path = people.add_workspace("Globex", "designer@acme.example")
    assert path == ""
    editor.page.goto(f"{editor.url}/account")
    editor.page.get_by_role("row", name="Globex").get_by_role("button", name="Go there").click()
    editor.page.get_by_role("heading", name="My flows").wait_for()
    editor.workspace_id = db.session.query(Workspace).filter_by(name="Globex").one().id
    editor.flow_id = flows.create(editor.workspace_id, "Elsewhere").id
    editor.open()
    editor.page.keyboard.press("Control+v")

    until(lambda: len(editor.document["nodes"]) == 5)
    editor.page.get_by_text("because it belongs to another workspace: the team of Hand over to a person").wait_for()
    assert len(editor.edges()) == 1 and team not in str(editor.document)
    assert {node["id"] for node in editor.document["nodes"]} & old == {"n1"}

    editor.page.keyboard.press("Control+x")
    until(lambda: [node["id"] for node in editor.document["nodes"]] == ["n1"])
    editor.page.keyboard.press("Control+v")
    until(lambda: len(editor.document["nodes"]) == 5)
    assert len(editor.edges()) == 1


def test_pasted_steps_leave_who_has_gone_elsewhere_meanwhile_there(editor: Editor, row: list[str]) -> None:
    message, first, second = row
    page, menu = editor.page, editor.page.get_by_role("menu")
    editor.select(first)
    page.keyboard.press("Control+c")
    page.get_by_text("Copied a step.").wait_for()
    late: list[Callable[[], None]] = []
    page.route("**/changes", lambda route: late.append(partial(route.fulfill, response=route.fetch())))
    with page.expect_request("**/changes"):
        page.keyboard.press("Control+v")
    page.locator(f'.step[data-id="{message}"]').click(button="right", position={"x": 60, "y": 20})
    (answer,) = late
    answer()
    page.unroute("**/changes")
    page.locator(".step-finish.step").nth(2).wait_for()

    expect(menu.get_by_role("menuitem", name="Edit")).to_be_focused()
    assert page.evaluate("[...flowCanvas.board.selection]") == [message]
    page.keyboard.press("Escape")
    page.keyboard.press("Control+v")
    page.locator(".step-finish.step").nth(3).wait_for()
    assert page.evaluate("flowCanvas.board.selection.size") == 1
    assert page.evaluate("document.activeElement.matches('.step-finish')")


def test_what_is_no_step_is_refused_with_a_sentence(editor: Editor) -> None:
    editor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor.page.evaluate("navigator.clipboard.writeText('a shopping list')")
    editor.page.keyboard.press("Control+v")

    editor.page.get_by_text("There are no steps on the clipboard.").wait_for()
