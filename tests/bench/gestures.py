"""A gesture's way in Chromium: from the pointer that lets a card go until it is saved, checked, and what the checks say is painted."""

from __future__ import annotations

import statistics

from playwright.sync_api import Page, sync_playwright

from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from tests.bench import _editor
from tests.bench.figure import Figure
from tests.bench.large_flow import document

SIZES = ((150, 220, 80, 50), (1000, 1500, 250, 120))
GESTURES = 25

_LISTEN = """() => {
  window.ways = [];
  let released = 0;
  window.addEventListener("pointerup", () => (released = performance.now()), true);
  flowCanvas.board.on("patched", ({ own }) => {
    if (own) requestAnimationFrame(() => setTimeout(() => ways.push(performance.now() - released)));
  });
}"""


def run() -> list[Figure]:
    figures = []
    with sync_playwright() as playwright:
        chromium = _editor.chromium(playwright)
        for steps, edges, must, stretch in SIZES:
            flow = Flow.from_json(document(steps, edges))
            with _editor.served(flow.with_(layout=arrange(flow))) as (url, cookie):
                page = _editor.page(chromium, url, cookie)
                page.goto(url + _editor.PATH)
                page.wait_for_selector("[data-canvas][data-ready]")
                page.wait_for_timeout(3000)
                ways = _drags(page)
            name = f"a card let go until saved, checked and shown, {steps:,} steps, median of {GESTURES}"
            p95 = statistics.quantiles(ways, n=20)[-1]
            figures.append(Figure(name, statistics.median(ways), "ms", must, stretch, note=f"p95 {p95:.0f} ms"))
        chromium.close()
    return figures


def _drags(page: Page) -> list[float]:
    page.evaluate(_LISTEN)
    for turn in range(GESTURES):
        box = page.locator('.step[data-id="n1"] .step-head').bounding_box()
        assert box
        x, y = box["x"] + 100, box["y"] + 12
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (20 if turn % 2 else -20), y + (60 if turn % 2 else -60), steps=4)
        page.mouse.up()
        page.wait_for_function("(seen) => ways.length === seen", arg=turn + 1)
        page.wait_for_timeout(150)
    return page.evaluate("() => ways")
