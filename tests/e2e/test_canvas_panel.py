"""The panel beside the canvas: what is typed is saved, and what others type arrives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from flowbuilder import clock
from flowbuilder.core.flow import Flow
from flowbuilder.services import flows, transaction
from flowbuilder.store.accounts import Line
from tests.e2e.editor import SLOWLY, Editor
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_typing_in_the_panel_is_saved_and_shown_on_the_card(editor: Editor) -> None:
    id = editor.add("Message")
    editor.select(id)
    field = editor.page.get_by_role("textbox", name="Text", exact=True)
    field.press_sequentially("Hello {{name}}, how are you today?", delay=15)

    until(lambda: editor.nodes("message")[0]["data"]["text"] == "Hello {{name}}, how are you today?")
    expect(field).to_have_value("Hello {{name}}, how are you today?")
    assert field.evaluate("el => el === document.activeElement")
    until(lambda: "how are you" in editor.card("message").inner_text())
    expect(editor.card("message").locator(".var")).to_have_text("name")


def test_variables_are_offered_while_one_writes_and_chosen_by_keys(editor: Editor) -> None:
    keys = editor.page.keyboard
    editor.select(editor.add("Message"))
    field, insert = editor.page.get_by_role("textbox", name="Text", exact=True), editor.page.get_by_label("Insert a variable into: Text")
    names = insert.locator("option").evaluate_all("all => all.map((one) => one.value)")[1:]
    field.press_sequentially("Hi {{con")
    offered = editor.page.get_by_role("option", selected=True).and_(editor.page.locator(".completions li"))
    expect(offered).to_have_text(next(name for name in names if name.startswith("con")))
    keys.press("Enter")
    first = field.input_value()
    assert first == f"Hi {{{{{next(name for name in names if name.startswith('con'))}}}}}"
    insert.focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(field).to_have_value(first)
    keys.press("Enter")
    expect(field).to_be_focused()
    until(lambda: editor.nodes("message")[0]["data"]["text"] == f"{first}{{{{{names[1]}}}}}")


def test_what_is_typed_for_a_variable_is_made_a_name_or_told_why_it_cannot_be(editor: Editor) -> None:
    editor.select(editor.add("Open question"))
    field = editor.page.get_by_label("Keep the answer as")
    field.fill("Número de documento")
    field.press("Tab")
    expect(field).to_have_value("numero_de_documento")
    until(lambda: editor.nodes("open_question")[0]["data"]["variable"] == "numero_de_documento")
    field.fill("2nd name")
    field.press("Tab")
    expect(editor.page.get_by_role("alert")).to_have_text("A name begins with a letter. Put one first.")
    field.fill("second name")
    expect(editor.page.get_by_role("alert")).to_have_count(0)


def test_answers_are_added_renamed_and_removed_and_keep_their_ids(editor: Editor) -> None:
    id = editor.add("Answer options")
    editor.select(id)
    answers = editor.page.get_by_label("Answer", exact=True)
    answers.nth(0).fill("Yes")
    answers.nth(1).fill("No")
    answers.nth(1).press("Tab")
    expect(editor.page.get_by_label("This answer goes to").nth(1)).to_be_focused()
    editor.page.keyboard.press("Tab")
    expect(editor.page.get_by_label("Remove the answer").nth(1)).to_be_focused()
    answers.nth(1).press("Enter")
    answers.nth(0).press("Enter")
    answers.nth(1).press("Enter")
    expect(answers.nth(2)).to_be_focused()
    answers.nth(2).fill("Later")
    expect(editor.page.get_by_role("button", name="Add answer")).to_be_disabled()
    answers.nth(2).press("Enter")
    expect(editor.page.get_by_text("WhatsApp shows 3 buttons at most")).to_be_visible()
    until(lambda: [one["title"] for one in editor.nodes("answer_options")[0]["data"]["options"]] == ["Yes", "No", "Later"])
    ids = [one["id"] for one in editor.nodes("answer_options")[0]["data"]["options"]]
    editor.page.get_by_label("Remove the answer").nth(1).click()
    until(lambda: [one["id"] for one in editor.nodes("answer_options")[0]["data"]["options"]] == [ids[0], ids[2]])

    until(lambda: editor.card("answer_options").locator(".port").all_inner_texts() == ["Yes", "Later", "Otherwise", "No reply"])
    editor.page.get_by_role("radio", name="List").check()
    answers.nth(1).press("Enter")
    expect(answers.nth(2)).to_be_focused()


def test_silence_reminders_and_waiting_for_more_are_set_in_the_panel(editor: Editor) -> None:
    editor.select(editor.add("Open question"))
    editor.page.get_by_label("Wait for more, in seconds").fill("4")
    until(lambda: editor.nodes("open_question")[0]["data"].get("joins") == 4)
    editor.page.get_by_text("No reply and reminders").click()
    editor.page.get_by_role("spinbutton", name="Wait for an answer at most").fill("3")
    editor.page.get_by_label("Unit of: Wait for an answer at most").select_option("hours")
    editor.page.get_by_role("button", name="Add reminder").click()
    editor.page.get_by_label("Text of the reminder").fill("Still there?")
    told = {"after": 10800, "reminders": [{"after": 3600, "text": "Still there?"}]}
    until(lambda: editor.nodes("open_question")[0]["data"].get("silence") == told)


def test_the_form_stays_where_it_is_while_problems_come_and_go_in_its_head(editor: Editor) -> None:
    finish = editor.add("Finish")
    editor.select(editor.add("Message"))
    page, field, head = (
        editor.page,
        editor.page.get_by_role("textbox", name="Text", exact=True),
        editor.page.locator("[data-step-findings]"),
    )
    count, told = head.get_by_role("button").first, head.get_by_role("listitem")
    before = field.bounding_box()
    expect(count).to_have_text("3 errors")
    count.click()
    told.get_by_role("button", name="Enter the text.").click()
    expect(field).to_be_focused()
    expect(told.first).to_be_hidden()
    field.fill("Hello there, how are you today?")
    expect(count).to_have_text("2 errors")
    count.press("Enter")
    page.keyboard.press("Escape")
    expect(count).to_be_focused()
    expect(told.first).to_be_hidden()
    page.get_by_label("Then goes to").select_option(finish)
    expect(count).to_have_text("1 error")
    assert field.bounding_box() == before


def test_a_field_says_what_is_wrong_with_it_as_soon_as_it_is_left(editor: Editor) -> None:
    editor.add("Data authorization")
    policy, tries = editor.page.get_by_label("Address of your data policy"), editor.page.get_by_label("Tries")
    said = editor.page.locator("[data-finding-note]")
    policy.fill("shop.example/privacy")
    editor.saved()
    expect(said).to_have_count(0)
    policy.press("Tab")
    expect(said).to_have_text("The link must be a whole address, such as https://example.com/page.")
    expect(policy).to_have_attribute("aria-invalid", "true")
    policy.fill("https://shop.example/privacy")
    expect(said).to_have_count(0)
    editor.page.get_by_text("Other answers").click()
    tries.fill("99")
    tries.press("Tab")
    expect(tries).to_have_accessible_description("Enter a whole number from 1 to 10.")
    field, note = tries.bounding_box(), said.bounding_box()
    assert field and note and note["y"] >= field["y"] + field["height"]
    editor.page.get_by_role("textbox", name="Text", exact=True).evaluate("el => (el.style.height = '200px')")  # As drawn by its corner.
    editor.add("Message")
    expect(said).to_have_count(0)


def test_of_a_number_that_is_refused_no_beginning_is_kept(editor: Editor) -> None:
    page, hours = editor.page, editor.page.get_by_role("spinbutton", name="Ends after this many hours of silence")
    hours.click(click_count=3)
    page.keyboard.type("50")
    until(lambda: editor.document["settings"]["expires_after"] == 50 * 3600)
    page.keyboard.type("00")
    until(lambda: editor.document["settings"]["expires_after"] == 24 * 3600)
    page.keyboard.press("Tab")
    expect(hours).to_have_accessible_description("Enter a whole number from 1 to 720.")
    expect(hours).to_have_value("5000")
    editor.saved()
    editor.open()
    expect(hours).to_have_value("24")


def test_a_note_is_drawn_to_a_size_by_its_corner_and_by_keys_and_stays_so(editor: Editor) -> None:
    note = editor.add("Note")
    card, mouse = editor.page.locator(f'.step[data-id="{note}"]'), editor.page.mouse
    old = card.bounding_box()
    assert old
    corner = old["x"] + old["width"] - 2, old["y"] + old["height"] - 2
    mouse.move(*corner)
    mouse.down()
    mouse.move(corner[0] + 60, corner[1] + 100, steps=6)
    mouse.up()
    drawn = until(lambda: (data := editor.nodes("note")[0]["data"]) and data.get("width") and data)
    editor.saved()

    assert (drawn["width"], drawn["height"]) == (280, 160)
    card.focus()
    editor.page.evaluate("(node) => flowCanvas.sync.send({ kind: 'change', node, data: { text: 'Soon' } }, { wait: 1000 })", note)
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        editor.page.keyboard.press(f"Alt+Shift+{key}")
    until(lambda: (data := editor.nodes("note")[0]["data"])["height"] == 180 and data["width"] == 300)
    expect(editor.page.get_by_label("Width")).to_have_value("300")
    editor.open()
    assert card.locator(".note-text").evaluate("el => [el.offsetWidth, el.offsetHeight]") == [300, 180]
    editor.page.keyboard.press("Control+z")
    until(lambda: (data := editor.nodes("note")[0]["data"])["height"] == 160 and data["width"] == 280)


def test_an_answer_is_connected_in_the_panel(editor: Editor) -> None:
    finish = editor.add("Finish")
    question = editor.add("Open question")
    editor.select(question)
    editor.page.get_by_label("Once answered, goes to").select_option(finish)

    until(lambda: (question, "answered", finish) in editor.edges())
    expect(editor.page.locator(".edge")).to_have_count(1)
    editor.page.keyboard.press("Control+z")
    expect(editor.page.locator(".edge")).to_have_count(0)
    editor.page.keyboard.press("Control+y")
    expect(editor.page.locator(".edge")).to_have_count(1)
    goal = editor.page.get_by_label("Once answered, goes to")
    goal.focus()
    goal.select_option(label="Message (new)")
    message = until(lambda: editor.nodes("message"))[0]["id"]
    until(lambda: {(question, "answered", message), (message, "next", finish)} <= editor.edges())
    expect(editor.page.locator("[data-live]")).to_have_text("Added Message after “Answered”.")
    expect(goal).to_be_focused()
    expect(goal).to_have_value(message)
    editor.page.keyboard.press("Tab")
    editor.page.keyboard.press("Enter")
    expect(editor.page.get_by_role("textbox", name="Text", exact=True)).to_be_focused()
    before = editor.page.get_by_label("Then goes to").locator(f"option[value={question}]")
    expect(before).to_be_disabled()
    expect(before).to_have_text(re.compile(r"\(comes before\)$"))


def test_keys_walk_the_goals_of_an_answer_and_enter_decides(editor: Editor) -> None:
    finish = editor.add("Finish")
    editor.select(editor.add("Message"))
    goal, keys = editor.page.get_by_label("Then goes to"), editor.page.keyboard
    goal.focus()
    for key in ("ArrowDown", "ArrowDown", "O", "ArrowUp"):
        keys.press(key)
    editor.settle()
    assert len(editor.document["nodes"]) == 3
    assert editor.edges() == set()
    keys.press("Escape")
    goal.focus()
    for key in ("ArrowDown", "Tab"):
        keys.press(key)
    expect(editor.page.locator("#toasts")).to_contain_text("No step was added")
    expect(goal).to_have_value("")
    assert len(editor.document["nodes"]) == 3
    goal.focus()
    keys.press("End")
    keys.press("Enter")
    until(lambda: {target for _, _, target in editor.edges()} == {finish})
    goal.focus()
    keys.press("Home")
    editor.select(finish)
    until(lambda: editor.edges() == set())


def test_the_card_follows_the_review_of_its_initial_message(editor: Editor, line: Line) -> None:
    example = flows.create_from_example(editor.workspace_id, "delivery_feedback")
    editor.flow_id = example.id
    editor.open()
    expect(editor.card("you_send_it")).to_contain_text("Draft")
    template = flows.template_of(Flow.from_json(example.document), editor.workspace_id)
    assert template is not None
    with transaction() as session:
        row = session.merge(template)
        row.status, row.updated_at = "approved", clock.now()

    until(lambda: "Approved" in editor.card("you_send_it").inner_text(), within=4)


def test_what_another_tab_types_arrives_in_the_open_panel(editor: Editor, page: Page) -> None:
    id = editor.add("Message")
    editor.select(id)
    flows.change(editor.workspace_id, editor.flow_id, {"kind": "change", "node": id, "data": {"text": "From elsewhere"}}, None)

    until(lambda: editor.page.get_by_role("textbox", name="Text", exact=True).input_value() == "From elsewhere", within=4)
    expect(editor.card("message")).to_contain_text("From elsewhere")


def test_a_panel_that_comes_late_comes_over_nothing_and_takes_no_keys_from_where_one_has_gone(editor: Editor) -> None:
    editor.select("n1")
    message = editor.add("Message")
    page, board = editor.page, "flowCanvas.board"
    page.evaluate(SLOWLY)
    page.evaluate(f"{board}.select([])")
    page.wait_for_function("() => window.isComing")
    page.evaluate(f"{board}.selectEdge({board}.edges.get('n1 continue'))")
    page.wait_for_function("() => !window.isComing")
    editor.settle()
    expect(page.get_by_role("button", name="Lead it elsewhere")).to_be_visible()

    page.locator(f'.step[data-id="{message}"]').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.isComing")
    opening = page.locator('.step[data-id="n1"]')
    opening.focus()
    expect(page.locator(f'[data-step-form="{message}"]')).to_have_count(1)
    editor.settle()
    expect(opening).to_be_focused()
