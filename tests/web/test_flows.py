"""My flows and the editor's answers, as pages and JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.flows import FlowChange, FlowDraft
from tests import worlds

JSON = {"Accept": "application/json"}


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


@pytest.fixture
def designer(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("designer")


@pytest.fixture
def draft(workspace: Workspace) -> FlowDraft:
    return flows.create(workspace.id, "Order <b>ready</b>")


def gesture(client: FlaskClient, draft: FlowDraft, command: dict, key: str = "k1", seen: int = 0, verb: str = "changes"):  # noqa: ANN201
    return client.post(f"/flows/{draft.id}/{verb}", json={"command": command, "key": key, "seen": seen}, headers=JSON)


ADD = {"kind": "add_node", "node": {"id": "m1", "kind": "message", "data": {"text": "Hi {{name}} <script>"}}, "at": [300, 40]}


def test_an_empty_list_explains_itself(designer: FlaskClient) -> None:
    page = soup(designer.get("/flows").text)

    assert "Draw your first conversation" in page.select_one(".empty-state").text
    assert page.find("button", string=lambda text: text and "Create new flow" in text) or "Create new flow" in page.text


def test_a_flow_without_a_name_keeps_the_dialog_open_and_says_why(designer: FlaskClient) -> None:
    answer = designer.post("/flows", data={"name": " "})

    assert answer.status_code == 422
    assert soup(answer.text).select_one("#flow-name-error").text.strip() == "Enter a name for the flow."
    assert soup(answer.text).select_one("[data-open-dialog=new-flow]")


def test_a_row_names_the_flow_its_id_and_status(designer: FlaskClient, draft: FlowDraft) -> None:
    row = soup(designer.get("/flows").text).select_one(".flow-table tbody tr")

    assert "Order <b>ready</b>" in row.text and not row.select("b")
    assert row.select_one("[data-copy]")["data-copy"] == draft.id
    assert "Draft" in row.text


def test_a_row_tells_its_version_who_is_in_it_now_and_the_last_change(designer: FlaskClient, line: Line) -> None:
    version = worlds.version(line)
    version.flow.published = 1
    for number, status in enumerate(("in_progress", "with_person", "finished")):
        contact = Contact(id=f"con_{number}", workspace_id=line.workspace_id, wa_id=f"49{number}", created_at=clock.now())
        db.session.add(contact)
        db.session.flush()
        told = {"flow_id": version.flow_id, "version_id": version.id, "contact_id": contact.id, "line_id": line.id, "state": {}}
        times = {"started_at": clock.now(), "updated_at": clock.now()}
        db.session.add(Conversation(id=f"cnv_{number}", workspace_id=line.workspace_id, status=status, **told, **times))
    db.session.commit()
    row = soup(designer.get("/flows").text).select_one(".flow-table tbody tr")

    assert row.select_one(".status").text == "Version 1"
    assert row.select_one("[data-label='People in it']").text == "2"
    assert row.select_one("[data-label='Last change'] time")["datetime"].startswith(f"{version.flow.updated_at:%Y-%m-%dT%H:%M}")


def test_the_list_is_searched_by_words(designer: FlaskClient, draft: FlowDraft, workspace: Workspace) -> None:
    flows.create(workspace.id, "Feedback")
    page = soup(designer.get("/flows?q=feed").text)

    assert [link.text for link in page.select(".flow-table .main-cell a")] == ["Feedback"]


def test_a_deleted_flow_can_be_restored_from_its_list(designer: FlaskClient, draft: FlowDraft) -> None:
    designer.post(f"/flows/{draft.id}/delete")
    assert designer.get(f"/flows/{draft.id}").status_code == 404
    assert "Restore" in soup(designer.get("/flows?show=deleted").text).select_one(".flow-table").text
    designer.post(f"/flows/{draft.id}/restore")

    assert designer.get(f"/flows/{draft.id}").status_code == 200


def test_the_editor_holds_the_cards_and_what_the_canvas_starts_from(designer: FlaskClient, draft: FlowDraft) -> None:
    gesture(designer, draft, ADD)
    page = soup(designer.get(f"/flows/{draft.id}").text)
    start = json.loads(page.select_one("[data-canvas]")["data-start"])

    assert [card["data-id"] for card in page.select(".step")] == ["n1", "m1"] == start["order"]
    assert page.select_one('[data-id="m1"] .var').text == "name"
    assert "<script>" in page.select_one('[data-id="m1"] .step-text').text
    assert start["revision"] == 1 and start["findings"]


def test_a_finding_is_shown_by_its_way_when_somebody_asks(designer: FlaskClient, draft: FlowDraft) -> None:
    found = next(one for one in gesture(designer, draft, ADD).json["findings"] if one["node"] == "m1")

    way = designer.get(f"/flows/{draft.id}/findings/{found['key']}", headers=JSON)

    assert way.json["path"][-1] == "m1" and way.json["told"]
    assert designer.get(f"/flows/{draft.id}/findings/0", headers=JSON).status_code == 404


def test_no_page_has_inline_script_or_style(designer: FlaskClient, draft: FlowDraft) -> None:
    gesture(designer, draft, ADD)
    for path in ("/flows", f"/flows/{draft.id}", f"/flows/{draft.id}/steps/m1/panel", f"/flows/{draft.id}/publish"):
        page = soup(designer.get(path).text)

        assert not page.select("[style], style, script:not([src])")


def test_a_gesture_is_answered_with_the_touched_card_findings_and_toolbar(designer: FlaskClient, draft: FlowDraft) -> None:
    patch = gesture(designer, draft, ADD).json

    assert [card["id"] for card in patch["cards"] if card["kind"] == "message"] == ["m1"]
    assert patch["revision"] == 1 and patch["toolbar"]["undo"].startswith("Added Message")
    assert any(finding["node"] == "m1" for finding in patch["findings"])


def test_a_gesture_sent_twice_is_done_once_and_answered_alike(designer: FlaskClient, draft: FlowDraft) -> None:
    first = gesture(designer, draft, ADD)
    again = gesture(designer, draft, ADD)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json["revision"] == 1


def test_a_refused_gesture_says_why_in_one_sentence(designer: FlaskClient, draft: FlowDraft) -> None:
    answer = gesture(designer, draft, {"kind": "connect", "source": "n1", "port": "continue", "target": "nowhere"})

    assert answer.status_code == 409
    assert "no longer in the flow" in answer.json["error"]["text"]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"command": 1}', '{"command": {"kind": ["x"]}}', '{"command": {"kind": "add_node"}}'])
def test_a_broken_gesture_is_refused_and_changes_nothing(designer: FlaskClient, draft: FlowDraft, body: str) -> None:
    answer = designer.post(f"/flows/{draft.id}/changes", data=body, headers=JSON, content_type="application/json")

    assert answer.status_code in (409, 422)
    db.session.refresh(draft)
    assert draft.revision == 0


def test_news_are_empty_until_somebody_changes_something(designer: FlaskClient, draft: FlowDraft) -> None:
    start = json.loads(soup(designer.get(f"/flows/{draft.id}").text).select_one("[data-canvas]")["data-start"])
    asked = f"/flows/{draft.id}/changes?since=0&tag={start['tag']}"
    assert designer.get(asked, headers=JSON).status_code == 204
    gesture(designer, draft, ADD)

    assert [card["id"] for card in designer.get(asked, headers=JSON).json["cards"]] == ["m1"]


def test_undo_and_redo_answer_with_what_to_draw(designer: FlaskClient, draft: FlowDraft) -> None:
    gesture(designer, draft, ADD)
    undone = gesture(designer, draft, {"kind": "undo"}, key="k2", seen=1, verb="undo").json
    redone = gesture(designer, draft, {"kind": "redo"}, key="k3", seen=2, verb="redo").json

    assert undone["removed"] == ["m1"] and undone["toolbar"]["redo"]
    assert [card["id"] for card in redone["cards"] if card["kind"] == "message"] == ["m1"]


@pytest.mark.parametrize("kind", ["message", "answer_options", "open_question", "condition", "finish"])
def test_every_kind_has_a_card_and_a_panel(designer: FlaskClient, draft: FlowDraft, kind: str) -> None:
    gesture(designer, draft, {"kind": "add_node", "node": {"id": "s1", "kind": kind}, "at": [0, 0]})
    panel = soup(designer.get(f"/flows/{draft.id}/steps/s1/panel").text)

    assert panel.select_one("[data-step-form]")["data-step-form"] == "s1"
    assert soup(designer.get(f"/flows/{draft.id}").text).select_one('[data-id="s1"] .step-head')


def test_the_page_of_the_canvas_has_one_byte_for_each_character_and_says_what_was_written(designer: FlaskClient, draft: FlowDraft) -> None:
    words = "¿Qué tal, 李? <b>“&”</b> 🎉"
    gesture(designer, draft, {"kind": "add_node", "node": {"id": "s1", "kind": "message", "data": {"text": words}}, "at": [0, 0]})
    answer = designer.get(f"/flows/{draft.id}")

    assert answer.data.isascii()
    assert soup(answer.text).select_one('[data-id="s1"] .step-text').text == words
    assert all(script.text.isascii() and "&#" not in script.text for script in soup(answer.text).select("script, style"))


def test_panels_offer_what_a_variable_can_be_and_which_hold_a_result(designer: FlaskClient, draft: FlowDraft) -> None:
    for id, kind in (("s1", "validation"), ("s2", "answer_options"), ("s3", "condition"), ("s4", "validation_result")):
        data = KINDS[kind].blank() | ({"variable": "colour"} if kind == "answer_options" else {})
        if kind == "answer_options":
            data["options"] = [{"id": "o1", "title": "Red"}]
        gesture(designer, draft, {"kind": "add_node", "node": {"id": id, "kind": kind, "data": data}, "at": [0, 0]}, key=id)
    offered = soup(designer.get(f"/flows/{draft.id}/steps/s3/panel").text).select("#known-values option")

    told = {(one["value"], one["label"]) for one in offered}
    assert {("approved", "validation"), ("rejected", "validation"), ("expired", "validation"), ("Red", "colour")} <= told
    results = soup(designer.get(f"/flows/{draft.id}/steps/s4/panel").text).select("#step-variable-known option")
    assert [one["value"] for one in results] == ["validation"]


def test_the_panel_of_you_send_it_holds_the_initial_message(designer: FlaskClient, draft: FlowDraft) -> None:
    holder = soup(designer.get(f"/flows/{draft.id}/steps/n1/panel").text).select_one("#initial-message")

    assert holder["hx-get"] == f"/flows/{draft.id}/initial-message"
    assert holder["hx-trigger"] == "load"


def test_the_publish_dialog_lists_what_is_wrong(designer: FlaskClient, draft: FlowDraft) -> None:
    dialog = soup(designer.get(f"/flows/{draft.id}/publish").text)

    assert "refused while a check fails" in dialog.text
    assert dialog.select(".publish-findings li")
    assert designer.post(f"/flows/{draft.id}/publish", data={"revision": 0}).status_code == 409


def test_a_viewer_sees_the_canvas_and_can_change_nothing(sign_in: Callable[..., FlaskClient], draft: FlowDraft) -> None:
    viewer = sign_in("viewer")
    page = soup(viewer.get(f"/flows/{draft.id}").text)

    assert page.select_one("[data-canvas]").has_attr("data-read-only")
    assert not page.select("[data-palette], [data-publish]")
    assert gesture(viewer, draft, ADD).status_code == 403


def test_an_exported_file_can_be_imported(designer: FlaskClient, draft: FlowDraft) -> None:
    file = designer.get(f"/flows/{draft.id}/export")
    answer = designer.post("/flows/import", data={"file": (io.BytesIO(file.data), "flow.json")})

    assert answer.status_code == 303
    assert "attachment" in file.headers["Content-Disposition"]


def test_a_file_that_is_no_flow_is_refused_on_its_field(designer: FlaskClient) -> None:
    answer = designer.post("/flows/import", data={"file": (io.BytesIO(b"nope"), "flow.json")})

    assert answer.status_code == 422
    assert "not JSON" in soup(answer.text).select_one("#flow-file-error").text
    assert designer.get("/flows/import").location == "/flows", "where a reload or Back leads from there"


def test_the_history_is_told_in_words(designer: FlaskClient, draft: FlowDraft) -> None:
    gesture(designer, draft, ADD)

    page = soup(designer.get(f"/flows/{draft.id}/history").text)
    assert "Added Message" in page.text
    assert page.select_one("[data-older]") is None


def test_older_changes_are_asked_for_twice_as_many_at_a_time(designer: FlaskClient, draft: FlowDraft) -> None:
    gesture(designer, draft, ADD)
    first = db.session.query(FlowChange).filter_by(flow_id=draft.id).one()
    told = {"flow_id": draft.id, "kind": "do", "command": {}, "inverse": {}, "touched": {}, "words": "Moved it", "at": first.at}
    db.session.add_all(FlowChange(revision=first.revision + number, **told) for number in range(1, 101))
    db.session.commit()
    pages = [soup(designer.get(f"/flows/{draft.id}/history?shown={shown}").text) for shown in ("", "200", "nonsense")]

    assert [len(page.select("[data-go-to]")) for page in pages] == [100, 101, 100]
    assert [page.select_one("[data-older]") and page.select_one("[data-older]")["data-older"] for page in pages] == ["200", None, "200"]
