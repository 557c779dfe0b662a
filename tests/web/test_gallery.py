"""The gallery of examples, and bringing flows of other builders in after a look at what becomes of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flowbuilder.services import flows
from flowbuilder.services.flows import foreign
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.flows import FlowDraft

FOREIGN = Path(__file__).parents[1] / "data" / "imports"


@pytest.fixture
def designer(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("designer")


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def upload(client: FlaskClient, raw: bytes) -> TestResponse:
    return client.post("/flows/import", data={"file": (io.BytesIO(raw), "export.json")})


def test_the_gallery_draws_each_example_and_says_what_it_shows(designer: FlaskClient) -> None:
    page = soup(designer.get("/flows/examples"))
    cards = page.select(".gallery-card")

    assert len(cards) == len([one for one in flows.examples() if one.language == "en"])
    assert all(card.select("svg rect") and card.select_one(".gallery-kinds").text for card in cards)
    assert not page.select("[style]")


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_gallery_has_the_same_examples_in_each_language(designer: FlaskClient, language: str) -> None:
    page = soup(designer.get(f"/flows/examples?language={language}"))
    there = {link["href"].rsplit("/", 1)[1] for link in page.select(".gallery-look")}

    assert there == {f"{one.id}.{language}" for one in flows.examples() if one.language == "en"}


def test_an_example_is_looked_at_and_used(designer: FlaskClient, line: Line) -> None:
    page = soup(designer.get("/flows/examples/delivery_feedback"))
    used = designer.post("/flows/examples/delivery_feedback")

    assert len(page.select(".step")) == 12 and "48-1207" in page.select_one(".example-message").text
    assert used.status_code == 303
    assert db.session.query(FlowDraft).one().name == "Delivery feedback"


def test_an_example_that_does_not_exist_is_not_found(designer: FlaskClient) -> None:
    assert designer.get("/flows/examples/nothing").status_code == 404
    assert "No example in this language" in designer.get("/flows/examples?language=xx").text


def test_a_row_of_my_flows_names_the_line_of_the_initial_message(designer: FlaskClient, workspace: Workspace, line: Line) -> None:
    flows.create_from_example(workspace.id, "delivery_feedback")
    row = soup(designer.get("/flows")).select_one(".flow-table tbody tr")

    assert row.select_one("[data-label=Line]").text == line.name


def test_a_row_of_a_flow_that_people_begin_names_the_line_that_hears_them(designer: FlaskClient, workspace: Workspace, line: Line) -> None:
    document = json.loads((FOREIGN / "rapidpro_connected.json").read_text())
    draft, _ = foreign.take(workspace.id, foreign.pack(foreign.look_into(json.dumps(document).encode())), None)
    told = []
    for chosen in (None, line.id):
        flows.change(workspace.id, draft.id, {"kind": "change", "node": "start", "data": {"line": chosen}}, None)
        row = soup(designer.get(f"/flows?q={draft.id}")).select_one(".flow-table tbody tr")
        told.append(row.select_one("[data-label=Line]").text)

    assert told == ["Every line", line.name]


@pytest.mark.parametrize(
    ("name", "told"), [("typebot_connected", "“payment input” (a payment) has no counterpart"), ("rapidpro", "adding to groups")]
)
def test_what_has_no_counterpart_is_shown_before_anything_is_taken(designer: FlaskClient, name: str, told: str) -> None:
    page = soup(upload(designer, (FOREIGN / f"{name}.json").read_bytes()))

    assert any(told in notes.text for notes in page.select(".import-notes"))
    assert db.session.query(FlowDraft).count() == 0
    taken = designer.post("/flows/import/take", data={"packed": page.select_one("[name=packed]")["value"]})
    draft = db.session.query(FlowDraft).one()
    assert taken.headers["Location"].endswith(draft.id)
    assert designer.get(f"/flows/{draft.id}").status_code == 200


def test_several_flows_of_one_file_are_taken_together(designer: FlaskClient) -> None:
    page = soup(upload(designer, (FOREIGN / "rapidpro_connected.json").read_bytes()))

    assert len(page.select(".import-flow")) == 2
    designer.post("/flows/import/take", data={"packed": page.select_one("[name=packed]")["value"]})
    drafts = {draft.name: draft for draft in db.session.query(FlowDraft)}
    (leads,) = (node for node in drafts["Order status"].document["nodes"] if node["kind"] == "go_to_flow")
    assert leads["data"]["flow"] == drafts["How was it"].id


def test_a_flow_that_is_gone_over_to_is_found_in_the_workspace_by_its_name(designer: FlaskClient, workspace: Workspace) -> None:
    document = json.loads((FOREIGN / "rapidpro_connected.json").read_text())
    document["flows"].pop()
    there = flows.create_from_example(workspace.id, "delivery_feedback")
    flows.rename(workspace.id, there.id, "How was it", None)
    (draft,) = foreign.take(workspace.id, foreign.pack(foreign.look_into(json.dumps(document).encode())), None)

    assert [node["data"]["flow"] for node in draft.document["nodes"] if node["kind"] == "go_to_flow"] == [there.id]


@pytest.mark.parametrize("packed", ["", "nonsense", "eJwDAAAAAAE=", "eJyLjgUAARUAuQ=="])
def test_what_does_not_arrive_whole_is_refused_on_the_page(designer: FlaskClient, packed: str) -> None:
    answer = designer.post("/flows/import/take", data={"packed": packed})

    assert answer.status_code == 422
    assert "Choose the file again" in soup(answer).select_one("#flow-file-error").text


def test_an_export_that_cannot_be_read_is_refused_in_one_sentence(designer: FlaskClient) -> None:
    answer = upload(designer, json.dumps({"version": 10, "flows": [{"action_sets": []}]}).encode())

    assert answer.status_code == 422
    assert "older than version 13" in soup(answer).select_one("#flow-file-error").text


def test_a_file_too_large_for_a_form_is_left_to_the_command_line(designer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "PACKED_MAX", 10)

    assert "flowbuilder flow import" in upload(designer, (FOREIGN / "typebot.json").read_bytes()).text
