"""Flows out as files and in again, on a real database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowbuilder import clock
from flowbuilder.errors import Invalid
from flowbuilder.services import flows
from flowbuilder.services.flows import files
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.flows import FlowDraft
from tests import worlds
from tests.services.test_flows import add, complete, now, write


@pytest.fixture
def draft(workspace: Workspace) -> FlowDraft:
    return flows.create(workspace.id, "Order ready")


def test_an_exported_flow_comes_back_the_same(draft: FlowDraft, workspace: Workspace, line: Line) -> None:
    complete(draft, line)
    _, content = flows.export(workspace.id, draft.id)
    back, again = (flows.import_(workspace.id, content.encode(), None) for _ in range(2))

    assert (back.name, again.name) == ("Order ready (imported)", "Order ready (imported 2)"), "all can be told apart"
    flows.rename(workspace.id, back.id, draft.name, None)
    assert now(back) == now(draft)
    assert flows.export(workspace.id, back.id)[1] == flows.export(workspace.id, draft.id)[1] == content


def test_what_a_file_names_of_another_workspace_is_left_out(draft: FlowDraft, line: Line) -> None:
    complete(draft, line)
    other = Workspace(id=new_id("wsp"), name="Globex", created_at=clock.now())
    db.session.add(other)
    db.session.commit()
    back = flows.import_(other.id, flows.export(draft.workspace_id, draft.id)[1].encode(), None)

    assert now(back).edges == now(draft).edges
    assert "template" not in now(back).nodes["n1"].data


def test_steps_that_name_what_another_workspace_has_are_as_new_ones(draft: FlowDraft, workspace: Workspace) -> None:
    steps = [
        {"id": "over", "kind": "go_to_flow", "data": {"flow": "flw_theirs", "values": []}},
        {"id": "shown", "kind": "message", "data": {"text": "Hi", "type": "image", "medium": {"kind": "IMAGE", "file": "med_theirs"}}},
        {"id": "ours", "kind": "go_to_flow", "data": {"flow": draft.id, "values": []}},
    ]
    document = {**now(draft).to_json(), "nodes": [*now(draft).to_json()["nodes"], *steps]}
    nodes = now(flows.import_(workspace.id, json.dumps(document).encode(), None)).nodes

    assert nodes["over"].data == {"values": []}
    assert nodes["shown"].data == {"text": "Hi", "type": "image"}
    assert nodes["ours"].data["flow"] == draft.id


def test_a_file_holds_no_secret_and_a_version_is_exported_as_it_was(draft: FlowDraft, workspace: Workspace, line: Line) -> None:
    complete(draft, line)
    flows.publish(workspace.id, draft.id, None)
    before = flows.export(workspace.id, draft.id)[1]
    write(draft, "end", "Bye")
    name, content = flows.export(workspace.id, draft.id, 1)

    assert (name, content) == ("order-ready-version-1.json", before)
    assert set(json.loads(content)) == {"schema", "name", "settings", "nodes", "edges", "layout"}


def test_a_file_that_is_no_flow_gets_a_clear_sentence(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="not JSON"):
        flows.import_(workspace.id, b"{", None)


def test_a_file_of_a_workspace_gets_the_verdicts_of_the_page(draft: FlowDraft, workspace: Workspace, line: Line, tmp_path: Path) -> None:
    complete(draft, line)
    add(draft, "lost", "validation")
    over = {"id": "over", "kind": "go_to_flow", "data": {"flow": draft.id, "values": []}}
    steps = [{"id": "n1", "kind": "user_sends_it", "data": {"phrases": [{"id": "p1", "text": "order"}]}}, over]
    edges = [{"source": "n1", "port": "next", "target": "over"}]
    other = flows.drafts.create_from(workspace.id, {"schema": 1, "name": "By phrase", "nodes": steps, "edges": edges}, None)
    worlds.published(line, now(other).to_json())
    drawn = [draft, other]
    written = [tmp_path / f"{at}.json" for at in range(2)]
    for one, file in zip(drawn, written, strict=True):
        file.write_text(flows.export(workspace.id, one.id)[1])

    for one, file in zip(drawn, written, strict=True):
        (checked,) = files.check([file], workspace.name.upper())
        assert checked.review == flows.review_of(now(one), workspace.id, id=one.id)
        assert checked.review.findings and not checked.review.unjudged
