"""The list of checks over the canvas: the way that shows a fault, cures in one click, and what is proved."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from flowbuilder import clock
from flowbuilder.core.flow import Flow
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from tests.e2e.axe import serious
from tests.e2e.editor import Editor
from tests.fixtures.servers import until


def test_a_fault_is_drawn_on_the_canvas_and_told_as_a_chat(editor: Editor) -> None:
    example = flows.create_from_example(editor.workspace_id, "delivery_feedback")
    (start,) = (node["id"] for node in example.document["nodes"] if node["kind"] == "you_send_it")
    target = next(edge["target"] for edge in example.document["edges"] if (edge["source"], edge["port"]) == (start, "continue"))
    gone = next(edge for edge in example.document["edges"] if edge["source"] == target)
    flows.change(editor.workspace_id, example.id, {"kind": "disconnect", "source": target, "port": gone["port"]}, None)
    editor.flow_id = example.id
    page = editor.open().page
    page.get_by_role("button", name=re.compile("Checks")).click()
    page.locator("[data-errors]").get_by_role("button", name=re.compile("leads nowhere|stops after")).click()

    page.locator(f'.step[data-id="{target}"].is-lit').wait_for()
    expect(page.locator(".edge.is-lit")).to_have_count(1)
    expect(page.locator(f'[data-goes="{gone["port"]}"]')).to_be_focused()
    expect(page.locator("[data-finding-note]")).to_contain_text("leads nowhere")
    told = page.locator("[data-told] li").all_inner_texts()
    assert "The initial message" in told[0] and "silence" in told[-1]
    assert serious(page) == []
    said = page.evaluate("() => flowCanvas.findings.all.at(-1).text")
    for key in ("F8", "Shift+F8", *["Shift+F8"] * 5):
        page.keyboard.press(key)
    expect(page.locator("[data-live]")).to_have_text(said)
    for _ in range(page.evaluate("port => flowCanvas.findings.all.findIndex((one) => one.port === port)", gone["port"])):
        page.keyboard.press("F8")
    page.evaluate("id => flowCanvas.board.select([id])", start)
    page.wait_for_selector(f'[data-step-form="{start}"]')
    page.locator(f'.step[data-id="{start}"] [data-port]').first.focus()
    page.keyboard.press("F8")
    expect(page.locator(f'[data-goes="{gone["port"]}"]')).to_be_focused()
    expect(page.locator("[data-finding-note]")).to_contain_text("leads nowhere")
    page.evaluate("id => flowCanvas.findings.goTo({ node: id, key: '' })", target)
    expect(page.locator("#step-text")).to_be_focused()
    expect(page.locator("[data-finding-note]")).to_have_count(0)


def test_a_problem_of_the_flow_itself_leads_to_its_field_in_the_settings(editor: Editor) -> None:
    change = {"kind": "settings", "settings": {"exit_text": "Bye, see {{order}}"}}
    flows.change(editor.workspace_id, editor.flow_id, change, None)
    page = editor.open().page
    page.get_by_role("button", name=re.compile("Checks")).click()
    page.locator("[data-errors]").get_by_role("button", name=re.compile("somebody leaves uses “order”")).click()
    field = page.get_by_label("Said when somebody leaves")
    expect(field).to_be_focused()
    expect(page.locator("[data-finding-note]")).to_contain_text("nothing sets")
    field.fill("Bye")
    expect(page.locator("[data-finding-note]")).to_have_count(0)


def test_a_cure_is_one_click_and_one_change_that_undo_takes_back(editor: Editor) -> None:
    id = editor.add("Finish")
    page = editor.page
    page.get_by_role("button", name=re.compile("Checks")).click()
    page.locator("[data-errors]").get_by_role("button", name="Delete the step").click()
    until(lambda: not editor.nodes("finish"))
    notice = page.locator(".toast-undoable")
    expect(notice).to_contain_text("Deleted Finish “Success”.")
    notice.get_by_role("button", name="Undo").click()
    until(lambda: [node["id"] for node in editor.nodes("finish")] == [id])

    ask_twice(editor)
    page.get_by_role("button", name="Say how to leave").click()
    expect(notice).to_contain_text("Changed the footer of Answer options")
    expect(page.locator('.step[data-id="q1"][aria-current]')).to_be_in_viewport()
    expect(page.get_by_label("Footer")).to_have_value("Send {{exit_word}} to leave.")
    notice.get_by_role("button", name="Undo").click()
    until(lambda: all(not node["data"].get("footer") for node in editor.nodes("answer_options")))
    page.locator("[data-warnings]").get_by_role("button", name="Say how to leave").click()
    expect(page.get_by_label("Footer")).to_have_value("Send {{exit_word}} to leave.")


def ask_twice(editor: Editor) -> None:
    """Two questions, of which none says how to leave."""
    commands = [
        {"kind": "opening", "to": "user_sends_it", "id": "start"},
        *({"kind": "add_node", "node": {"id": id, "kind": "answer_options"}, "at": [x, 5000]} for id, x in (("q1", 400), ("q2", 800))),
        *({"kind": "connect", "source": a, "port": port, "target": b} for a, port, b in (("start", "next", "q1"), ("q1", "o1", "q2"))),
        *({"kind": "change", "node": id, "data": {"text": "What do you think of the delivery and of the people?"}} for id in ("q1", "q2")),
    ]
    for command in commands:
        flows.change(editor.workspace_id, editor.flow_id, command, None)


def test_what_holds_is_proved_with_numbers_on_the_canvas_and_before_publishing(editor: Editor, line: Line) -> None:
    example = flows.create_from_example(editor.workspace_id, "delivery_feedback")
    template = flows.template_of(Flow.from_json(example.document), editor.workspace_id)
    assert template is not None
    template.status, template.updated_at = "approved", clock.now()
    db.session.commit()
    editor.flow_id = example.id
    page = editor.open().page
    page.get_by_role("button", name=re.compile("Checks")).click()
    proved = page.get_by_role("region", name="Proved")

    expect(proved).to_contain_text("Every path ends")
    assert re.search(r"Paths\s+\d+", proved.inner_text())
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Publish", exact=True).click()
    assert re.search(r"Longest time\s+\d", page.locator(".publish .proved-numbers").inner_text())
