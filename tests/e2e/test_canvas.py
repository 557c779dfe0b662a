"""The canvas in a real browser: drawing, connecting, editing and undoing, as designers do it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from flowbuilder import clock
from flowbuilder.core.flow import Flow
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Line, Workspace
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


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
        """Add a step by a click in the palette; its id."""
        before = {node["id"] for node in self.document["nodes"]}
        self.page.get_by_role("toolbar", name="Steps to add").get_by_role("button", name=label, exact=True).click()
        new = until(lambda: {node["id"] for node in self.document["nodes"]} - before)
        self.saved()
        return new.pop()

    def saved(self) -> None:
        self.page.wait_for_selector('[data-saved][data-state="saved"]')

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
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(*target, steps=8)
        mouse.up()

    def port(self, id: str, port: str) -> Locator:
        return self.page.locator(f'.step[data-id="{id}"] [data-port="{port}"]')


@pytest.fixture
def editor(page: Page, enter: Callable[..., str], workspace: Workspace) -> Editor:
    draft = flows.create(workspace.id, "Order ready")
    return Editor(page, enter(page), workspace.id, draft.id).open()


def test_a_new_flow_is_made_from_the_list_and_opens_with_its_first_step(page: Page, enter: Callable[..., str]) -> None:
    url = enter(page)
    page.goto(f"{url}/flows")
    page.get_by_role("button", name="Create new flow").first.click()
    page.get_by_label("Name").fill("Order ready")
    page.get_by_role("button", name="Create flow").click()
    page.wait_for_selector("[data-canvas][data-ready]")

    assert page.locator(".step").count() == 1
    assert "You send it" in page.locator(".step").inner_text()


def test_each_kind_of_step_is_added_by_click_and_saved(editor: Editor) -> None:
    for label in ("Message", "Answer options", "Open question", "Condition", "Finish"):
        editor.add(label)

    assert sorted(node["kind"] for node in editor.document["nodes"]) == [
        "answer_options", "condition", "finish", "message", "open_question", "you_send_it",
    ]  # fmt: skip
    assert editor.page.locator(".step").count() == 6


def test_a_step_dragged_from_the_palette_lies_where_it_was_dropped(editor: Editor) -> None:
    editor.drag(editor.page.get_by_role("button", name="Message", exact=True), (700, 500))
    node = until(lambda: editor.nodes("message"))[0]

    box = editor.card("message").bounding_box()
    assert box and abs(box["x"] - 700) < 45 and abs(box["y"] - 500) < 45
    assert node["id"] in editor.document["layout"]


def test_clicking_in_the_palette_connects_the_selected_step_with_the_new_one(editor: Editor) -> None:
    editor.select("n1")
    id = editor.add("Message")

    assert ("n1", "continue", id) in editor.edges()
    assert editor.page.locator(".edge").count() == 1


def test_a_connection_is_drawn_from_port_to_step(editor: Editor) -> None:
    id = editor.add("Message")
    editor.drag(editor.port("n1", "continue"), editor.card("message"))

    until(lambda: ("n1", "continue", id) in editor.edges())
    assert editor.page.locator(".edge").get_attribute("d").startswith("M")


def test_a_connection_dropped_in_the_open_offers_the_next_step(editor: Editor) -> None:
    editor.drag(editor.port("n1", "continue"), (800, 620))
    editor.page.get_by_role("menuitem", name="Open question").click()

    node = until(lambda: editor.nodes("open_question"))[0]
    assert ("n1", "continue", node["id"]) in editor.edges()


def test_a_connection_is_made_by_keyboard(editor: Editor) -> None:
    editor.add("Message")
    finish = editor.add("Finish")
    port = editor.port("n1", "finish")
    port.focus()
    editor.page.keyboard.press("Enter")
    for _ in range(3):
        if editor.page.locator(".step.is-target").get_attribute("data-id") == finish:
            break
        editor.page.keyboard.press("ArrowRight")
    editor.page.keyboard.press("Enter")

    until(lambda: ("n1", "finish", finish) in editor.edges())
    assert port.evaluate("el => el === document.activeElement")


def test_escape_gives_up_a_connection_begun_by_keyboard(editor: Editor) -> None:
    editor.add("Finish")
    editor.port("n1", "finish").focus()
    editor.page.keyboard.press("Enter")
    editor.page.keyboard.press("Escape")

    assert editor.page.locator(".edge").count() == 0
    assert editor.edges() == set()


def test_tab_walks_cards_and_ports_in_the_order_of_the_flow(editor: Editor) -> None:
    editor.select("n1")
    message = editor.add("Message")
    editor.page.locator('.step[data-id="n1"]').focus()
    visited = []
    for _ in range(4):
        editor.page.keyboard.press("Tab")
        visited.append(
            editor.page.evaluate("[document.activeElement.closest('.step').dataset.id, document.activeElement.dataset.port ?? '']")
        )

    assert visited == [["n1", "continue"], ["n1", "finish"], [message, ""], [message, "next"]]


def test_a_circle_is_refused_and_named(editor: Editor) -> None:
    editor.select("n1")
    first = editor.add("Message")
    second = editor.add("Message")
    editor.drag(editor.port(second, "next"), editor.page.locator(f'.step[data-id="{first}"]'))
    editor.page.get_by_text(re.compile("would close a circle", re.I)).last.wait_for()

    editor.saved()
    assert (second, "next", first) not in editor.edges()
    assert editor.page.locator(".edge").count() == 2


def test_a_card_is_dragged_and_stays_after_a_reload(editor: Editor) -> None:
    before = editor.document["layout"]["n1"]
    box = editor.card("you_send_it").bounding_box()
    assert box
    editor.drag(editor.card("you_send_it").locator(".step-head"), (box["x"] + 330, box["y"] + 140))
    after = until(lambda: (place := editor.document["layout"]["n1"]) != before and place)
    editor.open()

    assert after[0] > before[0] + 100 and after[1] > before[1] + 50
    here = editor.page.evaluate("(({x, y}) => [x, y])(flowCanvas.board.nodes.get('n1'))")
    assert here == after


def test_arrow_keys_move_the_selected_step(editor: Editor) -> None:
    editor.select("n1")
    x, y = editor.document["layout"]["n1"]
    editor.page.locator('.step[data-id="n1"]').focus()
    editor.page.keyboard.press("ArrowRight")
    editor.page.keyboard.press("Shift+ArrowDown")

    until(lambda: editor.document["layout"]["n1"] == [x + 10, y + 50])


def test_typing_in_the_panel_is_saved_and_shown_on_the_card(editor: Editor) -> None:
    id = editor.add("Message")
    editor.select(id)
    field = editor.page.get_by_label("Text", exact=True)
    field.press_sequentially("Hello {{name}}, how are you today?", delay=15)

    until(lambda: editor.nodes("message")[0]["data"]["text"] == "Hello {{name}}, how are you today?")
    assert field.input_value() == "Hello {{name}}, how are you today?"
    assert field.evaluate("el => el === document.activeElement")
    until(lambda: "how are you" in editor.card("message").inner_text())
    assert editor.card("message").locator(".var").inner_text() == "name"


def test_answers_are_added_renamed_and_removed_and_keep_their_ids(editor: Editor) -> None:
    id = editor.add("Answer options")
    editor.select(id)
    answers = editor.page.get_by_label("Answer", exact=True)
    answers.nth(0).fill("Yes")
    answers.nth(1).fill("No")
    answers.nth(1).press("Enter")
    answers.nth(2).fill("Later")
    until(lambda: [one["title"] for one in editor.nodes("answer_options")[0]["data"]["options"]] == ["Yes", "No", "Later"])
    ids = [one["id"] for one in editor.nodes("answer_options")[0]["data"]["options"]]
    editor.page.get_by_label("Remove the answer").nth(1).click()
    until(lambda: [one["id"] for one in editor.nodes("answer_options")[0]["data"]["options"]] == [ids[0], ids[2]])

    until(lambda: editor.card("answer_options").locator(".port-label").all_inner_texts() == ["Yes", "Later", "Otherwise"])


def test_an_answer_is_connected_in_the_panel(editor: Editor) -> None:
    finish = editor.add("Finish")
    question = editor.add("Open question")
    editor.select(question)
    editor.page.get_by_label("Once answered, goes to").select_option(finish)

    until(lambda: (question, "answered", finish) in editor.edges())
    assert editor.page.locator(".edge").count() == 1


def test_undo_and_redo_survive_a_reload(editor: Editor) -> None:
    editor.add("Message")
    editor.open()
    editor.page.keyboard.press("Control+z")
    until(lambda: not editor.nodes("message"))
    until(lambda: editor.page.locator(".step").count() == 1)
    editor.saved()
    editor.open()
    editor.page.get_by_role("button", name="Redo").click()

    until(lambda: editor.nodes("message"))
    until(lambda: editor.page.locator(".step").count() == 2)


def test_delete_removes_the_step_and_its_connections(editor: Editor) -> None:
    editor.select("n1")
    id = editor.add("Message")
    editor.page.locator(f'.step[data-id="{id}"]').focus()
    editor.page.keyboard.press("Delete")

    until(lambda: not editor.nodes("message"))
    assert editor.edges() == set()
    assert editor.page.locator(".edge").count() == 0


def test_two_tabs_see_each_other_and_lose_nothing(editor: Editor, page: Page) -> None:
    other = Editor(page.context.new_page(), editor.url, editor.workspace_id, editor.flow_id).open()
    message = editor.add("Message")
    finish = other.add("Finish")
    editor.page.locator(f'.step[data-id="{finish}"]').wait_for(timeout=3000)
    other.page.locator(f'.step[data-id="{message}"]').wait_for(timeout=3000)
    editor.drag(editor.port("n1", "continue"), editor.page.locator(f'.step[data-id="{message}"]'))
    until(lambda: other.page.locator(".edge").count() == 1, within=4)

    assert len(editor.document["nodes"]) == 3


def test_what_was_done_while_the_server_was_away_is_kept_and_sent_in_order(editor: Editor) -> None:
    editor.page.context.set_offline(True)
    editor.page.get_by_role("button", name="Message", exact=True).click()
    editor.page.wait_for_selector('[data-saved][data-state="failing"]')
    editor.page.get_by_role("button", name="Finish", exact=True).click()
    assert len(editor.document["nodes"]) == 1
    editor.page.context.set_offline(False)
    editor.saved()

    assert [node["kind"] for node in editor.document["nodes"] if node["id"] != "n1"].count("message") == 1
    assert len(editor.document["nodes"]) == 3


def test_a_tab_closed_while_the_server_was_away_loses_nothing(editor: Editor) -> None:
    editor.page.context.set_offline(True)
    editor.page.get_by_role("button", name="Message", exact=True).click()
    editor.page.wait_for_selector('[data-saved][data-state="failing"]')
    context = editor.page.context
    editor.page.close()
    context.set_offline(False)
    Editor(context.new_page(), editor.url, editor.workspace_id, editor.flow_id).open()

    until(lambda: len(editor.nodes("message")) == 1)


def test_checks_are_counted_listed_and_lead_to_their_step(editor: Editor) -> None:
    id = editor.add("Message")
    editor.page.get_by_role("button", name=re.compile("Checks")).click()
    editor.page.get_by_role("button", name=re.compile("Message: enter the text")).click()

    assert editor.page.locator(f'.step[data-id="{id}"]').get_attribute("aria-current") == "true"
    assert editor.page.locator(f'.step[data-id="{id}"] .step-badge.is-error').count() == 1


def test_publishing_is_refused_while_a_check_fails(editor: Editor) -> None:
    editor.page.get_by_role("button", name="Publish", exact=True).click()
    editor.page.get_by_text("Publishing is refused while a check fails").wait_for()

    assert rows.versions(editor.flow_id) == []


def test_the_list_of_keys_opens_with_a_question_mark(editor: Editor) -> None:
    editor.page.keyboard.press("?")

    assert editor.page.get_by_role("dialog", name="Keys").is_visible()


def test_several_steps_are_chosen_by_a_box_and_moved_together(editor: Editor) -> None:
    editor.add("Message")
    editor.page.keyboard.press("f")
    editor.page.keyboard.press("Control+a")
    assert editor.page.locator(".step[aria-current]").count() == 2
    before = dict(editor.document["layout"])
    editor.page.keyboard.press("Shift+ArrowDown")

    until(lambda: all(editor.document["layout"][id][1] == y + 50 for id, (_, y) in before.items()))


def test_the_card_follows_the_review_of_its_initial_message(editor: Editor, line: Line) -> None:
    example = flows.create_from_example(editor.workspace_id, "delivery_feedback")
    editor.flow_id = example.id
    editor.open()
    assert "Draft" in editor.card("you_send_it").inner_text()
    template = flows.template_of(Flow.from_json(example.document), editor.workspace_id)
    assert template is not None
    template.status, template.updated_at = "approved", clock.now()
    db.session.commit()

    until(lambda: "Approved" in editor.card("you_send_it").inner_text(), within=4)


def test_what_another_tab_types_arrives_in_the_open_panel(editor: Editor, page: Page) -> None:
    id = editor.add("Message")
    editor.select(id)
    flows.change(editor.workspace_id, editor.flow_id, {"kind": "change", "node": id, "data": {"text": "From elsewhere"}}, None)

    until(lambda: editor.page.get_by_label("Text", exact=True).input_value() == "From elsewhere", within=4)
    assert "From elsewhere" in editor.card("message").inner_text()


def test_publishing_a_good_flow_says_version_1(editor: Editor, line: Line) -> None:
    example = flows.create_from_example(editor.workspace_id, "delivery_feedback")
    template = flows.template_of(Flow.from_json(example.document), editor.workspace_id)
    assert template is not None
    template.status, template.updated_at = "approved", clock.now()
    db.session.commit()
    editor.flow_id = example.id
    editor.open()
    editor.page.get_by_role("button", name="Publish", exact=True).click()
    editor.page.get_by_role("button", name="Publish version 1").click()
    editor.page.get_by_role("heading", name="Version 1 is published").wait_for()

    until(lambda: "Version 1" in editor.page.locator("[data-flow-status]").inner_text(), within=4)
    db.session.rollback()
    assert [version.number for version in rows.versions(example.id)] == [1]


def test_a_copied_step_is_pasted_with_its_text(editor: Editor) -> None:
    id = editor.add("Message")
    editor.select(id)
    editor.page.get_by_label("Text", exact=True).fill("Twice")
    editor.page.locator(f'.step[data-id="{id}"]').focus()
    editor.page.keyboard.press("Control+c")
    until(lambda: editor.page.evaluate("localStorage.getItem('flow-clipboard')"))
    editor.page.keyboard.press("Control+v")

    until(lambda: [node["data"]["text"] for node in editor.nodes("message")] == ["Twice", "Twice"])


def test_a_viewer_can_look_and_not_change(page: Page, enter: Callable[..., str], workspace: Workspace) -> None:
    draft = flows.create(workspace.id, "Order ready")
    editor = Editor(page, enter(page, "viewer"), workspace.id, draft.id).open()
    editor.card("you_send_it").click()
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowRight")

    assert page.locator(".step").count() == 1
    assert page.get_by_role("button", name="Publish", exact=True).count() == 0


def test_the_panel_is_a_sheet_on_a_phone(page: Page, enter: Callable[..., str], workspace: Workspace) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    draft = flows.create(workspace.id, "Order ready")
    editor = Editor(page, enter(page), workspace.id, draft.id).open()
    id = editor.add("Message")
    editor.page.get_by_label("Text", exact=True).fill("From a phone")

    until(lambda: editor.nodes("message")[0]["data"]["text"] == "From a phone")
    card, panel = page.locator(f'.step[data-id="{id}"]').bounding_box(), page.locator("[data-panel]").bounding_box()
    assert card and panel and card["y"] + 40 < panel["y"] and panel["width"] == 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
