"""Talking about a flow, on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowbuilder import clock
from flowbuilder.errors import Invalid, NotAllowed, NotFound
from flowbuilder.services import flows
from flowbuilder.store import comments as rows
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.flows import FlowDraft

pytestmark = pytest.mark.database


@pytest.fixture
def draft(workspace: Workspace, ann: str) -> FlowDraft:
    return flows.create(workspace.id, "Order ready", ann)


def test_a_comment_and_its_reply_are_one_thread_and_one_count(draft: FlowDraft, ann: str, ben: str) -> None:
    first = flows.comment(draft.workspace_id, draft.id, "n1", " Is this right? ", ann)
    flows.comment(draft.workspace_id, draft.id, "n1", "Yes.", ben, first.id)
    (thread,) = flows.threads(draft.id, "n1")

    assert (thread.comment.text, [reply.text for reply, _ in thread.replies]) == ("Is this right?", ["Yes."])
    assert rows.open_counts(draft.id) == {"n1": 1}


def test_what_is_resolved_counts_no_more_and_a_reply_opens_it_again(draft: FlowDraft, ann: str, ben: str) -> None:
    first = flows.comment(draft.workspace_id, draft.id, "n1", "Is this right?", ann)
    flows.resolve(draft.workspace_id, draft.id, first.id, ben)
    assert rows.open_counts(draft.id) == {}
    flows.comment(draft.workspace_id, draft.id, "n1", "Not quite.", ann, first.id)

    assert rows.open_counts(draft.id) == {"n1": 1}


def test_only_who_wrote_a_comment_corrects_or_deletes_it_and_an_answered_one_leaves_its_place(draft: FlowDraft, ann: str, ben: str) -> None:
    place = (draft.workspace_id, draft.id)
    first = flows.comment(*place, "n1", "Is this rihgt?", ann)
    reply = flows.comment(*place, "n1", "Yes.", ben, first.id)
    for refused in (lambda: flows.correct(*place, first.id, "No.", ben), lambda: flows.take_back(*place, first.id, ben)):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(Invalid):
        flows.correct(*place, first.id, " ", ann)
    assert flows.correct(*place, first.id, "Is this right?", ann).text == "Is this right?"

    assert flows.take_back(*place, first.id, ann) == "n1"
    (thread,) = flows.threads(draft.id, "n1")
    assert (thread.comment.text, len(thread.replies)) == ("", 1)
    with pytest.raises(NotFound):
        flows.correct(*place, first.id, "Again", ann)
    flows.take_back(*place, reply.id, ben)
    assert flows.threads(draft.id, "n1") == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_comment_needs_words_and_not_too_many(draft: FlowDraft, ann: str, text: str) -> None:
    with pytest.raises(Invalid):
        flows.comment(draft.workspace_id, draft.id, "n1", text, ann)


def test_lines_count_as_browsers_count_them(draft: FlowDraft, ann: str) -> None:
    text = "x\r\n" * 1000
    assert flows.comment(draft.workspace_id, draft.id, "n1", text, ann).text == ("x\n" * 1000).strip()


def test_nobody_comments_on_what_is_not_there(draft: FlowDraft, ann: str) -> None:
    with pytest.raises(NotFound):
        flows.comment(draft.workspace_id, draft.id, "n9", "Hello", ann)
    with pytest.raises(NotFound):
        flows.comment(draft.workspace_id, draft.id, "n1", "Hello", ann, "com_none")


def test_a_comment_is_news_for_who_has_the_flow_open(draft: FlowDraft, ann: str) -> None:
    news = flows.news_since(draft.workspace_id, draft.id, -1, "", ann)
    assert news is not None
    before = news.tag
    assert flows.is_quiet(draft.workspace_id, draft.id, 0, before)
    flows.comment(draft.workspace_id, draft.id, "n1", "Look here", ann)

    assert not flows.is_quiet(draft.workspace_id, draft.id, 0, before)
    assert flows.news_since(draft.workspace_id, draft.id, 0, before, ann) is not None


def test_others_are_seen_where_they_are_until_they_have_been_away(
    draft: FlowDraft, ann: str, ben: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows.seen(draft.workspace_id, draft.id, ann, "n1")
    flows.seen(draft.workspace_id, draft.id, ann, None)
    (here, user), *others = flows.seen(draft.workspace_id, draft.id, ben, "n1")
    assert (user.id, here.node, others) == (ann, None, [])
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert list(flows.seen(draft.workspace_id, draft.id, ben, "n1")) == []
