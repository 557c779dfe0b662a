"""The panels of steps in a real browser: another opening, a file, shares, and nothing that axe-core or the policy minds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.store.accounts import Line, Workspace
from tests import worlds
from tests.e2e.axe import serious
from tests.e2e.editor import Editor
from tests.fixtures.browser import in_clothes
from tests.fixtures.servers import until
from tests.media import picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(params=[("light", 1440), ("dark", 390)], ids=lambda it: f"{it[0]}-{it[1]}")
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with in_clothes(browser, *request.param) as page:
        yield page


def _every_kind(workspace: Workspace) -> Any:
    """A flow with a blank step of every kind."""
    nodes = [{"id": f"n{at}", "kind": kind.name, "data": kind.blank()} for at, kind in enumerate(KINDS.values())]
    layout = {node["id"]: [300 * (at % 5), 400 * (at // 5)] for at, node in enumerate(nodes)}
    return flows.drafts.create_from(workspace.id, {"schema": 1, "name": "All", "nodes": nodes, "edges": [], "layout": layout}, None)


def _try(page: Page, address: str) -> None:
    """So that an answer stands in the panel; the sample of a variable is asked for as soon as the address has it."""
    page.get_by_label("Address", exact=True).fill(address)
    page.locator("summary").get_by_text("Try it", exact=True).click()
    page.get_by_placeholder("a sample value").fill("48")
    page.get_by_role("button", name="Try it", exact=True).click()
    expect(page.get_by_label("Answer", exact=True)).to_contain_text("not_found")


def test_axe_finds_nothing_serious_in_the_panel_of_any_step(
    window: Page, enter: Callable[..., str], workspace: Workspace, line: Line
) -> None:
    line.is_simulator = True
    draft = _every_kind(workspace)
    editor = Editor(window, enter(window), workspace.id, draft.id).open()
    faults = {}
    for node in editor.document["nodes"]:
        window.evaluate("id => window.flowCanvas.board.select([id])", node["id"])
        window.wait_for_selector(f'[data-step-form="{node["id"]}"]')
        if node["kind"] == "http_request":
            _try(window, f"{editor.url}/{{{{order}}}}")
        faults[node["kind"]] = serious(window)
    assert {kind: found for kind, found in faults.items() if found} == {}


def test_the_opening_is_filled_in_and_changed_in_its_panel_and_its_link_can_be_copied(
    editor: Editor, workspace: Workspace, line: Line
) -> None:
    page = editor.page
    message = {"template": worlds.template(line).id}
    flows.change(workspace.id, editor.flow_id, {"kind": "change", "node": "n1", "data": message}, None)
    editor.open().select("n1")
    expect(page.get_by_label("“Cancel” goes to")).to_be_visible()
    page.get_by_label("first_name", exact=True).select_option("The contact’s first name")
    page.get_by_label("If the contact has none: first_name").fill("friend")
    filled = {"filled": {"first_name": "{{contact.first_name}}"}, "otherwise": {"first_name": "friend"}}
    until(lambda: editor.nodes("you_send_it")[0]["data"] == message | filled)
    page.get_by_label("first_name", exact=True).select_option("Always the same")
    page.get_by_label("Words for first_name").fill("all")
    until(lambda: editor.nodes("you_send_it")[0]["data"]["filled"] == {"first_name": "all"})

    page.get_by_role("radio", name="User sends it").check(force=True)
    expect(editor.card("user_sends_it")).to_be_visible()
    expect(editor.card("you_send_it")).to_have_count(0)

    page.get_by_role("textbox", name="Phrase").fill("¡Hola!")
    until(lambda: editor.nodes("user_sends_it")[0]["data"]["phrases"][0]["text"] == "¡Hola!")
    expect(page.get_by_role("img", name="QR code of the link")).to_be_visible()
    expect(page.locator(".invitation")).to_contain_text("text=%C2%A1Hola%21")


def test_a_picture_is_uploaded_in_the_panel_and_stands_on_the_card(editor: Editor, tmp_path: Path) -> None:
    page = editor.page
    id = editor.add("Message")
    page.get_by_role("radio", name="Image").check(force=True)
    file = tmp_path / "shoes.png"
    file.write_bytes(picture())
    page.get_by_label("Picture", exact=True).set_input_files(file)
    until(lambda: editor.nodes("message")[0]["data"].get("medium", {}).get("name") == "shoes.png")
    expect(page.locator(f'.step[data-id="{id}"] img')).to_have_attribute("alt", "shoes.png")
    expect(page.locator(".panel-file")).to_contain_text("shoes.png")

    page.get_by_label("Picture", exact=True).set_input_files(files={"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.locator("#step-file-image-error")).to_contain_text("whatever its name says")


def test_shares_are_numbers_and_half_typed_ones_break_nothing(editor: Editor) -> None:
    page = editor.page
    editor.add("A/B split")
    percent = page.get_by_role("spinbutton", name="Percent").first
    percent.fill("")
    percent.press_sequentially("70")
    until(lambda: editor.nodes("split")[0]["data"]["shares"][0]["share"] == 70)


def test_the_limits_of_an_answer_are_those_of_its_type(editor: Editor) -> None:
    editor.select(editor.add("Open question"))
    page, type = editor.page, editor.page.get_by_label("Type of answer")

    def kept() -> tuple[str, str | None, str | None]:
        (node,) = editor.nodes("open_question")
        return node["data"]["answer"], node["data"].get("least"), node["data"].get("most")

    type.select_option("number")
    page.get_by_label("At least").fill("500")
    until(lambda: kept() == ("number", "500", None))
    type.select_option("text")
    until(lambda: kept() == ("text", None, None))
    expect(page.get_by_label("Shortest, in characters")).to_have_value("")
    page.locator("[data-act=undo]").click()
    until(lambda: kept() == ("number", "500", None))
    expect(page.get_by_label("At least")).to_have_value("500")


def test_the_panel_shows_what_is_said_after_a_wrong_answer_as_long_as_nothing_else_is_written(editor: Editor) -> None:
    page = editor.page
    editor.add("Open question")
    page.locator("summary", has_text="Answers that cannot be taken").click()
    said = page.get_by_label("Text after such an answer")
    page.get_by_label("Shortest, in characters").fill("6")
    expect(said).to_have_value("Please answer with at least 6 characters, or send {{exit_word}} to leave.")
    expect(page.locator("[data-counter][for=step-retry_text]")).to_have_text("61 / 4,096")
    page.get_by_label("Type of answer").select_option(label="E-mail address")
    expect(said).to_have_value("Please send an e-mail address, such as ana@example.com, or send {{exit_word}} to leave.")

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_label("Word that ends the conversation").fill("")
    expect(page.get_by_label("Said when neither option")).to_have_value("Please choose one of the options.")
    editor.select(editor.nodes("open_question")[0]["id"])
    expect(said).to_have_value("Please send an e-mail address, such as ana@example.com.")
