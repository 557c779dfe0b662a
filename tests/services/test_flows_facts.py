"""What the checks are told of what lies outside a flow."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.outbound import ReviewEvent
from tests.services.test_flows import approved, complete, now

pytestmark = pytest.mark.database


@pytest.fixture
def draft(workspace: Workspace) -> FlowDraft:
    return flows.create(workspace.id, "Order ready")


def facts(draft: FlowDraft):  # noqa: ANN201
    return flows.facts_for(now(draft), draft.workspace_id, id=draft.id)


def test_prices_and_the_category_of_the_initial_message_are_known(draft: FlowDraft, line: Line) -> None:
    complete(draft, line)
    found = facts(draft)

    assert found.template is not None and (found.template.category, found.template.language) == ("UTILITY", "en_US")
    low, high = found.prices["UTILITY"]
    assert Decimal() < low < high
    assert found.currency == "USD"


def test_words_that_changed_at_meta_after_publishing_are_told_until_they_are_seen(draft: FlowDraft, line: Line) -> None:
    complete(draft, line)
    flows.publish(draft.workspace_id, draft.id, None)
    template = facts(draft).template
    assert template is not None and not template.changed
    _change_words(template.id)

    (finding,) = _errors(draft)
    assert finding.code == "template_changed"
    flows.change(draft.workspace_id, draft.id, finding.fix.command, None)
    assert _errors(draft) == []
    assert flows.publish(draft.workspace_id, draft.id, None).number == 2


def test_words_of_a_message_that_the_live_version_does_not_open_with_are_not_called_changed(draft: FlowDraft, line: Line) -> None:
    complete(draft, line)
    flows.publish(draft.workspace_id, draft.id, None)
    other = approved(line)
    _change_words(other.id)
    flows.change(draft.workspace_id, draft.id, {"kind": "change", "node": "n1", "data": {"template": other.id}}, None)
    assert _errors(draft) == []


def _errors(draft: FlowDraft) -> list[Finding]:
    return [finding for finding in flows.findings_of(now(draft), draft.workspace_id, id=draft.id) if finding.is_error]


def _change_words(template_id: str) -> None:
    later = clock.now() + timedelta(minutes=1)
    db.session.add(ReviewEvent(template_id=template_id, at=later, source="meta", event="words_read", status="approved"))
    db.session.commit()


def test_flows_that_follow_are_known_with_all_that_follows_them(
    draft: FlowDraft, line: Line, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = (flows.create(workspace.id, name) for name in ("Second", "Third"))
    complete(second, line)
    version = flows.publish(workspace.id, second.id, None)
    calls = {draft.id: second.id, second.id: third.id}
    monkeypatch.setattr(type(KINDS["finish"]), "calls", lambda self, node: tuple(filter(None, (calls.get(node.data.get("text", "")),))))
    version.document = {**version.document, "nodes": [*version.document["nodes"], _finish(second.id)]}
    db.session.commit()
    flow = Flow.from_json({**draft.document, "nodes": [_finish(draft.id)], "edges": []})
    found = flows.facts_for(flow, workspace.id, id=draft.id).flows

    assert {id: (one.name, one.is_published, one.calls) for id, one in found.items()} == {
        second.id: ("Second", True, (third.id,)),
        third.id: ("Third", False, ()),
    }


def _finish(text: str) -> dict:
    return {"id": "f1", "kind": "finish", "data": {"outcome": "success", "text": text}}


def test_messages_of_another_workspace_are_none_of_ours(draft: FlowDraft, line: Line) -> None:
    template = approved(line)
    flow = Flow.from_json(
        {**draft.document, "nodes": [{"id": "n1", "kind": "you_send_it", "data": {"template": template.id}}], "edges": []}
    )

    assert flows.facts_for(flow, "wsp_other").templates == {}
