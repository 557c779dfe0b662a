"""Where cards lie: copied beside each other, aligned, spaced and tidied, caught by guide lines while dragged; and the sums behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from flowbuilder.services import flows
from flowbuilder.store.accounts import Workspace
from tests.e2e.editor import Editor
from tests.fixtures.browser import watched
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SUMS = """async () => {
  const { src } = document.querySelector("script[src*='canvas/editor.js']");
  const at = (name) => import(src.replace(/vendor.canvas.[^/]+$/, `js/canvas/${name}`));
  const { aligned, spaced } = await at("arrange.js");
  const { linesOf, fitting } = await at("guides.js");
  const { Cells, detour } = await at("routes.js");
  const box = (x, y, w = 100, h = 50) => ({ x, y, w, h });
  const boxes = [box(0, 0), box(400, 10, 50), box(130, 200)];
  const from = box(0, 0), to = box(600, 0), between = box(300, -10), far = box(300, 400);
  const line = [100, 25, 600, 25];
  const back = detour([700, 25, 0, 35], new Cells([from, to, between]), [to, from]);
  return {
    right: aligned(boxes, "right").map(({ x }) => x + 0),
    pile: aligned([box(0, 0), box(200, 0), box(100, 40)], "left", [box(20, 90)]).map(({ x, y }) => [x, y]),
    middle: aligned(boxes, "middle").map(({ y }, at) => y + boxes[at].h / 2),
    across: spaced(boxes, "x").map(({ x }) => x),
    narrow: spaced([box(0, 0), box(120, 0), box(60, 10)], "x").map(({ x }) => x),
    caught: fitting(box(397, 300), linesOf(boxes, "x"), "x", 7).by,
    free: fitting(box(700, 300), linesOf(boxes, "x"), "x", 7),
    straight: detour(line, new Cells([from, to, far]), [from, to]),
    round: detour(line, new Cells([from, to, between]), [from, to]).points,
    back: back.points,
    crossed: new Cells([from, to, between]).hit(back.points, []).size,
    blocked: new Cells([between]).hit(detour(line, new Cells([from, to, between]), [from, to]).points, []).size,
  };
}"""


def test_the_sums_of_aligning_spacing_guides_and_ways_round_cards(editor: Editor) -> None:
    found: dict[str, Any] = editor.page.evaluate(_SUMS)

    assert found["right"] == [350, 400, 350]
    assert found["middle"] == [125, 125, 125]
    assert found["pile"] == [[0, 0], [0, 160], [0, 230]], "nothing lies on another"
    assert found["across"] == [0, 400, 200]
    assert found["narrow"] == [0, 240, 120], "nothing lies on another"
    assert found["caught"] == 3 and found["free"] is None
    assert found["straight"] is None
    assert found["blocked"] == 0 and len(found["round"]) > 20
    assert found["crossed"] == 0 and found["back"][:2] == [700, 25] and found["back"][-2:] == [0, 35], "past its own cards, too"


_IN_THE_CLEAR = "(ids) => ids.map((id) => !flowCanvas.viewport.away(flowCanvas.board.nodes.get(id)).some(Boolean))"


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
    editor.page.evaluate("flowCanvas.viewport.set(900, -700, 1)")
    editor.page.keyboard.press("Shift+T")
    until(lambda: any("Tidied up 3 steps" in (button or "") for button in [editor.page.locator("[data-act=undo]").get_attribute("title")]))
    assert editor.document["layout"]["n1"] == before["n1"]
    assert editor.page.evaluate(_IN_THE_CLEAR, three) == [True] * 3
    editor.page.keyboard.press("Control+z")
    editor.page.keyboard.press("Control+z")

    until(lambda: editor.document["layout"] == before)


_RESTYLED = """() => {
  window.restyled = [];
  const { root, view, cards } = flowCanvas.board;
  new MutationObserver((seen) => restyled.push(...seen.map(({ type, target }) => `${type} ${target.className}`)))
    .observe(root, { attributeFilter: ["class"] });
  for (const el of [view, cards]) new MutationObserver(() => restyled.push(el.className)).observe(el, { childList: true });
}"""
"""What would have the browser find the style of all cards anew."""


def test_a_dragged_card_is_caught_by_the_line_of_another_and_no_other_card_is_touched(editor: Editor) -> None:
    message = editor.add("Message")
    editor.page.evaluate(_RESTYLED)
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

    expect(editor.page.locator(".guide")).to_have_count(0)
    until(lambda: editor.document["layout"][message][0] == editor.document["layout"]["n1"][0])
    assert editor.page.evaluate("() => restyled") == []


_BOXES = """(ids) => ids.map((id) => flowCanvas.board.nodes.get(id)).map(({ x, y, w, h }) => [x, y, w, h])"""


def test_a_copy_covers_nothing_and_steps_chosen_one_by_one_are_spaced_by_a_button_caught_by_the_grid_and_tidied(editor: Editor) -> None:
    page = editor.page
    editor.select("n1")
    first = editor.add("Message")
    page.get_by_role("textbox", name="Text", exact=True).fill("Twice")
    page.locator(f'.step[data-id="{first}"]').focus()
    page.keyboard.press("Control+d")
    second = until(lambda: {node["id"] for node in editor.nodes("message")} - {first}).pop()
    assert [node["data"]["text"] for node in editor.nodes("message")] == ["Twice", "Twice"]
    editor.page.locator(f'.step[data-id="{second}"][aria-current]').wait_for()
    (x, y, w, h), *others = page.evaluate(_BOXES, [second, first, "n1"])
    assert all(x >= left + width or left >= x + w or y >= top + height or top >= y + h for left, top, width, height in others)

    page.evaluate("(positions) => flowCanvas.sync.send({ kind: 'move', positions })", {"n1": [0, 0], first: [6, 203], second: [3, 717]})
    until(lambda: editor.document["layout"][second] == [3, 717])
    editor.saved()
    page.keyboard.press("f")
    editor.settle()
    chosen = "[...flowCanvas.board.selection]"
    page.locator(f'.step[data-id="{first}"] .step-head').click()
    for id in ("n1", second, second, second):
        page.locator(f'.step[data-id="{id}"] .step-head').click(modifiers=["Shift"])
    assert set(page.evaluate(chosen)) == {"n1", first, second}
    page.get_by_role("toolbar", name="Align and space").get_by_role("button", name="Same gaps from top to bottom").click()
    until(lambda: editor.document["layout"][first] != [6, 203])
    places, (top, middle, below) = editor.document["layout"], page.evaluate(_BOXES, ["n1", first, second])
    assert [places["n1"], places[second], places[first][0]] == [[0, 0], [3, 717], 6]
    assert abs((middle[1] - top[1] - top[3]) - (below[1] - middle[1] - middle[3])) <= 1

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.evaluate(chosen) == []
    page.keyboard.press(".")
    page.keyboard.press("Control+Shift+ArrowDown")
    assert page.evaluate("flowCanvas.board.selection.size") == 2
    page.keyboard.press("Escape")
    _is_caught_by_the_grid_and_tidied(editor, second)


def _is_caught_by_the_grid_and_tidied(editor: Editor, second: str) -> None:
    page = editor.page
    head = page.locator(f'.step[data-id="{second}"] .step-head')
    box = head.bounding_box()
    assert box
    editor.drag(head, (box["x"] + box["width"] + 217, box["y"] + 33))
    caught = until(lambda: (at := editor.document["layout"][second]) != [3, 717] and at)
    assert [value % 10 for value in caught] == [0, 0]

    page.keyboard.press("t")
    tidy = {id: list(at) for id, at in arrange(Flow.from_json(editor.document)).items()}
    until(lambda: editor.document["layout"] == tidy)
    editor.saved()
    assert page.evaluate(_IN_THE_CLEAR, list(tidy)) == [True] * len(tidy)
    assert page.evaluate("flowCanvas.viewport.k") <= 1


_HALF_WAY = """() => flowCanvas.board.on("patched", () => {
  const { k } = flowCanvas.viewport;
  window.glides = [...flowCanvas.board.nodes.values()].flatMap(({ id, el }) => {
    const glide = el.getAnimations().find((one) => one.effect.getKeyframes()[0].translate);
    if (!glide) return [];
    const { duration } = glide.effect.getTiming();
    glide.pause();
    const seen = [0, duration / 2, duration - 0.01].map((at) => ((glide.currentTime = at), el.getBoundingClientRect().y / k));
    glide.finish();
    return [{ id, seen }];
  });
})"""
_FLY = """(id) => {
  const { viewport, board } = flowCanvas, frames = [], real = window.requestAnimationFrame;
  window.requestAnimationFrame = (step) => frames.push(step);
  viewport.set(900, 900, 1);
  const begun = performance.now(), at = () => [viewport.x, viewport.y].map(Math.round);
  viewport.flyTo(board.nodes.get(id));
  const seen = [at()];
  for (const later of [100, 1000]) {
    for (const step of frames.splice(0)) step(begun + later);
    seen.push(at());
  }
  window.requestAnimationFrame = real;
  viewport.apply();
  return { seen, rest: frames.length };
}"""


def test_cards_glide_and_the_view_flies_where_motion_is_welcome(browser: Browser, enter: Callable[..., str], workspace: Workspace) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="no-preference")
    page = context.new_page()
    said = watched(page)
    editor = Editor(page, enter(page), workspace.id, flows.create_from_example(workspace.id, "delivery_feedback").id).open()
    ids = [node["id"] for node in editor.document["nodes"]][:2]
    page.evaluate("(positions) => flowCanvas.sync.send({ kind: 'move', positions })", {ids[0]: [0, 900], ids[1]: [340, 900]})
    editor.saved()
    editor.open()
    page.evaluate(_HALF_WAY)
    page.keyboard.press("t")
    page.wait_for_function("() => window.glides?.length")
    glides = {one["id"]: one["seen"] for one in page.evaluate("glides")}
    assert all(begin > half > end for begin, half, end in (glides[id] for id in ids))

    flown = page.evaluate(_FLY, ids[1])
    begin, between, end = flown["seen"]
    assert begin == [900, 900] and begin != between != end
    assert all(min(a, c) <= b <= max(a, c) for a, b, c in zip(begin, between, end, strict=True))
    box = page.locator(f'.step[data-id="{ids[1]}"]').bounding_box()
    assert box and box["x"] > 204 and box["x"] + box["width"] < 1440
    context.close()
    assert said == []
