"""The list of steps, and what is chosen by name: adding in between, at a loose end, by keyboard; finding a step; doing anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from flowbuilder.web.flows.actions import ACTIONS, OUTLINE
from tests.e2e.axe import serious
from tests.e2e.editor import Editor
from tests.fixtures.servers import until

_CLEAR_OF_MAP = """() => { const card = flowCanvas.board.selected.el.getBoundingClientRect();
  const map = document.querySelector("[data-minimap]").getBoundingClientRect();
  return card.bottom <= map.top || card.left >= map.right; }"""


@pytest.fixture
def pair(editor: Editor) -> tuple[str, str]:
    """The opening leads to a message, and that to a finish."""
    editor.select("n1")
    message = editor.add("Message")
    finish = editor.add("Finish")
    editor.page.keyboard.press("f")
    editor.settle()
    return message, finish


def _middle(editor: Editor) -> tuple[float, float]:
    """Where the connection between message and finish has its middle, on the screen."""
    found = editor.page.evaluate(
        """(() => { const { board, viewport } = flowCanvas;
        const path = [...board.edges.values()].find((edge) => edge.port === "next").path;
        const at = path.getPointAtLength(path.getTotalLength() / 2), there = viewport.toScreen(at.x, at.y);
        return [there.x, there.y]; })()"""
    )
    return found[0], found[1]


def test_a_step_dropped_on_a_connection_goes_in_between_as_one_change(editor: Editor, pair: tuple[str, str]) -> None:
    message, finish = pair
    editor.drag(editor.page.get_by_role("button", name="Open question", exact=True), _middle(editor))
    new = until(lambda: editor.nodes("open_question"))[0]["id"]

    assert {(message, "next", new), (new, "answered", finish)} <= editor.edges()
    boxes = editor.page.evaluate("(ids) => ids.map((id) => flowCanvas.board.nodes.get(id).x)", [message, new, finish])
    assert boxes[0] + 260 < boxes[1] and boxes[1] + 260 < boxes[2]
    editor.page.keyboard.press("Control+z")
    until(lambda: (message, "next", finish) in editor.edges() and not editor.nodes("open_question"))


_LIE_THERE = """([id, x, y]) => { const at = flowCanvas.viewport.toPlane(x, y);
  flowCanvas.sync.send({ kind: "move", positions: { [id]: [Math.round(at.x) - 100, Math.round(at.y) + 30] } }); }"""


def test_a_step_put_in_between_covers_no_card_that_lies_there(editor: Editor, pair: tuple[str, str]) -> None:
    editor.page.evaluate("flowCanvas.board.select([])")
    lying = editor.add("Message")
    editor.page.evaluate(_LIE_THERE, [lying, *_middle(editor)])
    editor.saved()
    editor.open()
    editor.page.keyboard.press("f")
    editor.settle()
    editor.drag(editor.page.get_by_role("button", name="Open question", exact=True), _middle(editor))
    new = until(lambda: editor.nodes("open_question"))[0]["id"]

    assert not editor.page.evaluate(
        """([a, b]) => import("/static/js/canvas/geometry.js")
        .then(({ touches }) => touches(flowCanvas.board.nodes.get(a), flowCanvas.board.nodes.get(b)))""",
        [new, lying],
    )


def test_a_loose_card_dropped_on_a_connection_goes_in_between(editor: Editor, pair: tuple[str, str]) -> None:
    message, finish = pair
    editor.page.evaluate("flowCanvas.board.select([])")
    loose = editor.add("Open question")
    editor.page.keyboard.press("f")
    editor.settle()
    editor.drag(editor.page.locator(f'.step[data-id="{loose}"] .step-head'), _middle(editor))

    until(lambda: {(message, "next", loose), (loose, "answered", finish)} <= editor.edges())


def test_the_palette_is_searched_and_enter_adds_what_is_found(editor: Editor) -> None:
    editor.page.keyboard.press("n")
    editor.page.keyboard.type("open q")
    expect(editor.page.locator(".palette-step:visible")).to_have_count(1)
    editor.page.keyboard.press("Enter")

    until(lambda: editor.nodes("open_question"))
    editor.page.wait_for_function(_CLEAR_OF_MAP)
    expect(editor.page.locator("#step-text")).to_be_focused()
    editor.page.keyboard.type("Your name?")
    until(lambda: "Your name?" in str(editor.nodes("open_question")))
    editor.page.get_by_role("button", name="Close the panel").press("Enter")
    expect(editor.page.locator(".step", has_text="Your name?")).to_be_focused()


def test_the_next_step_is_chosen_by_keyboard_at_its_port(editor: Editor) -> None:
    editor.page.keyboard.press(".")
    assert editor.page.evaluate("flowCanvas.board.selected.id") == "n1"
    editor.page.set_viewport_size({"width": 1440, "height": 560})
    editor.port("n1", "continue").focus()
    editor.page.keyboard.press("Enter")
    field, port = editor.page.get_by_placeholder("What comes next?"), editor.port("n1", "continue").bounding_box()
    before = field.bounding_box()
    editor.page.keyboard.type("fin")
    expect(editor.page.locator("[data-chooser]").get_by_role("option")).to_have_count(1)
    assert port and before and before == field.bounding_box() and abs(before["y"] - port["y"]) < 30
    assert serious(editor.page) == []
    editor.page.keyboard.press("Enter")

    finish = until(lambda: editor.nodes("finish"))[0]["id"]
    until(lambda: ("n1", "continue", finish) in editor.edges())
    editor.port("n1", "no_reply").focus()
    editor.page.keyboard.press("n")
    editor.page.keyboard.type("mess")
    editor.page.keyboard.press("Enter")
    until(lambda: ("n1", "no_reply", editor.nodes("message")[0]["id"]) in editor.edges() if editor.nodes("message") else False)


_TIPS = "[...document.querySelectorAll('[data-act]')].map((one) => [one.dataset.act, one.title])"


def test_every_action_of_the_table_is_there_tells_its_key_and_is_found_by_its_name(editor: Editor) -> None:
    keys = {action.name: action.shown for action in ACTIONS if action.page != OUTLINE}
    assert set(editor.page.evaluate("Object.keys(flowCanvas.actions)")) == keys.keys()
    tips = editor.page.evaluate(_TIPS)
    editor.select("n1")
    editor.select(editor.add("Message"))
    tips += editor.page.evaluate(_TIPS)
    for selecting in ("select(flowCanvas.board.nodes.keys())", "selectEdge([...flowCanvas.board.edges.values()][0])"):
        editor.page.evaluate(f"flowCanvas.board.{selecting}")
        tips += editor.page.evaluate(_TIPS)
    assert [(name, tip) for name, tip in tips if f"({keys[name]})" not in tip] == []
    assert {"undo", "tidy", "duplicate", "delete", "align-bottom", "distribute-down", "fit-selection", "connect"} <= dict(tips).keys()
    editor.page.keyboard.press("Control+k")
    editor.page.keyboard.type("small map")
    option = editor.page.locator("[data-chooser]").get_by_role("option")
    expect(option).to_have_text("Small mapM")
    editor.page.keyboard.press("Enter")

    expect(editor.page.locator("[data-minimap]")).to_be_hidden()


def test_a_new_finish_counts_by_the_answer_that_leads_to_the_message_before_it(editor: Editor, pair: tuple[str, str]) -> None:
    editor.page.evaluate("flowCanvas.board.select([])")
    message = editor.add("Message")
    editor.page.evaluate("flowCanvas.viewport.fit()")
    editor.drag(editor.port("n1", "finish"), editor.page.locator(f'.step[data-id="{message}"] .step-head'))
    until(lambda: ("n1", "finish", message) in editor.edges())
    editor.select(message)
    editor.add("Finish")

    assert [node["data"]["outcome"] for node in editor.nodes("finish")] == ["success", "neutral"]


def test_searching_flies_to_the_step(editor: Editor) -> None:
    id = editor.add("Finish")
    editor.page.evaluate("flowCanvas.viewport.set(-9000, -9000, 0.4)")
    editor.page.keyboard.press("Control+f")
    editor.page.keyboard.type("finish")
    editor.page.locator("[data-chooser]").get_by_role("option", name="Finish").first.click()

    card = editor.page.locator(f'.step[data-id="{id}"]')
    expect(card).to_be_in_viewport()
    expect(card).to_have_attribute("aria-current", "true")


def test_a_step_is_found_by_the_words_of_its_answers(editor: Editor) -> None:
    editor.add("Open question")
    editor.page.keyboard.press("Escape")
    editor.page.keyboard.press("/")
    editor.page.keyboard.type("answered")

    expect(editor.page.locator("[data-chooser]").get_by_role("option", name="Open question")).to_have_count(1)
