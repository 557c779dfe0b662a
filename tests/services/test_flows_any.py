"""Any gestures in any order: undoing all of them leads back to the start."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowbuilder.core.flow import Flow
from flowbuilder.errors import Conflict
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.flows import FlowDraft

_IDS = ["a", "b", "c"]
_ANY, _PORTS = st.sampled_from(["n1", *_IDS]), st.sampled_from(["next", "continue", "answered"])
_STEP, _KINDS = st.sampled_from(_IDS), st.sampled_from(["message", "finish", "open_question"])
_COMMANDS = st.one_of(
    st.builds(lambda id, kind: {"kind": "add_node", "node": {"id": id, "kind": kind}, "at": [1, 2]}, _STEP, _KINDS),
    st.builds(lambda id: {"kind": "remove", "nodes": [id], "edges": []}, _STEP),
    st.builds(lambda id, at: {"kind": "move", "positions": {id: [at, at]}}, _ANY, st.integers(0, 50)),
    st.builds(lambda id, text: {"kind": "change", "node": id, "data": {"text": text}}, _STEP, st.text(max_size=3)),
    st.builds(lambda one, port, other: {"kind": "connect", "source": one, "port": port, "target": other}, _ANY, _PORTS, _STEP),
    st.sampled_from([{"kind": "undo"}, {"kind": "redo"}]),
)


def now(draft: FlowDraft) -> Flow:
    db.session.rollback()
    row = db.session.get(FlowDraft, draft.id, populate_existing=True)
    assert row is not None
    return Flow.from_json(row.document)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gestures=st.lists(_COMMANDS, max_size=14))
def test_whatever_is_done_undoing_all_of_it_leads_back_to_the_start(workspace: Workspace, gestures: list[dict[str, Any]]) -> None:
    draft = flows.create(workspace.id, "Any")
    start = now(draft)
    verbs = {"undo": flows.undo, "redo": flows.redo}
    for gesture in gestures:
        try:
            if verb := verbs.get(gesture["kind"]):
                verb(workspace.id, draft.id, None)
            else:
                flows.change(workspace.id, draft.id, gesture, None)
        except Conflict:
            continue
    for _ in range(len(gestures) + 1):
        try:
            flows.undo(workspace.id, draft.id, None)
        except Conflict:
            break

    assert now(draft) == start
