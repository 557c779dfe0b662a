"""A gesture's way in Chromium: from the pointer that lets go, or the key that leaves the field, until it is saved, checked, and what
the checks say is painted. What is typed gathers before that, for 350 ms or until the field is left; that is no part of the way."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from tests.bench import _editor
from tests.bench.figure import Figure
from tests.bench.large_flow import document

SIZES = ((150, 220, 80, 50), (1000, 1500, 250, 120))
GESTURES = 25
SOURCE, PORT, TARGETS = "n3", "no_reply", ("n6", "n7")
"""A question's way out that leads to the one and to the other in turn."""

_LISTEN = """() => {
  window.ways = [];
  let released = 0;
  window.addEventListener("pointerup", () => (released = performance.now()), true);
  window.addEventListener("keydown", ({ key }) => key === "Tab" && (released = performance.now()), true);
  flowCanvas.board.on("patched", ({ own }) => {
    if (own) requestAnimationFrame(() => setTimeout(() => ways.push(performance.now() - released)));
  });
}"""
_SHOW = "(ids) => flowCanvas.viewport.fit(ids.map((id) => flowCanvas.board.nodes.get(id)))"
_ENDS = """([id, port, target]) => {
  const { board, viewport } = flowCanvas, from = board.nodes.get(id), to = board.nodes.get(target);
  const at = (x, y) => { const { x: left, y: top } = viewport.toScreen(x, y); return [left, top]; };
  return [at(from.x + from.w, from.y + from.ports.get(port).y), at(to.x + 60, to.y + 20)];
}"""


def run() -> list[Figure]:
    figures = []
    with sync_playwright() as playwright:
        chromium = _editor.chromium(playwright)
        for steps, edges, must, stretch in SIZES:
            flow = Flow.from_json(document(steps, edges))
            with _editor.served(flow.with_(layout=arrange(flow))) as editor:
                page = _editor.page(chromium, editor.url, editor.cookie)
                page.goto(editor.url + _editor.PATH)
                page.wait_for_selector("[data-canvas][data-ready]")
                page.wait_for_timeout(3000)
                page.evaluate(_LISTEN)
                for what, act in (("a card let go", _drag), ("a connection drawn", _connect), ("a field left", _type)):
                    ways = _each(page, act)
                    name = f"{what} until saved, checked and shown, {steps:,} steps, median of {GESTURES}"
                    p95 = statistics.quantiles(ways, n=20)[-1]
                    figures.append(Figure(name, statistics.median(ways), "ms", must, stretch, note=f"p95 {p95:.0f} ms"))
        chromium.close()
    return figures


def _each(page: Page, act: Callable[[Page, int], None]) -> list[float]:
    page.evaluate("() => void (ways.length = 0)")
    for turn in range(GESTURES):
        act(page, turn)
        page.wait_for_function("(seen) => ways.length === seen", arg=turn + 1)
        page.wait_for_timeout(150)
    return page.evaluate("() => ways")


def _drag(page: Page, turn: int) -> None:
    box = page.locator('.step[data-id="n1"] .step-head').bounding_box()
    assert box
    x, y = box["x"] + 100, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (20 if turn % 2 else -20), y + (60 if turn % 2 else -60), steps=4)
    page.mouse.up()


def _connect(page: Page, turn: int) -> None:
    if turn == 0:
        page.evaluate(_SHOW, [SOURCE, *TARGETS])
        page.wait_for_timeout(500)
    begin, end = page.evaluate(_ENDS, [SOURCE, PORT, TARGETS[turn % 2]])
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def _type(page: Page, turn: int) -> None:
    if turn == 0:
        page.locator(f'.step[data-id="{SOURCE}"] .step-head').click()
        page.wait_for_selector(f'[data-step-form="{SOURCE}"] #step-text')
    page.locator("#step-text").focus()
    page.keyboard.press("End")
    page.keyboard.type("x")
    page.keyboard.press("Tab")
