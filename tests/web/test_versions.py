"""Versions of a flow in the browser: the list, one of them, two compared, one restored, and people moved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.flows import FlowDraft, FlowVersion
from tests import worlds
from tests.services.test_moving import another_answer, person, publish


@pytest.fixture
def old(line: Line) -> FlowVersion:
    return worlds.version(line)


@pytest.fixture
def new(old: FlowVersion) -> FlowVersion:
    return publish(old, another_answer)


@pytest.fixture
def designer(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("designer")


def page(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return BeautifulSoup(answer.text, "html.parser")


def test_the_list_names_each_version_who_is_in_it_and_which_is_live(designer, line, old, new) -> None:
    person(line, old)
    rows = page(designer, f"/flows/{old.flow_id}/versions").select(".flow-table tbody tr")

    assert [row.select_one("a").text for row in rows] == ["Version 2", "Version 1"]
    assert "Live" in rows[0].text and "Live" not in rows[1].text
    assert [row.select_one(".figures").text for row in rows] == ["–", "1"]


def test_a_flow_that_was_never_published_says_so(designer, workspace) -> None:
    draft = flows.create(workspace.id, "New")

    assert "Nothing is published yet" in page(designer, f"/flows/{draft.id}/versions").text
    assert designer.get(f"/flows/{draft.id}/versions/1").status_code == 404


def test_an_old_version_is_drawn_and_cannot_be_changed(designer, old, new) -> None:
    found = page(designer, f"/flows/{old.flow_id}/versions/1")

    assert len(found.select(".step")) == 4
    assert found.select_one("[data-drawing]").has_attr("data-read-only")


def test_two_versions_are_compared_in_words_and_on_the_canvas(designer, old, new) -> None:
    found = page(designer, f"/flows/{old.flow_id}/compare?old=1&new=2")

    assert "added “Blue”, removed “Red”, removed “Green”" in found.select_one(".changes").text
    assert found.select_one('[data-id="n2"]')["aria-label"].endswith(", changed")
    assert "Changed: 1 step" in found.select_one(".legend").text
    assert '["n2", "r", "n3"]' in found.select_one("[data-drawing]")["data-removed"]


def test_what_came_and_what_only_lies_elsewhere_are_marked_apart(designer, old, new) -> None:
    place = new.flow.workspace_id, new.flow_id
    added = {"kind": "add_node", "node": {"id": "m1", "kind": "message", "data": {"text": "Hi"}}, "at": [900, 900]}
    flows.change(*place, added, None)
    flows.change(*place, {"kind": "connect", "source": "n2", "port": "b", "target": "m1"}, None)
    flows.change(*place, {"kind": "move", "positions": {"n4": [1500, 40], "n2": [400, 300]}}, None)
    found = page(designer, f"/flows/{old.flow_id}/compare?old=1&new=draft")
    marks = {card["data-id"]: card.get("data-mark") for card in found.select(".step")}

    assert marks == {"n1": None, "n2": "Changed", "n3": None, "n4": "Moved", "m1": "Added"}
    assert [line.text.strip() for line in found.select(".legend li")] == ["Added: 1 step", "Changed: 1 step", "Moved: 1 step"]
    assert '["n2", "b"]' in found.select_one("[data-drawing]")["data-added"]
    assert len(found.select(".changes .is-added")) == 1 and found.select(".changes .is-moved")


def test_a_step_that_is_gone_is_still_drawn_beside_the_others(designer, old, new) -> None:
    remove = {"kind": "remove", "nodes": ["n3"]}
    flows.change(new.flow.workspace_id, new.flow_id, remove, None)
    found = page(designer, f"/flows/{old.flow_id}/compare?old=2&new=draft")
    gone = found.select_one('[data-id="n3"]')

    assert gone["data-mark"] == "Removed" and "is-removed" in gone["class"]
    assert len({(card["data-x"], card["data-y"]) for card in found.select(".step")}) > 1


def test_the_same_compared_with_itself_has_no_difference(designer, old, new) -> None:
    assert "No difference" in page(designer, f"/flows/{old.flow_id}/compare?old=2&new=draft").text


@pytest.mark.parametrize("name", ["9", "nonsense", "-1", "²"])
def test_what_is_no_version_is_not_found(designer, old, new, name: str) -> None:
    assert designer.get(f"/flows/{old.flow_id}/compare", query_string={"old": name}).status_code == 404


def test_restoring_a_version_makes_the_draft_what_it_was(designer, old, new) -> None:
    answer = designer.post(f"/flows/{old.flow_id}/versions/1/restore")
    draft = db.session.get_one(FlowDraft, old.flow_id, populate_existing=True)

    assert answer.status_code == 303
    assert [node["id"] for node in draft.document["nodes"]] == ["n1", "n2", "n3", "n4"]
    assert [one["title"] for one in draft.document["nodes"][1]["data"]["options"]] == ["Red", "Green"]


def test_a_viewer_looks_at_versions_and_restores_none(sign_in, old, new) -> None:
    viewer = sign_in("viewer")

    assert not page(viewer, f"/flows/{old.flow_id}/versions").select("form[method=post][action*=restore]")
    assert viewer.post(f"/flows/{old.flow_id}/versions/1/restore").status_code == 403
    assert viewer.get(f"/flows/{old.flow_id}/moving").status_code == 403


def test_the_publish_dialog_says_what_the_change_means_and_who_stands_where(designer, line) -> None:
    message = worlds.template(line)
    document = {
        **worlds.DOCUMENT,
        "nodes": [{"id": "n1", "kind": "you_send_it", "data": {"template": message.id}}, *worlds.DOCUMENT["nodes"][1:]],
    }
    old = worlds.version(line, document)
    old.flow.published = 1
    person(line, old)
    flows.change(line.workspace_id, old.flow_id, {"kind": "change", "node": "n4", "data": {"text": "See you."}}, None)
    found = page(designer, f"/flows/{old.flow_id}/publish")

    assert "the text is “See you.”, was “Bye.”" in found.select_one(".changes").text
    assert "Which colour" in found.select_one(".stands").text
    assert list(designer.get(f"/flows/{old.flow_id}/waiting").json["people"].values()) == [1]
    assert found.select_one("input[name=people][value=stay]").has_attr("checked")
    sent = {"revision": found.select_one("input[name=revision]")["value"], "people": "move"}
    after = page(designer, designer.post(f"/flows/{old.flow_id}/publish", data=sent).headers["Location"])
    assert "Move people to version 2" in after.text and "Version 2 is published" in after.text


def test_what_a_move_would_do_is_told_before_it_is_done(designer, line, old, new) -> None:
    person(line, old)
    found = page(designer, f"/flows/{old.flow_id}/moving")
    field = found.select_one("select[name='to.1.n2']")
    assert field.select_one("option[selected]")["value"] == "n2"
    tried = designer.post(f"/flows/{old.flow_id}/moving/try", data={"to.1.n2": "n2"})
    told = BeautifulSoup(tried.text, "html.parser").select_one("#outlook")

    assert "1 can be moved and are asked anew" in told.text
    moved = designer.post(f"/flows/{old.flow_id}/moving", data={"to.1.n2": "n2", "of": "1"})
    assert "1 person was moved" in moved.text


def test_a_move_that_is_not_over_asks_for_the_next_people_by_itself(designer, line, old, new, monkeypatch) -> None:
    monkeypatch.setattr("flowbuilder.services.flows.moving.AT_ONCE", 1)
    person(line, old), person(line, old)
    answer = designer.post(f"/flows/{old.flow_id}/moving", data={"to.1.n2": "n2", "of": "2"}, headers={"HX-Request": "true"})
    form = BeautifulSoup(answer.text, "html.parser").select_one("form[hx-trigger]")

    assert "1 of 2 moved" in answer.text
    assert {field["name"]: field["value"] for field in form.select("input")}.items() >= {"to.1.n2": "n2", "done": "1", "of": "2"}.items()


def test_with_nobody_in_an_earlier_version_there_is_nothing_to_move(designer, old, new) -> None:
    assert "Nobody is in an earlier version" in page(designer, f"/flows/{old.flow_id}/moving").text


def test_nobody_is_moved_before_something_is_published(designer, old) -> None:
    assert designer.get(f"/flows/{old.flow_id}/moving").status_code == 409


def test_a_flow_is_taken_off_the_air_after_a_page_that_says_what_it_means_and_put_on_again(designer, line) -> None:
    live = worlds.published(line, worlds.DOCUMENT)
    person(line, live)
    meaning = page(designer, f"/flows/{live.flow_id}/switch-off").main.text
    assert "Its initial message cannot be sent" in meaning and "One person is under way" in meaning
    switched = designer.post(f"/flows/{live.flow_id}/switch-off", data={"from": "versions"})
    assert switched.location.endswith(f"/flows/{live.flow_id}/versions")
    assert "Switched off" in page(designer, "/flows").select_one(".flow-table").text
    assert "Switched off" in page(designer, f"/flows/{live.flow_id}/versions").select_one(".flow-table tbody tr").text
    assert "Switch on again" in page(designer, f"/flows/{live.flow_id}/publish").text
    designer.post(f"/flows/{live.flow_id}/switch-on")
    assert "Live" in page(designer, f"/flows/{live.flow_id}/versions").select_one(".flow-table tbody tr").text
