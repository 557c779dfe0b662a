"""The outline as a browser test works it: by keys, also a whole flow after an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx
from playwright.sync_api import expect

from flowbuilder.core.conditions import Operator
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.graph import FlowGraph
from flowbuilder.core.nodes import KINDS
from tests.e2e.editor import Editor
from tests.fixtures.servers import until

LISTS = ("options", "branches")
_WAY_TO = """(id) => {
  const ids = [...document.querySelectorAll("#outline [data-step]")].map((row) => row.dataset.step);
  const now = document.activeElement.closest("[data-step]")?.dataset.step;
  return [document.activeElement.matches(".outline-name"), now === undefined ? null : ids.indexOf(id) - ids.indexOf(now)];
}"""


class Outline(Editor):
    """One browser tab on the list of a flow, worked by keys."""

    def open(self) -> Outline:
        self.page.goto(f"{self.url}/flows/{self.flow_id}/outline")
        self.page.wait_for_selector("[data-outline-page][data-ready]")
        return self

    def tab_to(self, selector: str, back: bool = False) -> None:
        for _ in range(60):
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"the keyboard never came to {selector}")

    def lead(self, step: str, port: str, to: str) -> None:
        """Say at an answer where it leads, by the first letters of a choice."""
        self.page.keyboard.press("Escape")
        self.tab_to(f"#lead-{step}-{port}", back=self._is_behind(step))
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#to")).to_be_focused()
        self.page.keyboard.type(to)
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#to")).to_have_count(0)

    def _is_behind(self, step: str) -> bool:
        """Whether the focus is in the panel, or in a row below that of the step."""
        return self.page.evaluate(
            """(id) => !!(document.activeElement.compareDocumentPosition(document.getElementById(`step-${id}`))
            & Node.DOCUMENT_POSITION_PRECEDING) && !document.getElementById(`step-${id}`).contains(document.activeElement)""",
            step,
        )

    def add(self, step: str, port: str, kind: str) -> str:
        """A new step at an answer; it is open, its first field focused."""
        before = {node["id"] for node in self.document["nodes"]}
        self.lead(step, port, kind)
        new = until(lambda: {node["id"] for node in self.document["nodes"]} - before).pop()
        self.page.wait_for_selector(f'[data-step-form="{new}"]')
        self.page.wait_for_function("() => document.querySelector('[data-panel]').contains(document.activeElement)")
        return new

    def write(self, selector: str, text: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)


class Builder:
    """Builds what an example holds, by keys alone: each step at the first answer that leads to it, then its other ways."""

    def __init__(self, outline: Outline, example: Flow) -> None:
        self.outline, self.example, self.keys = outline, example, outline.page.keyboard
        self.ids, self.ports = {"n1": "n1"}, {}

    def build(self) -> None:
        for (source, port), target in sorted(self.example.edges.items(), key=lambda way: (_depth(self.example, way[0][0]), way[1])):
            self.walk_to(self.ids[source])
            way = self.ids[source], self.ports.get((source, port), port)
            if target in self.ids:
                number = self.outline.page.locator(f"#name-{self.ids[target]} b").inner_text()
                self.lead(*way, f"{number}. ")
                until(lambda way=way, target=target: (*way, self.ids[target]) in self.outline.edges())
            else:
                self.add(*way, self.example.nodes[target])

    def walk_to(self, step: str) -> None:
        """To the name of a step, from wherever the focus is."""
        is_name, by = self.outline.page.evaluate(_WAY_TO, step)
        if not is_name:
            if by is None:
                self.keys.press("Escape")
            self.outline.tab_to(".outline-name", back=True)
            _, by = self.outline.page.evaluate(_WAY_TO, step)
        for _ in range(abs(by)):
            self.keys.press("ArrowDown" if by > 0 else "ArrowUp")
        expect(self.outline.page.locator(f"#name-{step}")).to_be_focused()

    def lead(self, step: str, port: str, to: str) -> None:
        self.outline.tab_to(f"#lead-{step}-{port}")
        self.keys.press("Enter")
        expect(self.outline.page.locator("#to")).to_be_focused()
        self.keys.type(to)
        self.keys.press("Enter")
        expect(self.outline.page.locator("#to")).to_have_count(0)

    def add(self, source: str, port: str, step: Node) -> None:
        self.lead(source, port, KINDS[step.kind].label + " (new")
        new = until(lambda: {node["id"] for node in self.outline.document["nodes"]} - set(self.ids.values())).pop()
        self.ids[step.id] = new
        self.outline.page.wait_for_selector(f'[data-step-form="{new}"]')
        self.outline.page.wait_for_function("() => document.querySelector('[data-panel]').contains(document.activeElement)")
        getattr(self, f"fill_{step.kind}")(step.data, new)
        for key in LISTS:
            for at, one in enumerate(step.data.get(key, ())):
                made = until(lambda key=key, at=at: _list(self.outline, new, key, at))
                self.ports[step.id, one["id"]] = made["id"]
                self.outline.page.locator(f"#lead-{new}-{made['id']}").wait_for()

    def fill_message(self, data: Mapping[str, Any], id: str) -> None:
        self.outline.write("#step-text", data["text"])

    def fill_finish(self, data: Mapping[str, Any], id: str) -> None:
        self.fill_message(data, id)
        self.outline.tab_to("[name=outcome]", back=True)
        outcomes = ("success", "neutral", "failure")
        now = self.outline.page.locator("[name=outcome]:checked").get_attribute("value") or ""
        for _ in range((outcomes.index(data["outcome"]) - outcomes.index(now)) % 3):
            self.keys.press("ArrowRight")

    def fill_open_question(self, data: Mapping[str, Any], id: str) -> None:
        self.fill_message(data, id)
        self.outline.tab_to("#step-answer")
        self.keys.type(KINDS["open_question"].answers[data["answer"]])
        self.outline.write("#step-variable", data["variable"])

    def fill_answer_options(self, data: Mapping[str, Any], id: str) -> None:
        self.fill_message(data, id)
        self.outline.write("[data-key=title]", data["options"][0]["title"])
        for option in data["options"][1:]:
            self.keys.press("Enter")
            self.keys.type(option["title"])
        self.outline.write("#step-variable", data["variable"])

    def fill_condition(self, data: Mapping[str, Any], id: str) -> None:
        for at, branch in enumerate(data["branches"]):
            if at:
                self.outline.tab_to("[data-list=branches] > [data-do=add]")
                self.keys.press("Enter")
            self.outline.write("[data-key=label]", branch["label"])
            (test,) = branch["tests"]
            self.outline.write("[data-key=variable]", test["variable"])
            self.outline.tab_to("[data-key=operator]")
            self.keys.type(Operator(test["operator"]).label)
            self.outline.write("[data-key=value]", test["value"])


def _list(outline: Outline, id: str, key: str, at: int) -> dict[str, Any] | None:
    found = next(node["data"][key] for node in outline.document["nodes"] if node["id"] == id)
    return found[at] if at < len(found) else None


def _depth(flow: Flow, id: str) -> int:
    return networkx.dag_longest_path_length(FlowGraph.of(flow).subgraph({id, *networkx.ancestors(FlowGraph.of(flow), id)}))
