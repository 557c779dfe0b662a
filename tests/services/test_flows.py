"""Flows as people keep and change them, on a real database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.flow import Flow
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import flows
from flowbuilder.store import db, new_id
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.outbound import TemplateMessage


@pytest.fixture
def draft(workspace: Workspace, ann: str) -> FlowDraft:
    return flows.create(workspace.id, "Order ready", ann)


def add(draft: FlowDraft, id: str, kind: str = "message", user: str | None = None, **more: Any) -> flows.Changed:
    return flows.change(draft.workspace_id, draft.id, {"kind": "add_node", "node": {"id": id, "kind": kind}, "at": [0, 0]}, user, **more)


def write(draft: FlowDraft, id: str, text: str, user: str | None = None) -> flows.Changed:
    return flows.change(draft.workspace_id, draft.id, {"kind": "change", "node": id, "data": {"text": text}}, user)


def now(draft: FlowDraft) -> Flow:
    db.session.rollback()
    row = db.session.get(FlowDraft, draft.id, populate_existing=True)
    assert row is not None
    return Flow.from_json(row.document)


def approved(line: Line) -> TemplateMessage:
    content = {
        "name": "Ready",
        "category": "UTILITY",
        "language": "en_US",
        "kind": "TEXT",
        "conversation": "FLOW",
        "header": "",
        "footer": "",
    }
    content |= {
        "body": "Your order is ready today.",
        "variables": [],
        "continue_option": "Continue",
        "finish_option": "Cancel",
        "actions": [],
    }
    row = TemplateMessage(
        id=new_id("out"), workspace_id=line.workspace_id, line_id=line.id, name="Ready", wire_name=new_id("ready"), language="en_US",
        category="UTILITY", kind="TEXT", conversation="FLOW", content=content, status="approved",
        created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def complete(draft: FlowDraft, line: Line) -> None:
    """Make the flow one that every check accepts."""
    add(draft, "end", "finish")
    template = approved(line)
    command = {
        "kind": "all",
        "commands": [
            {"kind": "connect", "source": "n1", "port": "continue", "target": "end"},
            {"kind": "change", "node": "n1", "data": {"template": template.id}},
        ],
    }
    flows.change(draft.workspace_id, draft.id, command, None)


def test_a_new_flow_opens_with_you_send_it(draft: FlowDraft) -> None:
    flow = now(draft)

    assert [node.kind for node in flow.nodes.values()] == ["you_send_it"]
    assert set(flow.layout) == set(flow.nodes)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_flow_needs_a_name_of_fair_length(workspace: Workspace, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        flows.create(workspace.id, name)

    assert refusal.value.findings[0].field == "name"


def test_every_example_becomes_a_flow_with_its_initial_message(workspace: Workspace, line: Line) -> None:
    for example in flows.examples():
        made = flows.create_from_example(workspace.id, example.id)
        template = flows.template_of(Flow.from_json(made.document), workspace.id)

        assert template is not None and template.status == "draft"


def test_a_change_counts_the_revision_up_and_is_told_in_words(draft: FlowDraft) -> None:
    changed = add(draft, "m1")

    assert changed.revision == 1
    assert [change.words for change, _ in rows.history(draft.id, 200)] == ["Added Message"]


def test_undo_takes_back_exactly_and_redo_does_again(draft: FlowDraft, ann: str) -> None:
    before = now(draft)
    add(draft, "m1", user=ann)
    after = now(draft)
    flows.undo(draft.workspace_id, draft.id, ann)
    assert now(draft) == before
    flows.redo(draft.workspace_id, draft.id, ann)

    assert now(draft) == after


def test_a_new_change_drops_what_could_be_redone(draft: FlowDraft, ann: str) -> None:
    add(draft, "m1", user=ann)
    flows.undo(draft.workspace_id, draft.id, ann)
    add(draft, "m2", user=ann)

    with pytest.raises(Conflict):
        flows.redo(draft.workspace_id, draft.id, ann)


def test_undo_never_takes_back_what_somebody_else_did(draft: FlowDraft, ann: str, ben: str) -> None:
    add(draft, "m1", user=ann)
    add(draft, "m2", user=ben)
    flows.undo(draft.workspace_id, draft.id, ann)

    assert set(now(draft).nodes) == {"n1", "m2"}


def test_typing_in_one_field_is_one_change(draft: FlowDraft, ann: str) -> None:
    add(draft, "m1", user=ann)
    for text in ("H", "He", "Hello"):
        write(draft, "m1", text, ann)
    told = [change.words for change, _ in rows.history(draft.id, 200)]
    assert told == ["Changed the text of Message “Hello”", "Added Message"], "it is called by all that was typed"
    flows.undo(draft.workspace_id, draft.id, ann)

    assert now(draft).nodes["m1"].data["text"] == ""


def test_two_designers_changes_of_one_revision_both_stay(draft: FlowDraft, ann: str, ben: str) -> None:
    add(draft, "m1", user=ann)
    seen = 1
    flows.change(draft.workspace_id, draft.id, {"kind": "change", "node": "m1", "data": {"text": "Hi"}}, ann, seen)
    flows.change(draft.workspace_id, draft.id, {"kind": "move", "positions": {"m1": [500, 500]}}, ben, seen)

    assert now(draft).nodes["m1"].data["text"] == "Hi"
    assert now(draft).layout["m1"] == (500, 500)


def test_a_change_of_a_step_that_is_gone_is_refused_in_words(draft: FlowDraft, ann: str, ben: str) -> None:
    add(draft, "m1", user=ann)
    flows.change(draft.workspace_id, draft.id, {"kind": "remove", "nodes": ["m1"], "edges": []}, ben)

    with pytest.raises(Conflict, match="no longer in the flow"):
        write(draft, "m1", "Hi", ann)


def test_a_gesture_that_arrives_twice_is_done_once(draft: FlowDraft, ann: str) -> None:
    add(draft, "m1", user=ann)
    add(draft, "m2", user=ann)
    flows.undo(draft.workspace_id, draft.id, ann, client_key="once")
    flows.undo(draft.workspace_id, draft.id, ann, client_key="once")

    assert set(now(draft).nodes) == {"n1", "m1"}


def test_a_circle_is_refused_and_named(draft: FlowDraft) -> None:
    add(draft, "m1")
    add(draft, "m2")
    connect = {"kind": "connect", "source": "m1", "port": "next", "target": "m2"}
    flows.change(draft.workspace_id, draft.id, connect, None)

    with pytest.raises(Conflict, match="circle: .*Message"):
        flows.change(draft.workspace_id, draft.id, {**connect, "source": "m2", "target": "m1"}, None)


def test_news_tell_what_changed_since_a_revision(draft: FlowDraft, workspace: Workspace) -> None:
    add(draft, "m1")
    seen = flows.news_since(workspace.id, draft.id, -1, "", None)
    add(draft, "m2")
    flows.change(draft.workspace_id, draft.id, {"kind": "remove", "nodes": ["m1"], "edges": []}, None)
    news = flows.news_since(workspace.id, draft.id, 1, seen.tag, None)

    assert news is not None
    assert (news.nodes, news.removed, news.draft.revision) == (("m2",), ("m1",), 3)
    assert flows.news_since(workspace.id, draft.id, 3, news.tag, None) is None
    assert flows.is_quiet(workspace.id, draft.id, 3, news.tag)


def test_a_changed_review_is_news(draft: FlowDraft, workspace: Workspace, line: Line) -> None:
    complete(draft, line)
    news = flows.news_since(workspace.id, draft.id, -1, "", None)
    assert news is not None and news.template is not None
    tag = news.tag
    assert flows.is_quiet(workspace.id, draft.id, news.draft.revision, tag)
    news.template.status = "paused"
    db.session.commit()

    assert not flows.is_quiet(workspace.id, draft.id, news.draft.revision, tag)


def test_the_review_of_a_message_sent_on_the_way_draws_its_card_anew(draft: FlowDraft, workspace: Workspace, line: Line) -> None:
    row = approved(line)
    add(draft, "o1", "outbound_message")
    flows.change(draft.workspace_id, draft.id, {"kind": "change", "node": "o1", "data": {"message": row.id}}, None)
    seen = flows.news_since(workspace.id, draft.id, -1, "", None)
    assert flows.is_quiet(workspace.id, draft.id, seen.draft.revision, seen.tag)
    row.status = "paused"
    db.session.commit()
    assert not flows.is_quiet(workspace.id, draft.id, seen.draft.revision, seen.tag)
    assert "o1" in flows.news_since(workspace.id, draft.id, seen.draft.revision, seen.tag, None).nodes


def test_publishing_is_refused_while_a_check_fails(draft: FlowDraft) -> None:
    with pytest.raises(Invalid) as refusal:
        flows.publish(draft.workspace_id, draft.id, None)

    assert refusal.value.findings
    assert rows.versions(draft.id) == []


def test_publishing_makes_versions_that_never_change(draft: FlowDraft, line: Line) -> None:
    complete(draft, line)
    first = flows.publish(draft.workspace_id, draft.id, None)
    document = json.dumps(first.document, sort_keys=True)
    flows.change(draft.workspace_id, draft.id, {"kind": "change", "node": "end", "data": {"text": "Bye"}}, None)
    second = flows.publish(draft.workspace_id, draft.id, None)
    db.session.refresh(first)

    assert (first.number, second.number) == (1, 2)
    assert json.dumps(first.document, sort_keys=True) == document


def test_publishing_the_same_twice_is_refused(draft: FlowDraft, line: Line) -> None:
    complete(draft, line)
    flows.publish(draft.workspace_id, draft.id, None)

    with pytest.raises(Conflict, match="Nothing has changed"):
        flows.publish(draft.workspace_id, draft.id, None)


def test_an_unchanged_draft_is_frozen_once(draft: FlowDraft) -> None:
    first = flows.freeze(draft.id)
    again = flows.freeze(draft.id)
    add(draft, "m1")
    other = flows.freeze(draft.id)

    assert first.id == again.id != other.id
    assert first.number is None


def test_a_deleted_flow_is_off_the_list_until_it_is_restored(draft: FlowDraft, workspace: Workspace) -> None:
    flows.delete(workspace.id, draft.id, None)
    assert flows.summaries(workspace.id) == []
    with pytest.raises(NotFound):
        add(draft, "m1")
    flows.restore(workspace.id, draft.id, None)

    assert [row.draft.id for row in flows.summaries(workspace.id)] == [draft.id]


def test_a_copy_has_a_history_of_its_own(draft: FlowDraft, workspace: Workspace) -> None:
    add(draft, "m1")
    copy = flows.duplicate(workspace.id, draft.id, None)

    assert now(copy).nodes == now(draft).nodes
    assert copy.name == "Order ready (copy)"
    assert rows.history(copy.id, 200) == []


def test_a_flow_of_another_workspace_does_not_exist(draft: FlowDraft) -> None:
    with pytest.raises(NotFound):
        flows.change("wsp_other", draft.id, {"kind": "rename", "name": "Mine"}, None)
