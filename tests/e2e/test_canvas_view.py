"""Moving about on the canvas: pan, zoom, fit; and nothing in the bars jumps when a gesture is saved."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from tests.bench.large_flow import document
from tests.e2e.editor import Editor
from tests.fixtures.servers import until


def _box(editor: Editor) -> dict[str, float]:
    box = editor.card("you_send_it").bounding_box()
    assert box
    return box


def _zoom(editor: Editor) -> int:
    return int(editor.page.locator("[data-zoom]").inner_text().rstrip("%"))


def test_dragging_the_ground_pans(editor: Editor) -> None:
    before = _box(editor)
    mouse = editor.page.mouse
    mouse.move(600, 700)
    mouse.down()
    mouse.move(700, 760, steps=6)
    mouse.up()

    until(lambda: abs(_box(editor)["x"] - before["x"] - 100) < 2 and abs(_box(editor)["y"] - before["y"] - 60) < 2)


def test_ctrl_and_the_wheel_zoom_about_the_pointer(editor: Editor) -> None:
    before, width = _zoom(editor), _box(editor)["width"]
    editor.page.mouse.move(_box(editor)["x"], _box(editor)["y"])
    at = _box(editor)["x"]
    editor.page.keyboard.down("Control")
    editor.page.mouse.wheel(0, -100)
    editor.page.keyboard.up("Control")

    until(lambda: _zoom(editor) > before and _box(editor)["width"] > width)
    assert abs(_box(editor)["x"] - at) < 3 and _zoom(editor) < 1.3 * before


def test_what_is_pressed_as_soon_as_the_wheel_rests_is_the_card_beneath_its_shield(editor: Editor) -> None:
    card, canvas = editor.page.locator(".step").first, editor.page.locator("[data-canvas]")
    turn = "el => (el.dispatchEvent(new WheelEvent('wheel', { deltaX: 0.1, cancelable: true })), el.hasAttribute('data-wheeling'))"
    hit = "(el, at) => (el.setAttribute('data-wheeling', ''), document.elementFromPoint(...at) === el)"
    box = _box(editor)
    at = (box["x"] + box["width"] / 2, box["y"] + 12)
    editor.page.mouse.move(*at)
    assert canvas.evaluate(turn)
    until(lambda: canvas.get_attribute("data-wheeling") is None)
    assert canvas.evaluate(hit, at)
    editor.page.mouse.down()
    editor.page.mouse.up()

    until(lambda: card.get_attribute("aria-current") == "true")
    assert canvas.get_attribute("data-wheeling") is None


def test_a_card_that_grows_while_one_writes_stays_in_the_clear(editor: Editor) -> None:
    editor.select(editor.add("Message"))
    card = editor.card("message")
    editor.page.evaluate("() => { flowCanvas.viewport.pan(0, 3000); flowCanvas.viewport.reveal(flowCanvas.board.selected, 2); }")
    small = card.bounding_box()
    editor.page.get_by_role("textbox", name="Text", exact=True).fill("One\ntwo\nthree\nfour\nfive")

    until(lambda: card.bounding_box()["height"] > small["height"] + 20)
    assert until(lambda: editor.page.evaluate("flowCanvas.viewport.away(flowCanvas.board.selected)") == [0, 0])


@pytest.mark.parametrize(("key", "grows"), [("+", True), ("-", False)])
def test_keys_zoom_and_0_goes_back(editor: Editor, key: str, grows: bool) -> None:
    editor.page.keyboard.press("0")
    until(lambda: _zoom(editor) == 100)
    editor.page.keyboard.press(key)
    until(lambda: (_zoom(editor) > 100) if grows else (_zoom(editor) < 100))
    editor.page.keyboard.press("0")
    until(lambda: _zoom(editor) == 100)


def test_fit_brings_back_what_was_lost_from_sight(editor: Editor) -> None:
    editor.page.mouse.move(600, 700)
    editor.page.mouse.down()
    editor.page.mouse.move(-900, 700, steps=4)
    editor.page.mouse.up()
    until(lambda: _box(editor)["x"] < 0)
    editor.page.get_by_role("button", name="Fit", exact=True).click()

    until(lambda: _box(editor)["x"] > 60 and _box(editor)["x"] + _box(editor)["width"] < 1440)


_IS_WHOLE = """() => { const name = document.querySelector("[data-flow-name]"), dot = document.querySelector("[data-saved]");
  return name.scrollWidth <= name.clientWidth && dot.scrollHeight <= dot.clientHeight; }"""


def test_the_bar_stays_as_it_is_while_steps_come_and_go_and_cuts_nothing(editor: Editor) -> None:
    editor.page.set_viewport_size({"width": 1280, "height": 800})
    editor.page.get_by_label("Name of the flow").fill("Document validation")
    editor.saved()
    assert editor.page.evaluate(_IS_WHOLE)
    tools = editor.page.locator(".editor-tools")
    before = tools.bounding_box()
    editor.add("Message")
    editor.page.keyboard.press("Control+z")
    editor.saved()

    assert before and tools.bounding_box()["height"] == before["height"]
    assert tools.bounding_box()["y"] == before["y"]


@pytest.mark.parametrize("width", [1440, 1100, 390])
def test_what_is_said_covers_no_control_and_moves_none(editor: Editor, width: int) -> None:
    editor.page.set_viewport_size({"width": width, "height": 844})
    controls = [editor.page.locator(name) for name in (".canvas-zoom", ".minimap", ".palette", ".editor-tools")]
    editor.page.wait_for_function("() => document.querySelector('.canvas').getBoundingClientRect().bottom === 844")
    editor.page.locator("[data-act=history]").click()
    editor.page.evaluate("document.querySelector('[data-history-body]').style.height = '2000px'")
    controls.append(editor.page.get_by_role("region", name="History"))
    before = [control.bounding_box() for control in controls]
    editor.page.evaluate("flowCanvas.toast('A flow always begins with its first step, so that one stays.', 'info')")
    note = editor.page.locator(".toast-note", has_text="always begins with its first step")
    note.wait_for()
    said = note.bounding_box()

    assert said and [control.bounding_box() for control in controls] == before
    assert not any(_overlap(said, box) for box in before if box)


_MIDDLE = """() => { const { board, viewport } = flowCanvas, edge = [...board.edges.values()][0];
  const at = edge.path.getPointAtLength(edge.path.getTotalLength() / 2), there = viewport.toScreen(at.x, at.y);
  return [there.x, there.y]; }"""
_ON_MAP = """(id) => { const map = flowCanvas.minimap, { x, y, w, h } = flowCanvas.board.nodes.get(id);
  const { left, top } = map.el.getBoundingClientRect();
  return [left + map.left + (x + w / 2 - map.box.x) * map.scale, top + map.top + (y + h / 2 - map.box.y) * map.scale]; }"""
_CHOOSE_TWO = """(id) => { const { board } = flowCanvas, edge = [...board.edges.values()].find((one) => one.target === id);
  board.select([id, edge.source]); }"""


def test_a_mouse_picks_a_connection_zooms_by_its_wheel_and_goes_by_the_small_map_and_a_phone_is_offered_the_list(editor: Editor) -> None:
    page, mouse = editor.page, editor.page.mouse
    editor.flow_id = flows.create_from_example(editor.workspace_id, "delivery_feedback").id
    editor.open()
    last = editor.document["nodes"][-1]["id"]
    page.keyboard.press("f")
    editor.settle()
    mouse.click(*page.evaluate(_MIDDLE))
    expect(page.get_by_role("complementary", name="Selected step")).to_contain_text("Connection")
    expect(page.locator(".edge.is-selected")).to_have_count(1)

    before, at = _zoom(editor), _box(editor)["x"]
    mouse.move(at, _box(editor)["y"])
    mouse.wheel(0, -120)
    until(lambda: _zoom(editor) > before)
    assert abs(_box(editor)["x"] - at) < 3

    page.keyboard.press("0")
    until(lambda: _zoom(editor) == 100)
    page.evaluate("flowCanvas.viewport.set(9000, 9000, 1)")
    page.wait_for_function("() => flowCanvas.minimap.box")
    mouse.click(*page.evaluate(_ON_MAP, last))
    card = page.locator(f'.step[data-id="{last}"]')
    expect(card).to_be_in_viewport(ratio=0.99)
    assert _zoom(editor) == 100

    _fits_what_is_selected(editor, last)

    offer = page.get_by_role("link", name="Edit as a list")
    expect(offer).to_be_hidden()
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    offer.click()
    page.wait_for_url("**/outline")


def _fits_what_is_selected(editor: Editor, last: str) -> None:
    page = editor.page
    page.evaluate("flowCanvas.viewport.set(9000, 9000, 0.2)")
    page.evaluate(_CHOOSE_TWO, last)
    page.locator("[data-canvas]").focus()
    page.keyboard.press("2")
    until(lambda: _zoom(editor) > 50)
    for chosen in page.locator(".step[aria-current]").all():
        expect(chosen).to_be_in_viewport(ratio=0.99)


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(one[at] < other[at] + other[size] and other[at] < one[at] + one[size] for at, size in (("x", "width"), ("y", "height")))


@pytest.mark.parametrize("at", [(500, 600), (1100, 1400)])
def test_what_is_fitted_does_not_lie_under_the_small_map(editor: Editor, at: tuple[int, int]) -> None:
    below, right = editor.page.evaluate(
        """cards => {
        const { viewport } = flowCanvas;
        viewport.fit(cards);
        const map = document.querySelector("[data-minimap]").getBoundingClientRect(), frame = viewport.frame;
        const at = cards[1], [left, bottom] = [at.x * viewport.k + viewport.x, (at.y + at.h) * viewport.k + viewport.y];
        return [bottom - (map.top - frame.top), left - (map.right - frame.left)];
    }""",
        [{"x": 0, "y": 0, "w": 260, "h": 100}, {"x": 0, "y": at[1], "w": 260, "h": 100}, {"x": at[0], "y": 0, "w": 260, "h": 100}],
    )
    assert below <= 0 or right >= 0


_IDS = "() => [...document.querySelectorAll('[data-cards] > .step')].map((card) => card.dataset.id)"
_NEVER_IDLE = "window.requestIdleCallback = () => 0"
_KNOWS_NO_IDLE_MOMENTS = "window.requestIdleCallback = undefined"


def _large(editor: Editor) -> None:
    flow = Flow.from_json(document(150, 200))
    editor.flow_id = flows.create(editor.workspace_id, "Large").id
    draft = rows.draft(editor.workspace_id, editor.flow_id)
    assert draft
    draft.document = flow.with_(layout=arrange(flow)).to_json()
    db.session.commit()


def test_of_a_large_flow_the_cards_in_view_come_first_and_others_as_soon_as_one_looks_or_goes_there(editor: Editor) -> None:
    _large(editor)
    page = editor.page
    page.add_init_script(_NEVER_IDLE)
    editor.open()
    first = page.evaluate(_IDS)
    assert 1 < len(first) < 100 and page.locator(".edge").count() == 200
    page.locator(f'.step[data-id="{first[0]}"]').focus()
    page.evaluate("flowCanvas.walk(-1)")
    last = page.evaluate("document.activeElement.dataset.id")
    assert last not in first and last in page.evaluate(_IDS)

    far = page.evaluate("[...flowCanvas.board.nodes.values()].findLast(({ el }) => !el.isConnected).id")
    page.evaluate("(id) => { const { x, y } = flowCanvas.board.nodes.get(id); flowCanvas.viewport.set(500 - x, 380 - y, 1); }", far)
    expect(page.locator(f'.step[data-id="{far}"]')).to_be_visible()
    whole = page.evaluate(f"flowCanvas.board.nodes.get('{far}').h")
    assert whole == page.evaluate(f"flowCanvas.board.nodes.get('{far}').el.offsetHeight")


def test_all_cards_of_a_large_flow_come_in_their_order_also_where_the_browser_tells_of_no_idle_moments(editor: Editor) -> None:
    _large(editor)
    editor.page.add_init_script(_KNOWS_NO_IDLE_MOMENTS)
    editor.open()
    until(lambda: len(editor.page.evaluate(_IDS)) == 150)
    assert editor.page.evaluate(_IDS) == editor.page.evaluate("[...flowCanvas.board.nodes.keys()]")
