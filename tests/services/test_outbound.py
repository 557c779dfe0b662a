from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Category, Conversation, TemplateContent
from flowbuilder.errors import Conflict, FlowBuilderError, Invalid, NotFound
from flowbuilder.services import outbound
from flowbuilder.services.outbound import drafts
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, NotSent, Verdict
from tests.services.outbound_meta import READY, again


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


def test_nothing_that_was_typed_is_lost_however_wrong_it_is(workspace: Workspace, line: Line) -> None:
    wrong = TemplateContent(name="x" * 300, body="{{broken", language="nonsense", conversation=Conversation.FLOW)
    row = outbound.create(workspace.id, line.id, wrong, None)
    assert TemplateContent.from_json(again(row).content) == wrong


def test_saving_under_an_id_made_beforehand_makes_one_message(workspace: Workspace, line: Line) -> None:
    id = new_id("out")
    for body in ("H", "He", "Hey"):
        outbound.save(workspace.id, id, line.id, replace(READY, body=body), None)
    (row,) = outbound.listed(workspace.id)
    assert (row.id, row.content["body"]) == (id, "Hey")


def test_a_saving_that_overtakes_the_first_makes_one_message_with_the_later_words(
    workspace: Workspace, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, make = new_id("out"), drafts.create

    def overtaken(workspace_id: str, line_id: str, *rest: Any, **named: Any) -> TemplateMessage:
        make(workspace_id, line_id, replace(READY, body="He"), None, template_id=id)
        return make(workspace_id, line_id, *rest, **named)

    monkeypatch.setattr(drafts, "create", overtaken)
    outbound.save(workspace.id, id, line.id, replace(READY, body="Hey"), None)
    (row,) = outbound.listed(workspace.id)
    assert row.content["body"] == "Hey"


@pytest.mark.parametrize("id", ["", "x", "out_short", "out_" + "A" * 20, "flw_" + "a" * 20, "../" + "a" * 20])
def test_an_id_of_another_form_is_refused(workspace: Workspace, line: Line, id: str) -> None:
    with pytest.raises(Invalid):
        outbound.save(workspace.id, id or "-", line.id, READY, None)


def test_another_workspace_sees_and_changes_nothing(workspace: Workspace, line: Line, draft: TemplateMessage) -> None:
    other = Workspace(id=new_id("wsp"), name="Other", created_at=clock.now())
    db.session.add(other)
    db.session.commit()
    assert outbound.listed(other.id) == []
    for deed in (
        lambda: outbound.find(other.id, draft.id),
        lambda: outbound.save(other.id, draft.id, line.id, READY, None),
        lambda: outbound.submit(other.id, draft.id, None),
        lambda: outbound.refresh(other.id, draft.id),
        lambda: outbound.duplicate(other.id, draft.id, None),
        lambda: outbound.delete(other.id, draft.id, None),
    ):
        with pytest.raises(NotFound):
            deed()
    with pytest.raises(Invalid, match="line"):
        outbound.create(other.id, line.id, READY, None)
    assert again(draft).status == ReviewStatus.DRAFT


def test_a_submitted_message_waits_for_meta_and_can_not_be_changed(
    workspace: Workspace, line: Line, draft: TemplateMessage, at_meta: Any
) -> None:
    fake = at_meta()
    row = outbound.submit(workspace.id, draft.id, None)
    assert (row.status, row.meta_id) == (ReviewStatus.PENDING, "900")
    assert fake.created[0]["name"] == row.wire_name
    with pytest.raises(Conflict):
        outbound.save(workspace.id, draft.id, line.id, replace(READY, body="Other"), None)
    assert again(draft).content["body"] == READY.body


def test_a_copy_is_an_editable_draft_with_a_name_of_its_own(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta()
    outbound.submit(workspace.id, draft.id, None)
    copy = outbound.duplicate(workspace.id, draft.id, None)
    assert (copy.status, copy.copied_from, copy.name) == (ReviewStatus.DRAFT, draft.id, "Order ready (copy)")
    assert copy.wire_name != again(draft).wire_name
    assert outbound.submit(workspace.id, copy.id, None).status == ReviewStatus.PENDING


def test_deleting_a_draft_leaves_nothing_and_does_not_ask_meta(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    copy = outbound.duplicate(workspace.id, draft.id, None)
    outbound.delete(workspace.id, draft.id, None)
    assert fake.deleted == []
    with pytest.raises(NotFound):
        outbound.find(workspace.id, draft.id)
    assert again(copy).copied_from is None


def test_deleting_a_submitted_message_deletes_it_at_meta(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    outbound.submit(workspace.id, draft.id, None)
    outbound.delete(workspace.id, draft.id, None)
    assert fake.deleted == ["900"]
    assert again(draft).status == ReviewStatus.DELETED
    assert outbound.listed(workspace.id) == []
    assert [row.id for row in outbound.listed(workspace.id, filters={"status": "deleted"})] == [draft.id]


@pytest.mark.parametrize("failure", [NotSent(), MaybeSent(), CloudError(100, 2388039, "Not now.", "", Verdict.FAIL)])
def test_what_meta_does_not_delete_is_not_called_deleted(
    workspace: Workspace, draft: TemplateMessage, at_meta: Any, failure: Exception
) -> None:
    at_meta()
    outbound.submit(workspace.id, draft.id, None)
    at_meta(failure)
    with pytest.raises(FlowBuilderError):
        outbound.delete(workspace.id, draft.id, None)
    assert again(draft).status == ReviewStatus.PENDING


def test_the_list_finds_by_name_and_id_and_filters(workspace: Workspace, line: Line, draft: TemplateMessage) -> None:
    sale = outbound.create(workspace.id, line.id, replace(READY, name="Sale 50% off", category=Category.MARKETING, language="es"), None)

    def ids(**wishes: Any) -> list[str]:
        return [row.id for row in outbound.listed(workspace.id, **wishes)]

    assert ids() == [sale.id, draft.id]
    assert ids(search="order") == [draft.id]
    assert ids(search="50%") == [sale.id]
    assert ids(search="_") == []
    assert ids(search=sale.id) == [sale.id]
    assert ids(filters={"category": "MARKETING"}) == [sale.id]
    assert ids(filters={"language": "en_US", "status": "draft"}) == [draft.id]
    assert ids(filters={"content": "x"}) == [sale.id, draft.id]


def test_only_approved_flow_messages_may_begin_a_flow(workspace: Workspace, line: Line, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta({"id": "901", "status": "APPROVED", "category": "UTILITY"})
    content = replace(READY, conversation=Conversation.FLOW, continue_option="Go", finish_option="No")
    flow = outbound.create(workspace.id, line.id, content, None)
    assert outbound.approved_for_flows(workspace.id) == []
    outbound.submit(workspace.id, flow.id, None)
    outbound.submit(workspace.id, draft.id, None)
    assert [row.id for row in outbound.approved_for_flows(workspace.id)] == [flow.id]
