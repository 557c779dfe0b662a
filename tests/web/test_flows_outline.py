"""The outline as pages and forms, which work without script."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.core.flow import Flow
from flowbuilder.services import flows
from flowbuilder.services.accounts import providers
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.flows import FlowDraft
from tests import worlds


@pytest.fixture
def designer(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("designer")


@pytest.fixture
def draft(workspace: Workspace) -> FlowDraft:
    return flows.create(workspace.id, "Order ready")


def page(client: FlaskClient, draft: FlowDraft, **args: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(f"/flows/{draft.id}/outline", query_string=args).text, "html.parser")


def post(client: FlaskClient, draft: FlowDraft, verb: str, **form: str) -> BeautifulSoup:
    answer = client.post(f"/flows/{draft.id}/outline/{verb}", data=form, follow_redirects=True)
    return BeautifulSoup(answer.text, "html.parser")


def edges(draft: FlowDraft) -> set[tuple[str, str, str]]:
    db.session.expire_all()
    return {(edge["source"], edge["port"], edge["target"]) for edge in db.session.get(FlowDraft, draft.id).document["edges"]}


def add(client: FlaskClient, draft: FlowDraft, at: str, kind: str) -> str:
    before = {row["data-step"] for row in page(client, draft).select("[data-step]")}
    after = {row["data-step"] for row in post(client, draft, "lead", at=at, to=f"new {kind}").select("[data-step]")}
    return (after - before).pop()


def test_a_step_is_added_between_an_answer_and_where_it_led(designer: FlaskClient, draft: FlowDraft) -> None:
    finish = add(designer, draft, "n1 continue", "finish")
    message = add(designer, draft, "n1 continue", "message")

    assert edges(draft) == {("n1", "continue", message), (message, "next", finish)}
    assert [row["data-step"] for row in page(designer, draft).select("[data-step]")] == ["n1", message, finish]


def test_a_connection_that_would_close_a_circle_is_not_offered_and_refused_at_its_place(designer: FlaskClient, draft: FlowDraft) -> None:
    first = add(designer, draft, "n1 continue", "message")
    second = add(designer, draft, f"{first} next", "message")
    form = BeautifulSoup(designer.get(f"/flows/{draft.id}/outline", query_string={"at": f"{second} next"}).text, "html.parser")
    (offered,) = form.select(f"#to option[value={first}]")
    assert offered.has_attr("disabled") and offered.text.endswith("(comes before)")
    answer = designer.post(f"/flows/{draft.id}/outline/lead", data={"at": f"{second} next", "to": first})

    assert answer.status_code == 409
    assert "close a circle" in BeautifulSoup(answer.text, "html.parser").select_one("[role=alert]").text


def test_steps_are_moved_removed_and_brought_back(designer: FlaskClient, draft: FlowDraft) -> None:
    first = add(designer, draft, "n1 continue", "message")
    second = add(designer, draft, f"{first} next", "message")
    post(designer, draft, "move", step=second, way="up")
    assert ("n1", "continue", second) in edges(draft)
    post(designer, draft, "remove", step=first)
    assert edges(draft) == {("n1", "continue", second)}
    post(designer, draft, "undo")

    assert (second, "next", first) in edges(draft)
    answer = designer.post(f"/flows/{draft.id}/outline/remove", data={"step": first}, headers={"HX-Request": "true"})
    assert json.loads(answer.headers["HX-Trigger"])["toast"] == {"text": "Deleted Message.", "level": "undoable"}


def test_a_step_that_cannot_be_moved_is_told_why_and_an_end_never_moves(designer: FlaskClient, draft: FlowDraft) -> None:
    first = add(designer, draft, "n1 continue", "message")
    finish = add(designer, draft, f"{first} next", "finish")
    arrows = {arrow["id"]: arrow["title"] for arrow in page(designer, draft).select("[aria-disabled]")}
    assert arrows == {
        f"up-{first}": "It can’t be moved up: the step before it opens the flow.",
        f"down-{first}": "It can’t be moved down: what follows it ends the flow.",
    }
    assert not page(designer, draft).select(f"#up-{finish}, #down-{finish}")
    answer = designer.post(f"/flows/{draft.id}/outline/move", data={"step": first, "way": "up"})

    assert answer.status_code == 409 and "can&#39;t be moved up" in answer.text


def test_a_viewer_reads_and_changes_nothing(sign_in: Callable[..., FlaskClient], draft: FlowDraft) -> None:
    shown = page(sign_in("viewer"), draft, at="n1 continue")

    assert shown.select("[data-step]") and not shown.select("form[action*=outline]")


def test_a_lone_list_is_part_of_the_page(designer: FlaskClient, draft: FlowDraft) -> None:
    answer = designer.get(f"/flows/{draft.id}/outline", headers={"HX-Request": "true"}).text

    assert answer.strip().startswith('<section class="outline"') and "<html" not in answer


def test_a_copy_of_a_step_lies_beside_it_and_is_opened(designer: FlaskClient, draft: FlowDraft) -> None:
    first = add(designer, draft, "n1 continue", "message")
    shown = post(designer, draft, "copy", step=first)

    assert [row.text for row in shown.select(".outline-words")][1:] == ["Message", "Message (2)"]
    assert shown.select_one("#outline")["data-chosen"] not in ("", first)
    assert edges(draft) == {("n1", "continue", first)}
    assert designer.post(f"/flows/{draft.id}/outline/copy", data={"step": "n1"}).status_code == 409
    told = designer.post(f"/flows/{draft.id}/outline/copy", data={"step": first}, headers={"HX-Request": "true"}).headers["HX-Trigger"]
    assert "Step 4 is a copy of step 2. Nothing leads to it yet." in told


def test_steps_that_are_there_and_new_ones_are_told_apart_where_an_answer_leads(designer: FlaskClient, draft: FlowDraft) -> None:
    finish = add(designer, draft, "n1 continue", "finish")
    chooser = page(designer, draft, at="n1 continue").select_one("#to")
    groups = {group["label"]: [option.text for option in group.select("option")] for group in chooser.select("optgroup")}

    assert list(groups.items())[-1] == ("Existing steps", ["2. Finish “Success”"])
    assert "Finish (new)" in groups["Add a new step: Frequent"]
    assert chooser.select_one("[selected]")["value"] == finish


def test_a_new_validation_has_the_only_provider_there_is(designer: FlaskClient, draft: FlowDraft) -> None:
    details = providers.Details(name="Example", base_url="https://identity.example.com", secret=providers.new_secret(), checks=["face"])
    only = providers.add(draft.workspace_id, details, user_id=None)
    add(designer, draft, "n1 continue", "validation")
    db.session.expire_all()
    data = db.session.get(FlowDraft, draft.id).document["nodes"][-1]["data"]
    assert (data["provider"], data["check"]) == (only.id, "face")


def test_a_live_flow_does_not_stand_in_its_own_way(designer: FlaskClient, workspace: Workspace) -> None:
    opening = ("n1", "user_sends_it", {"phrases": [{"id": "p1", "text": "order"}]})
    document = worlds.flow(opening, ("n2", "finish", {"outcome": "success"}), edges=(("n1", "next", "n2"),))
    live = flows.drafts.create_from(workspace.id, document, None)
    flows.publish(workspace.id, live.id, None)
    assert "starts the flow" not in designer.get(f"/flows/{live.id}/outline").text


def test_the_panel_beside_the_list_does_not_draw_into_it(designer: FlaskClient, draft: FlowDraft) -> None:
    assert page(designer, draft).select_one("[data-panel]").find_parents(attrs={"hx-target:inherited": True}) == []


def test_the_outline_names_what_the_person_taps_under_the_initial_message(designer: FlaskClient, workspace: Workspace, line: Line) -> None:
    example = flows.create_from_example(workspace.id, "document_validation")
    shown = page(designer, example)
    assert {one["data-status"] for one in shown.select(".outline-head:has(.step-finish) [data-status]")} == {
        "success",
        "failure",
        "neutral",
    }
    assert len({one.text for one in shown.select(".outline-results")}) == len(shown.select(".outline-results")) > 0
    initial = flows.template_of(Flow.from_json(example.document), workspace.id).content
    whole = page(designer, example)
    start = whole.select_one("#step-n1")
    told = next(node["ports"] for node in json.loads(whole.select_one("#outline")["data-start"])["nodes"] if node["id"] == "n1")
    answers = [one.text for one in start.select(".outline-answer")]

    assert "“" in start.select_one(".outline-words").text and start.select_one("[data-status]").text == "Draft"
    assert answers == [initial["continue_option"], initial["finish_option"], "No reply"] and answers[1] != "Cancel"
    assert [label for _, label in told] == answers
