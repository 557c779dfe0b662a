"""The canvas under fingers, as on a tablet: one pans, two zoom, a card and a connection are dragged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder.services import flows
from flowbuilder.store.accounts import Workspace
from tests.e2e.editor import Editor
from tests.fixtures.browser import watched
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Locator, Page


class Fingers:
    """Touches the screen, as the browser's own protocol tells them."""

    def __init__(self, session: CDPSession) -> None:
        self.session = session

    def _tell(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def drag(self, *ways: tuple[tuple[float, float], tuple[float, float]], steps: int = 6) -> None:
        """Each finger goes from one point to another, all at the same time."""
        self._tell("touchStart", *(begin for begin, _ in ways))
        for step in range(1, steps + 1):
            part = step / steps
            self._tell("touchMove", *((x + (to_x - x) * part, y + (to_y - y) * part) for (x, y), (to_x, to_y) in ways))
        self._tell("touchEnd")


@pytest.fixture
def tablet(browser: Browser, enter: Callable[..., str], workspace: Workspace) -> Iterator[tuple[Editor, Fingers]]:
    context = browser.new_context(viewport={"width": 1180, "height": 820}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    said = watched(page)
    draft = flows.create(workspace.id, "Order ready")
    editor = Editor(page, enter(page), workspace.id, draft.id).open()
    yield editor, Fingers(context.new_cdp_session(page))
    context.close()
    assert said == []


def _middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _view(editor: Editor) -> list[float]:
    return editor.page.evaluate("[flowCanvas.viewport.x, flowCanvas.viewport.y, flowCanvas.viewport.k]")


def test_fingers_pan_zoom_drag_a_card_and_connect(tablet: tuple[Editor, Fingers]) -> None:
    editor, fingers = tablet
    message = editor.add("Message")
    x, y, k = _view(editor)
    fingers.drag(((500, 140), (540, 110)))
    until(lambda: [round(value) for value in _view(editor)[:2]] == [round(x + 40), round(y - 30)])
    fingers.drag(((480, 120), (420, 120)), ((560, 120), (620, 120)))
    until(lambda: _view(editor)[2] > k * 1.5)
    editor.page.keyboard.press("f")
    editor.page.keyboard.press("Escape")
    editor.settle()

    before = editor.document["layout"][message]
    head = _middle(editor.page.locator(f'.step[data-id="{message}"] .step-head'))
    fingers.drag((head, (head[0] + 60, head[1] + 90)))
    until(lambda: editor.document["layout"][message] != before)
    assert editor.page.evaluate("flowCanvas.board.selection.size") == 0, "moving opens no panel over the canvas"
    fingers.drag((editor.dot(editor.port("n1", "finish")), _middle(editor.page.locator(f'.step[data-id="{message}"]'))))
    until(lambda: ("n1", "finish", message) in editor.edges())

    editor.page.set_viewport_size({"width": 390, "height": 844})
    editor.page.evaluate("flowCanvas.viewport.fit()")
    editor.settle()
    places, (x, y, _) = editor.document["layout"], _view(editor)
    head = _middle(editor.page.locator(f'.step[data-id="{message}"] .step-head'))
    fingers.drag((head, (head[0] + 40, head[1] + 60)))
    until(lambda: [round(value) for value in _view(editor)[:2]] == [round(x + 40), round(y + 60)])
    assert editor.document["layout"] == places, "on a phone a finger looks around"


def test_a_connection_is_led_elsewhere_by_a_tap_or_by_its_end_and_takes_a_step_in_between(tablet: tuple[Editor, Fingers]) -> None:
    editor, fingers = tablet
    editor.select("n1")
    first = editor.add("Message")
    editor.page.evaluate("flowCanvas.board.select([])")
    second = editor.add("Finish")
    editor.page.evaluate("flowCanvas.board.select([]); flowCanvas.viewport.fit()")
    editor.settle()
    pick = "flowCanvas.board.selectEdge(flowCanvas.board.edges.get('n1 continue'))"
    hint = editor.page.get_by_text("Tap the step it leads to", exact=True)
    for goal, is_ground in ((first, True), (second, False)):
        editor.page.evaluate(pick)
        editor.page.get_by_role("button", name="Lead it elsewhere").tap()
        expect(hint).to_be_visible()
        expect(editor.page.locator(".edge.is-selected")).to_have_count(1)
        at = (600, 90) if is_ground else _middle(editor.page.locator(f'.step[data-id="{goal}"]'))
        editor.page.touchscreen.tap(*at)
        expect(hint).to_be_hidden()
        until(lambda goal=goal: editor.edges() == {("n1", "continue", goal)})

    editor.page.evaluate(pick)
    editor.page.get_by_role("button", name="Put a step in between").tap()
    editor.page.get_by_role("option", name="Condition").tap()
    [between] = until(lambda: editor.nodes("condition"))
    until(lambda: editor.edges() == {("n1", "continue", between["id"]), (between["id"], "b1", second)})
    editor.page.evaluate(f"{pick}; flowCanvas.viewport.fit()")
    editor.settle()
    fingers.drag((_middle(editor.page.locator(".edge-end")), _middle(editor.page.locator(f'.step[data-id="{first}"]'))))
    until(lambda: ("n1", "continue", first) in editor.edges())


_BEFORE_ITS_END = """(key) => {
  const { path } = flowCanvas.board.edges.get(key), { x, y } = path.getPointAtLength(path.getTotalLength() - 22);
  return flowCanvas.viewport.toScreen(x, y);
}"""


def test_of_connections_that_come_together_the_one_is_picked_that_is_tapped(tablet: tuple[Editor, Fingers]) -> None:
    editor, _ = tablet
    message = editor.add("Message")
    editor.select(message)
    finish = editor.add("Finish")
    editor.drag(editor.port("n1", "finish"), editor.page.locator(f'.step[data-id="{finish}"]'))
    until(lambda: len(editor.edges()) == 2)
    editor.page.evaluate("flowCanvas.viewport.fit()")
    editor.settle()
    for key in (f"{message} next", "n1 finish", f"{message} next"):
        at = editor.page.evaluate(_BEFORE_ITS_END, key)
        editor.page.touchscreen.tap(at["x"], at["y"])
        assert editor.page.evaluate("flowCanvas.board.edge?.key") == key


def test_several_are_selected_by_taps_pasted_and_what_is_deleted_comes_back_by_its_notice(tablet: tuple[Editor, Fingers]) -> None:
    editor, _ = tablet
    ids = [editor.add("Message"), editor.add("Finish")]
    editor.page.evaluate("flowCanvas.board.select([]); flowCanvas.viewport.fit()")
    editor.page.get_by_role("button", name="Select several steps").tap()
    for id in ids:
        editor.page.locator(f'.step[data-id="{id}"] .step-head').tap()
    editor.page.get_by_role("button", name="Done").tap()
    expect(editor.page.get_by_role("heading", name="2 steps selected")).to_be_visible()
    panel, paste = editor.page.locator(".panel"), editor.page.get_by_role("button", name="Paste", exact=True)
    expect(paste).to_be_hidden()
    panel.get_by_role("button", name="Copy").tap()
    paste.tap()
    until(lambda: len(editor.document["nodes"]) == 5)
    expect(panel.get_by_role("heading", name="2 steps selected")).to_be_visible()
    panel.get_by_role("button", name="Delete").tap()
    until(lambda: len(editor.document["nodes"]) == 3)
    editor.page.locator("#toasts").get_by_role("button", name="Undo").tap()

    until(lambda: len(editor.document["nodes"]) == 5)
    expect(editor.page.get_by_text("Deleted 2 steps.", exact=True)).to_have_count(0)


def test_several_are_selected_by_taps_on_a_phone_too(tablet: tuple[Editor, Fingers]) -> None:
    editor, _ = tablet
    ids = [editor.add("Message"), editor.add("Finish")]
    editor.page.set_viewport_size({"width": 390, "height": 844})
    editor.page.evaluate("flowCanvas.board.select([]); flowCanvas.viewport.fit()")
    editor.page.get_by_role("button", name="Select several steps").tap()
    for id in [*ids, "n1", "n1"]:
        editor.page.locator(f'.step[data-id="{id}"] .step-head').tap()
    assert editor.page.evaluate("[...flowCanvas.board.selection].sort()") == sorted(ids)


def test_an_upright_tablet_shows_the_opened_step_above_its_sheet_and_goes_back(tablet: tuple[Editor, Fingers]) -> None:
    editor, fingers = tablet
    editor.page.set_viewport_size({"width": 820, "height": 1180})
    finish = editor.page.get_by_role("button", name="Finish", exact=True)
    x, y = _middle(finish)
    fingers.drag(((x, y), (x + 150, y - 130)), steps=10)
    [step] = until(lambda: editor.nodes("finish"))
    card = editor.page.locator(f'.step[data-id="{step["id"]}"]')
    above = "([card, panel]) => card.getBoundingClientRect().bottom <= panel.getBoundingClientRect().top"
    until(lambda: editor.page.evaluate(above, [card.element_handle(), editor.page.locator(".panel").element_handle()]))
    editor.page.get_by_role("button", name="Close the panel").tap()

    editor.page.locator('[data-act="fit"]').tap()
    editor.settle()
    before = _view(editor)
    card.tap()
    until(lambda: _view(editor) != before)
    editor.page.get_by_role("button", name="Close the panel").tap()
    until(lambda: _view(editor) == before)


def test_a_phone_turned_on_its_side_shows_the_opening_beside_its_buttons_and_every_entry_of_the_bar(tablet: tuple[Editor, Fingers]) -> None:
    editor, _ = tablet
    for _ in range(3):
        editor.add("Message")
    editor.page.set_viewport_size({"width": 390, "height": 844})
    editor.open()
    editor.page.evaluate("flowCanvas.viewport.set(60, 500, 0.6)")
    editor.page.wait_for_function("() => localStorage.getItem(flowCanvas.viewport.key)?.startsWith('[60,500,')")
    editor.page.set_viewport_size({"width": 844, "height": 390})
    editor.open()
    opening = editor.card("you_send_it").bounding_box()
    assert opening and opening["y"] + opening["height"] < 340, "where one looked on the upright phone is no place here"
    edges = """() => [".several-offer", ".step"].map((name) => document.querySelector(name).getBoundingClientRect())
    .map(({ left, right }, at) => (at ? left : right))"""
    right, left = editor.page.evaluate(edges)
    assert left > right
    last, account = editor.page.locator(".main-nav > :last-child").bounding_box(), editor.page.locator(".account").bounding_box()
    assert last and account and last["y"] + last["height"] <= account["y"]


def test_every_control_is_large_enough_for_a_finger(tablet: tuple[Editor, Fingers]) -> None:
    editor, _ = tablet
    editor.select(editor.add("Condition"))
    editor.page.get_by_role("button", name="Checks").click()
    small = """[...document.querySelectorAll("button, select, summary, input, .btn")]
    .filter((el) => el.checkVisibility() && el.offsetHeight < 40 && !el.closest("label")).map((el) => el.outerHTML)"""

    assert editor.page.evaluate(small) == []


def test_the_panel_is_a_sheet_on_a_phone_which_the_way_back_of_the_browser_closes(
    page: Page, enter: Callable[..., str], workspace: Workspace
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    draft = flows.create(workspace.id, "Order ready")
    editor = Editor(page, enter(page), workspace.id, draft.id).open()
    page.evaluate("history.replaceState({ htmx: true }, '')")  # As after a form went by htmx.
    id = editor.add("Message")
    editor.page.get_by_role("textbox", name="Text", exact=True).fill("From a phone")

    until(lambda: editor.nodes("message")[0]["data"]["text"] == "From a phone")
    card, panel = page.locator(f'.step[data-id="{id}"]').bounding_box(), page.locator("[data-panel]").bounding_box()
    assert card and panel and card["y"] + 40 < panel["y"] and panel["width"] == 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.go_back()
    expect(page.locator("[data-panel]")).to_be_hidden()
    page.locator("[data-flow-settings]").click()
    page.get_by_role("button", name="Close the settings").click()
    editor.select(id)
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value("From a phone")
    page.reload()
    page.wait_for_selector("[data-canvas][data-ready]")
    editor.select(id)
    page.go_back()
    expect(page.locator("[data-panel]")).to_be_hidden()
    page.go_back()
    expect(page).to_have_url("about:blank")
