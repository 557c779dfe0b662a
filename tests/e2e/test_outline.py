"""The outline in a real browser: a whole flow built by keyboard alone, in step with the canvas, on a phone too; axe-core finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from flowbuilder import clock
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import ports
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Line, Workspace
from tests.e2e.axe import serious
from tests.e2e.editor import Editor
from tests.e2e.outline import LISTS, Builder, Outline
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Route


def _told(flow: Flow) -> set[tuple[str, ...]]:
    """The steps by what they say, ask, keep and test, and the connections between them by the words of their answers."""
    names = {}
    for id, node in flow.nodes.items():
        words = [node.data.get(key) for key in ("text", "answer", "variable", "outcome")]
        parts = [one.get("title") or one["label"] for key in LISTS for one in node.data.get(key, ())]
        tests = [str(sorted(test.items())) for branch in node.data.get("branches", ()) for test in branch["tests"]]
        names[id] = " / ".join([node.kind, *filter(None, words), *parts, *tests])
    labels = {(id, port.id): port.label for id, node in flow.nodes.items() for port in ports(node)}
    assert len(set(names.values())) == len(names)
    return {(name,) for name in names.values()} | {
        (names[source], labels[source, port], names[target]) for (source, port), target in flow.edges.items()
    }


def test_the_demo_flow_is_built_without_an_error_and_published_by_keyboard_alone(outline: Outline, line: Line) -> None:
    page = outline.page
    example = flows.create_from_example(outline.workspace_id, "delivery_feedback")
    template = flows.template_of(Flow.from_json(example.document), outline.workspace_id)
    template.status, template.updated_at = "approved", clock.now()
    db.session.commit()
    outline.tab_to("#name-n1")
    page.keyboard.press("Enter")
    page.locator("#initial-choice").wait_for()
    outline.tab_to("[name=do][value=choose]")
    page.keyboard.press("Enter")
    until(lambda: outline.nodes("you_send_it")[0]["data"].get("template") == template.id)
    page.locator("#initial-state [role=status]").wait_for()
    builder = Builder(outline, Flow.from_json(example.document))
    builder.build()
    assert _told(Flow.from_json(outline.document)) ^ _told(builder.example) == set()
    expect(page.locator("[data-act=checks] b")).to_have_class(re.compile("is-fine|is-warning"))
    assert serious(page) == []

    builder.walk_to("n1")
    outline.tab_to("[data-publish]", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Publish version 1")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Version 1 is published").wait_for()
    db.session.rollback()
    assert [version.number for version in rows.versions(outline.flow_id)] == [1]


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
    outline.page.keyboard.press("Alt+ArrowUp")
    expect(outline.page.locator("#toasts")).to_contain_text("It can’t be moved up: the step before it opens the flow.")
    expect(outline.page.locator(f"#name-{second}")).to_be_focused()
    outline.page.locator(f"#name-{second}").focus()
    outline.page.keyboard.press("Delete")
    until(lambda: [node["id"] for node in outline.nodes("message")] == [first])
    expect(outline.page.locator("#name-n1")).to_be_focused()
    outline.page.keyboard.press("Control+z")

    until(lambda: len(outline.nodes("message")) == 2)
    expect(outline.page.locator("#toasts")).to_contain_text("Undone: Deleted Message “Second”.")
    expect(outline.page.locator(f"#name-{second} .outline-words")).to_have_text("Message “Second”")
    outline.page.locator(f"#name-{first}").focus()
    outline.page.keyboard.press("Control+x")
    until(lambda: [node["id"] for node in outline.nodes("message")] == [second])
    outline.page.keyboard.press("Control+v")
    pasted = until(lambda: {node["id"]: node["data"]["text"] for node in outline.nodes("message") if node["id"] != second})
    assert list(pasted.values()) == ["First"]
    outline.page.wait_for_selector(f"[data-step-form={next(iter(pasted))}]")
    outline.page.locator(f"#name-{next(iter(pasted))}").focus()
    outline.page.keyboard.press("Control+z")
    until(lambda: [node["id"] for node in outline.nodes("message")] == [second])
    expect(outline.page.locator(".outline-name:focus")).to_have_count(1)
    toasts = outline.page.locator("#toasts")
    toasts.evaluate("(el) => el.replaceChildren()")
    outline.page.locator(f"#name-{second}").press("Control+d")
    expect(toasts).to_have_text("Step 3 is a copy of step 2. Nothing leads to it yet.")


def test_the_flow_is_named_in_the_outline_too(outline: Outline) -> None:
    outline.write("[data-flow-name]", "Order story")
    outline.page.keyboard.press("Enter")

    until(lambda: outline.document["name"] == "Order story")
    name = outline.page.locator("[data-flow-name]")
    name.fill("")
    name.press("Tab")
    expect(name).to_have_value("Order story")
    expect(outline.page.locator("#toasts")).to_contain_text("A flow needs a name, so “Order story” stays.")
    name.fill("Order")
    name.press("Escape")
    expect(name).not_to_be_focused()
    until(lambda: outline.document["name"] == "Order story")
    outline.page.keyboard.press("ArrowDown")
    expect(outline.page.locator("#name-n1")).to_be_focused()
    outline.page.keyboard.press("?")
    expect(outline.page.get_by_role("dialog", name="Keys")).to_contain_text("Step above, step below")
    outline.page.keyboard.press("Escape")
    outline.page.keyboard.press("n")
    expect(outline.page.locator("#to")).to_be_focused()
    outline.page.keyboard.press("Escape")
    expect(outline.page.locator("#name-n1")).to_be_focused()


def test_what_is_drawn_on_the_canvas_comes_into_the_outline_where_one_goes_on_at_the_same_step(outline: Outline) -> None:
    other = Editor(outline.page.context.new_page(), outline.url, outline.workspace_id, outline.flow_id).open()
    finish = other.add("Finish")

    expect(outline.page.locator(".outline-step")).to_have_count(2)
    other.page.keyboard.press("Escape")
    other.page.keyboard.press("o")
    expect(other.page.locator(f"#name-{finish}")).to_be_focused()
    other.page.wait_for_selector(f'[data-step-form="{finish}"]')
    other.page.keyboard.press("o")
    expect(other.page.locator(f'.step[data-id="{finish}"]')).to_be_focused()
    other.page.wait_for_selector(f'[data-step-form="{finish}"]')
    assert "?" not in other.page.url


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


def test_the_opening_is_switched_while_a_part_of_its_panel_is_under_way(outline: Outline) -> None:
    page = outline.page
    late: list[Route] = []
    page.route("**/initial-message", lambda route: late.append(route))
    with page.expect_request("**/initial-message"):
        page.locator("#name-n1").click()
    page.get_by_role("radio", name="User sends it").check(force=True)
    page.get_by_label("Phrase").first.wait_for()
    (part,) = late
    part.continue_()


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
    page.locator("[data-step-findings] button").click()
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
    text, told = page.get_by_role("textbox", name="Text"), page.locator("[data-finding-note]")
    expect(text).to_be_focused()
    expect(told).to_have_text("Enter the text.")
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
