"""Where cards lie: aligned, spaced and tidied by keys, caught by guide lines while dragged; and the sums behind it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.editor import Editor
from tests.fixtures.servers import until

_SUMS = """async () => {
  const { src } = document.querySelector("script[src*='canvas/canvas.js']");
  const at = (name) => import(src.replace(/vendor.canvas.[^/]+$/, `js/canvas/${name}`));
  const { aligned, spaced } = await at("arrange.js");
  const { linesOf, fitting } = await at("guides.js");
  const { Cells, detour } = await at("routes.js");
  const box = (x, y, w = 100, h = 50) => ({ x, y, w, h });
  const boxes = [box(0, 0), box(400, 10, 50), box(130, 200)];
  const from = box(0, 0), to = box(600, 0), between = box(300, -10), far = box(300, 400);
  const line = [100, 25, 600, 25];
  return {
    right: aligned(boxes, "right").map(({ x }) => x + 0),
    middle: aligned(boxes, "middle").map(({ y }, at) => y + boxes[at].h / 2),
    across: spaced(boxes, "x").map(({ x }) => x),
    caught: fitting(box(397, 300), linesOf(boxes, "x"), "x", 7).by,
    free: fitting(box(700, 300), linesOf(boxes, "x"), "x", 7),
    straight: detour(line, new Cells([from, to, far]), [from, to]),
    round: detour(line, new Cells([from, to, between]), [from, to]).points,
    blocked: new Cells([between]).hit(detour(line, new Cells([from, to, between]), [from, to]).points, []).size,
  };
}"""


def test_the_sums_of_aligning_spacing_guides_and_ways_round_cards(editor: Editor) -> None:
    found: dict[str, Any] = editor.page.evaluate(_SUMS)

    assert found["right"] == [350, 400, 350]
    assert found["middle"] == [125, 125, 125]
    assert found["across"] == [0, 400, 200]
    assert found["caught"] == 3 and found["free"] is None
    assert found["straight"] is None
    assert found["blocked"] == 0 and len(found["round"]) > 20


@pytest.fixture
def three(editor: Editor) -> list[str]:
    """Three messages that lie anywhere."""
    ids = [editor.add("Message") for _ in range(3)]
    editor.page.evaluate("(ids) => flowCanvas.board.select(ids)", ids)
    editor.page.locator("[data-canvas]").focus()
    return ids


def test_steps_are_aligned_spaced_and_tidied_by_keys_and_undone(editor: Editor, three: list[str]) -> None:
    before = editor.document["layout"]
    editor.page.keyboard.press("Alt+w")
    until(lambda: len({editor.document["layout"][id][1] for id in three}) == 1)
    editor.page.keyboard.press("Shift+T")
    until(lambda: any("Tidied up 3 steps" in (button or "") for button in [editor.page.locator("[data-act=undo]").get_attribute("title")]))
    assert editor.document["layout"]["n1"] == before["n1"]
    editor.page.keyboard.press("Control+z")
    editor.page.keyboard.press("Control+z")

    until(lambda: editor.document["layout"] == before)


def test_a_dragged_card_is_caught_by_the_line_of_another(editor: Editor) -> None:
    message = editor.add("Message")
    editor.page.evaluate("(id) => { flowCanvas.board.select([]); }", message)
    head = editor.page.locator(f'.step[data-id="{message}"] .step-head')
    opening = editor.card("you_send_it").bounding_box()
    box = head.bounding_box()
    assert opening and box
    mouse = editor.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 15)
    mouse.down()
    mouse.move(opening["x"] + 44, opening["y"] + opening["height"] + 90, steps=6)
    until(lambda: editor.page.locator(".guide.is-x").is_visible())
    mouse.up()

    assert editor.page.locator(".guide").count() == 0
    until(lambda: editor.document["layout"][message][0] == editor.document["layout"]["n1"][0])
