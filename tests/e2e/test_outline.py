"""The outline in a real browser: a whole flow built by keyboard alone, in step with the canvas, on a phone too; axe-core finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder.services import flows
from flowbuilder.store.accounts import Line, Workspace
from tests.e2e.axe import serious
from tests.e2e.editor import Editor
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Page


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


@pytest.fixture
def outline(page: Page, enter: Callable[..., str], workspace: Workspace) -> Outline:
    draft = flows.create(workspace.id, "Order feedback")
    return Outline(page, enter(page), workspace.id, draft.id).open()


def test_a_whole_flow_is_built_by_keyboard_alone(outline: Outline) -> None:
    ask = outline.add("n1", "continue", "Answer o")
    outline.write("#step-text", "Did it arrive?")
    outline.write("[data-key=title]", "Yes")
    outline.page.keyboard.press("Enter")
    outline.page.keyboard.type("No")
    options = until(
        lambda: [one["id"] for one in outline.nodes("answer_options")[0]["data"]["options"] if one["title"] in ("Yes", "No")][1:]
    )
    yes = outline.nodes("answer_options")[0]["data"]["options"][0]["id"]
    outline.page.locator(f"#lead-{ask}-{options[0]}").wait_for()
    thanks = outline.add(ask, yes, "Finish")
    why = outline.add(ask, options[0], "Open")
    outline.write("#step-text", "What was wrong?")
    outline.write("#step-variable", "fault")
    sorry = outline.add(why, "answered", "Message")
    outline.write("#step-text", "We are sorry about that.")
    outline.lead(sorry, "next", "3")
    until(lambda: (sorry, "next", thanks) in outline.edges())

    assert {("n1", "continue", ask), (ask, yes, thanks), (ask, options[0], why), (why, "answered", sorry)} <= outline.edges()
    assert outline.nodes("message")[0]["data"]["text"] == "We are sorry about that."
    assert outline.nodes("open_question")[0]["data"]["variable"] == "fault"
    assert serious(outline.page) == []


def test_steps_are_moved_deleted_and_brought_back_by_keys(outline: Outline) -> None:
    first = outline.add("n1", "continue", "Message")
    outline.write("#step-text", "First")
    second = outline.add(first, "next", "Message")
    outline.write("#step-text", "Second")
    outline.page.keyboard.press("Escape")
    expect(outline.page.locator(f"#name-{second}")).to_be_focused()
    outline.page.keyboard.press("Alt+ArrowUp")
    until(lambda: {("n1", "continue", second), (second, "next", first)} == outline.edges())
    expect(outline.page.locator("#outline [data-step]").nth(1)).to_have_id(f"step-{second}")
    outline.page.locator(f"#name-{second}").focus()
    outline.page.keyboard.press("Delete")
    until(lambda: [node["id"] for node in outline.nodes("message")] == [first])
    expect(outline.page.locator("#name-n1")).to_be_focused()
    outline.page.keyboard.press("Control+z")

    until(lambda: len(outline.nodes("message")) == 2)
    expect(outline.page.locator(f"#name-{second} .outline-words")).to_have_text("Message “Second”")
    outline.page.locator(f"#name-{first}").focus()
    outline.page.keyboard.press("Control+x")
    until(lambda: [node["id"] for node in outline.nodes("message")] == [second])
    outline.page.keyboard.press("Control+v")
    pasted = until(lambda: {node["id"]: node["data"]["text"] for node in outline.nodes("message") if node["id"] != second})
    assert list(pasted.values()) == ["First"]
    outline.page.wait_for_selector(f"[data-step-form={next(iter(pasted))}]")


def test_the_flow_is_named_in_the_outline_too(outline: Outline) -> None:
    outline.write("[data-flow-name]", "Order story")
    outline.page.keyboard.press("Enter")

    until(lambda: outline.document["name"] == "Order story")


def test_what_is_drawn_on_the_canvas_comes_into_the_outline(outline: Outline) -> None:
    other = Editor(outline.page.context.new_page(), outline.url, outline.workspace_id, outline.flow_id).open()
    other.add("Finish")

    expect(outline.page.locator(".outline-step")).to_have_count(2)


def test_on_a_phone_the_opening_is_switched_and_its_message_begun_beside_the_list(outline: Outline) -> None:
    page = outline.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#name-n1").click()
    page.get_by_role("radio", name="User sends it").check(force=True)
    page.get_by_label("Phrase").first.wait_for()
    page.get_by_role("radio", name="You send it").check(force=True)
    page.get_by_text("A conversation that you begin opens with a message").wait_for()
    expect(page.locator("#outline [data-step]")).to_have_count(1)
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("dialog", name="Publish").get_by_text("leads nowhere").first.wait_for()


def test_on_a_phone_steps_follow_one_another_in_the_panel_also_when_an_answer_comes_late(outline: Outline) -> None:
    page = outline.page
    page.set_viewport_size({"width": 390, "height": 844})
    outline.add("n1", "continue", "Message")
    late: list[Callable[[], None]] = []
    page.route("**/outline", lambda route: late.append(partial(route.fulfill, response=route.fetch())))
    with page.expect_request("**/outline"):
        page.get_by_role("textbox", name="Text").fill("Hello!")
    page.get_by_label("Then goes to").select_option(label="Answer options (new)")
    expect(page.locator("#outline [data-step]")).to_have_count(3)
    for answer in late:
        answer()
    page.get_by_role("button", name="Open 3. Answer options").click()
    expect(page.get_by_role("textbox", name="Question")).to_be_visible()
    expect(page.locator("[data-step-findings] li")).to_have_count(2)
    page.get_by_role("button", name="6 more").click()
    expect(page.locator("[data-step-findings] li")).to_have_count(7)
    (message,), (question,) = outline.nodes("message"), outline.nodes("answer_options")
    assert message["data"]["text"] == "Hello!"
    assert (message["id"], "next", question["id"]) in outline.edges()


def test_on_a_phone_checks_lead_to_the_field_that_they_speak_of_and_history_leads_back(outline: Outline) -> None:
    page = outline.page
    page.set_viewport_size({"width": 390, "height": 844})
    outline.add("n1", "continue", "Message")
    page.get_by_role("button", name="Close the panel").click()
    page.get_by_role("button", name="Checks").click()
    page.locator("[data-errors]").get_by_role("button", name="enter the text").click()
    text, told = page.get_by_role("textbox", name="Text"), page.locator("#finding-note")
    expect(text).to_be_focused()
    expect(told).to_contain_text("enter the text")
    text.fill("Hello!")
    expect(told).to_have_count(0)
    expect(text).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="Back to here: the flow as it began").click()
    expect(page.locator("#outline [data-step]")).to_have_count(1)
    assert serious(page) == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_nothing_serious_on_the_outline(outline: Outline, workspace: Workspace, line: Line, theme: str, width: int) -> None:
    outline.page.set_viewport_size({"width": width, "height": 844})
    outline.page.emulate_media(color_scheme=theme)
    outline.flow_id = flows.create_from_example(workspace.id, "delivery_feedback").id
    outline.open()
    assert serious(outline.page) == []
    outline.page.locator(".outline-name").nth(1).click()
    outline.page.wait_for_selector(".panel-head")
    assert serious(outline.page) == []
    outline.page.keyboard.press("Escape")
    outline.page.locator("[id^=lead-]").first.press("Enter")
    outline.page.locator("#to").wait_for()
    assert serious(outline.page) == []
