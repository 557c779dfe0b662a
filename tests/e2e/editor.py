"""The editor of a flow as a browser test speaks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbuilder.store import db
from flowbuilder.store import flows as rows
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SLOWLY = """() => {
  const { text } = Response.prototype;
  Response.prototype.text = async function () {
    const all = await text.call(this);
    window.isComing = true;
    return new Promise((done) => setTimeout(() => ((window.isComing = false), done(all)), 400));
  };
}"""
"""Run in a page: what it asks for comes late, and it says when."""


class Editor:
    """One browser tab on one flow."""

    def __init__(self, page: Page, url: str, workspace_id: str, flow_id: str) -> None:
        self.page, self.url, self.workspace_id, self.flow_id = page, url, workspace_id, flow_id

    def open(self) -> Editor:
        self.page.goto(f"{self.url}/flows/{self.flow_id}")
        self.page.wait_for_selector("[data-canvas][data-ready]")
        return self

    @property
    def document(self) -> dict[str, Any]:
        db.session.rollback()
        draft = rows.draft(self.workspace_id, self.flow_id)
        assert draft is not None
        db.session.refresh(draft)
        return draft.document

    def nodes(self, kind: str) -> list[dict[str, Any]]:
        return [node for node in self.document["nodes"] if node["kind"] == kind]

    def edges(self) -> set[tuple[str, str, str]]:
        return {(edge["source"], edge["port"], edge["target"]) for edge in self.document["edges"]}

    def card(self, kind: str) -> Locator:
        return self.page.locator(f".step-{kind}.step")

    def add(self, label: str) -> str:
        """Add a step by a click in the palette, and wait until its panel has the keys; its id."""
        before = {node["id"] for node in self.document["nodes"]}
        self.page.get_by_role("toolbar", name="Steps to add").get_by_role("button", name=label, exact=True).click()
        new = until(lambda: {node["id"] for node in self.document["nodes"]} - before)
        self.saved()
        id = new.pop()
        self.page.wait_for_function("(id) => flowCanvas.panel.shown === id && !flowCanvas.panel.isComing", arg=id)
        return id

    def saved(self) -> None:
        self.page.wait_for_selector('[data-saved][data-state="saved"]')

    def settle(self) -> None:
        """Wait until what was asked for last has been painted."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def select(self, id: str) -> None:
        self.page.locator(f'.step[data-id="{id}"] .step-head').click()
        self.page.wait_for_selector(f'[data-step-form="{id}"]')

    def drag(self, source: Locator, target: tuple[float, float] | Locator) -> None:
        mouse, box = self.page.mouse, source.bounding_box()
        assert box
        if not isinstance(target, tuple):
            there = target.bounding_box()
            assert there
            target = there["x"] + there["width"] / 2, there["y"] + there["height"] / 2
        if not source.evaluate("el => el.matches('.step .port')"):
            mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        else:
            mouse.move(*self.dot(source))
        mouse.down()
        mouse.move(*target, steps=8)
        mouse.up()

    def dot(self, port: Locator) -> tuple[float, float]:
        """Where the pointer takes hold of a way out: in the middle of its line, at the edge of the card."""
        x, y = port.evaluate("el => [el.getBoundingClientRect().right, el.getBoundingClientRect().bottom - 14 * flowCanvas.viewport.k]")
        return x, y

    def port(self, id: str, port: str) -> Locator:
        return self.page.locator(f'.step[data-id="{id}"] [data-port="{port}"]')
