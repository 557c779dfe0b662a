"""The history of a flow on a real database: back to any moment, as far as one's own changes go."""

from __future__ import annotations

from hashlib import sha256

import pytest

from flowbuilder import clock
from flowbuilder.core.flow import Flow
from flowbuilder.errors import Conflict
from flowbuilder.services import flows
from flowbuilder.services.flows import versions
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.flows import FlowDraft, FlowVersion


@pytest.fixture
def draft(workspace: Workspace, ann: str) -> FlowDraft:
    return flows.create(workspace.id, "Order ready", ann)


def add(draft: FlowDraft, id: str, user: str) -> int:
    command = {"kind": "add_node", "node": {"id": id, "kind": "message"}, "at": [0, 0]}
    return flows.change(draft.workspace_id, draft.id, command, user).revision


def now(draft: FlowDraft) -> Flow:
    db.session.rollback()
    row = db.session.get(FlowDraft, draft.id, populate_existing=True)
    assert row is not None
    return Flow.from_json(row.document)


def test_going_back_to_a_moment_takes_back_ones_own_changes_since_then_and_forward_again_does_them(
    draft: FlowDraft, ann: str, ben: str
) -> None:
    first = add(draft, "m1", ann)
    add(draft, "m2", ben)
    add(draft, "m3", ann)
    last = add(draft, "m4", ann)
    flows.go_to(draft.workspace_id, draft.id, first, ann)
    assert set(now(draft).nodes) == {"n1", "m1", "m2"}
    assert [entry.is_back for entry in flows.history(draft.id, ann)] == [True, True, False, False]
    assert [[entry.can_redo for entry in flows.history(draft.id, who)] for who in (ann, ben)] == [[True, True, False, False], [False] * 4]
    went = flows.go_to(draft.workspace_id, draft.id, last, ann).went

    assert went == flows.Went("redo", 2, "Added Message", first)
    assert set(now(draft).nodes) == {"n1", "m1", "m2", "m3", "m4"}


def test_what_was_taken_back_and_given_up_for_another_change_is_not_offered_again_and_going_to_it_changes_nothing(
    draft: FlowDraft, ann: str
) -> None:
    given_up = add(draft, "m1", ann)
    flows.undo(draft.workspace_id, draft.id, ann)
    add(draft, "m2", ann)

    assert [(entry.is_back, entry.can_redo) for entry in flows.history(draft.id, ann)] == [(False, False), (True, False)]
    with pytest.raises(Conflict, match="can't be redone any more"):
        flows.go_to(draft.workspace_id, draft.id, given_up, ann)
    assert set(now(draft).nodes) == {"n1", "m2"}


def test_every_change_is_in_reach_however_many_were_taken_back_since(draft: FlowDraft, ann: str) -> None:
    for number in range(4):
        add(draft, f"m{number}", ann)
    for _ in range(3):
        flows.undo(draft.workspace_id, draft.id, ann)
    flows.redo(draft.workspace_id, draft.id, ann)

    assert [entry.is_back for entry in flows.history(draft.id, ann, 2)] == [True, True]
    assert [entry.is_back for entry in flows.history(draft.id, ann, 9)] == [True, True, False, False]


def test_going_back_is_refused_whole_when_a_part_was_changed_by_somebody_else(draft: FlowDraft, ann: str, ben: str) -> None:
    add(draft, "m1", ann)
    add(draft, "m2", ann)
    flows.change(draft.workspace_id, draft.id, {"kind": "remove", "nodes": ["m1"]}, ben)
    with pytest.raises(Conflict, match="can't be undone any more"):
        flows.go_to(draft.workspace_id, draft.id, 0, ann)

    assert set(now(draft).nodes) == {"n1", "m2"}


def test_undo_says_once_when_it_goes_back_to_before_what_is_published_and_the_history_shows_where_that_was(
    draft: FlowDraft, ann: str
) -> None:
    add(draft, "m1", ann)
    add(draft, "m2", ann)
    flow, row = now(draft), db.session.get(FlowDraft, draft.id)
    digest = sha256(flow.canonical().encode()).hexdigest()
    db.session.add(FlowVersion(id="ver_1", flow_id=draft.id, number=1, document=flow.to_json(), digest=digest, created_at=clock.now()))
    row.published = 1
    db.session.commit()
    add(draft, "m3", ann)

    assert [[moment.number for moment in entry.moments] for entry in flows.history(draft.id, ann)] == [[], [1], []]
    undone, is_changed = [], []
    for _ in range(3):
        undone.append(flows.undo(draft.workspace_id, draft.id, ann).leaves)
        is_changed.append(flows.is_changed(db.session.get(FlowDraft, draft.id)))
    assert undone == [None, 1, None]
    assert is_changed == [False, True, True], "gone back to what is published, nothing has changed"
    versions.bring_back(draft.workspace_id, draft.id, 1, ann)
    assert not flows.is_changed(db.session.get(FlowDraft, draft.id))
