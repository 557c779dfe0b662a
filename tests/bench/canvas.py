"""The canvas in Chromium, with 1,000 cards and 1,500 connections: until it is painted, also on React Flow, and while it is moved.

Painted are all that is in view and every connection; cards out of view are laid out in idle moments after that, which is told too.
"""

from __future__ import annotations

import statistics
from functools import cache

from playwright.sync_api import Page, sync_playwright

from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from tests.bench import _editor
from tests.bench.figure import Figure
from tests.bench.large_flow import document
from tests.bench.rivals import react_flow

CARDS, EDGES, HANGING = 1000, 1500, 8
ROUNDS = 5

_DRAWN = """() => {
  const painted = performance.getEntriesByName("canvas-painted")[0];
  return painted && painted.startTime - performance.getEntriesByType("navigation")[0].responseStart;
}"""
_WHOLE = _DRAWN.replace("canvas-painted", "canvas-whole")
_RECORD = """() => {
  window.frames_seen = [];
  window.recording = true;
  const next = (at) => { frames_seen.push(at); if (recording) requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
_STOP = "() => { window.recording = false; return frames_seen.slice(1).map((at, index) => at - frames_seen[index]); }"
_SHOW = """(id) => {
  const { board, viewport } = flowCanvas;
  const node = board.nodes.get(id);
  viewport.set(500 - node.x, 380 - node.y, 1);
}"""


def run() -> list[Figure]:
    with _editor.served(_flow()) as editor, react_flow.served(_flow()) as rival, sync_playwright() as playwright:
        chromium, busiest = _editor.chromium(playwright), _busiest()
        drawn, whole, theirs = [], [], []
        frames: dict[str, list[float]] = {"dragging": [], "panning": [], "zooming": []}
        for _ in range(ROUNDS):
            page = _editor.page(chromium, editor.url, editor.cookie)
            drawn.append(_open(page, editor.url + _editor.PATH, ".edge"))
            page.wait_for_function(_WHOLE)
            whole.append(page.evaluate(_WHOLE) / 1000)
            frames["dragging"] += _drag(page, busiest)
            frames["panning"] += _pan(page)
            frames["zooming"] += _zoom(page)
            page.context.close()
            page = _editor.page(chromium, editor.url, editor.cookie)
            theirs.append(_open(page, rival, ".react-flow__edge"))
            page.context.close()
        chromium.close()
    ours, rivals = statistics.median(drawn) / 1000, statistics.median(theirs) / 1000
    rest = f"every card laid out {statistics.median(whole):.2f} s"
    size = f"canvas, {CARDS:,} cards, {EDGES:,} connections"
    return [
        Figure(f"{size}: first byte to all painted, median of {ROUNDS}", ours, "s", 0.6, 0.4, note=rest),
        Figure(f"{size}: the same / React Flow", ours / rivals, "x", 1 / 2, 1 / 3, note=f"React Flow {rivals:.2f} s"),
        *(
            _smooth(size, doing, frames[doing], *goals)
            for doing, *goals in (("dragging", 20, 18), ("panning", 25, 20), ("zooming", 40, 33))
        ),
    ]


def _smooth(size: str, doing: str, frames: list[float], must: float, stretch: float) -> Figure:
    p95 = statistics.quantiles(frames, n=20)[-1]
    return Figure(f"{size}: frame p95 while {doing}", p95, "ms", must, stretch, note=f"{len(frames):,} frames")


def _open(page: Page, address: str, edge: str) -> float:
    page.goto(address)
    page.wait_for_function(_DRAWN)
    assert page.locator(edge).count() == EDGES
    return page.evaluate(_DRAWN)


def _drag(page: Page, busiest: str) -> list[float]:
    page.evaluate(_SHOW, busiest)
    page.wait_for_timeout(600)
    box = page.locator(f'.step[data-id="{busiest}"] .step-head').bounding_box()
    assert box
    x, y = box["x"] + 120, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10)
    page.evaluate(_RECORD)
    for step in range(120):
        page.mouse.move(x + 10 + step * 2, y + 10 + (step % 40) * 3)
    frames = page.evaluate(_STOP)
    page.keyboard.press("Escape")
    page.mouse.up()
    return frames


def _pan(page: Page) -> list[float]:
    """By the wheel, back and forth over the plane."""
    page.mouse.move(700, 250)
    page.evaluate(_RECORD)
    for step in range(120):
        page.mouse.wheel(40 if step < 60 else -40, 12 if step % 2 else -12)
    return page.evaluate(_STOP)


def _zoom(page: Page) -> list[float]:
    page.mouse.move(700, 450)
    page.evaluate(_RECORD)
    page.keyboard.down("Control")
    for step in range(80):
        page.mouse.wheel(0, 20 if step % 40 < 20 else -20)
    page.keyboard.up("Control")
    return page.evaluate(_STOP)


@cache
def _flow() -> Flow:
    flow = Flow.from_json(document(CARDS, EDGES))
    return flow.with_(layout=arrange(flow))


def _busiest() -> str:
    """The step on which about as many connections hang as a gesture's figure asks for."""
    hanging: dict[str, int] = {}
    for edge in _flow().connections():
        for id in (edge.source, edge.target):
            hanging[id] = hanging.get(id, 0) + 1
    return min(hanging, key=lambda id: abs(hanging[id] - HANGING))
