from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Category, Conversation
from flowbuilder.errors import Conflict, Invalid, Unavailable
from flowbuilder.services import outbound
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, NotSent, Verdict
from flowbuilder.whatsapp.webhooks import TemplateCategory, TemplateQuality
from tests.services.outbound_meta import READY, again, sayings, told


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


def test_a_second_submission_is_refused(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    outbound.submit(workspace.id, draft.id, None)
    with pytest.raises(Conflict, match="only once"):
        outbound.submit(workspace.id, draft.id, None)
    assert len(fake.created) == 1


def test_of_many_submissions_at_once_one_reaches_meta(app: Flask, workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    fake, results, workspace_id, template_id = at_meta(), [], workspace.id, draft.id

    def press() -> None:
        with app.app_context():
            try:
                results.append(outbound.submit(workspace_id, template_id, None).status)
            except Conflict:
                results.append("refused")

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["pending", *["refused"] * 7]
    assert len(fake.created) == 1


def test_a_broken_rule_keeps_it_a_draft_and_away_from_meta(workspace: Workspace, line: Line, at_meta: Any) -> None:
    fake = at_meta()
    row = outbound.create(workspace.id, line.id, replace(READY, body="{{first_name}} at the start"), None)
    with pytest.raises(Invalid) as caught:
        outbound.submit(workspace.id, row.id, None)
    assert [(f.code, f.field) for f in caught.value.findings] == [("word_at_edge", "body")]
    assert again(row).status == ReviewStatus.DRAFT
    assert fake.created == []


def test_only_what_this_kind_of_message_has_is_submitted(workspace: Workspace, line: Line, at_meta: Any) -> None:
    fake = at_meta({"id": "1", "status": "APPROVED", "category": "AUTHENTICATION"})
    content = replace(READY, category=Category.AUTHENTICATION, conversation=Conversation.FLOW, continue_option="Go")
    row = outbound.create(workspace.id, line.id, content, None)
    outbound.submit(workspace.id, row.id, None)
    assert again(row).content["body"] == ""
    assert again(row).status == ReviewStatus.APPROVED
    assert "parameter_format" not in fake.created[0]


def test_metas_refusal_comes_back_on_its_field_and_leaves_a_draft(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta(CloudError(100, 2388299, "x", "", Verdict.FAIL, title="Leading params", message="Variables can't be at the start."))
    with pytest.raises(Invalid) as caught:
        outbound.submit(workspace.id, draft.id, None)
    (finding,) = caught.value.findings
    assert finding.field == "body"
    assert "Leading params: Variables can't be at the start." in finding.text
    assert again(draft).status == ReviewStatus.DRAFT
    at_meta()
    assert outbound.submit(workspace.id, draft.id, None).status == ReviewStatus.PENDING


@pytest.mark.parametrize(
    "failure",
    [NotSent(), CloudError(190, 463, "Token expired.", "", Verdict.STOP_LINE), CloudError(80007, None, "Too much.", "", Verdict.WAIT)],
)
def test_what_never_reached_meta_stays_a_draft(workspace: Workspace, draft: TemplateMessage, at_meta: Any, failure: Exception) -> None:
    at_meta(failure)
    with pytest.raises(Unavailable):
        outbound.submit(workspace.id, draft.id, None)
    assert again(draft).status == ReviewStatus.DRAFT
    assert again(draft).submitted_at is None


@pytest.mark.parametrize("failure", [MaybeSent(), CloudError(131000, None, "?", "", Verdict.UNKNOWN), CloudError(100, 2388024, "exists")])
def test_a_lost_answer_is_asked_for_at_once(workspace: Workspace, draft: TemplateMessage, at_meta: Any, failure: Exception) -> None:
    fake = at_meta(failure, known={"id": "77", "status": "PENDING", "category": "UTILITY"})
    row = outbound.submit(workspace.id, draft.id, None)
    assert (row.status, row.meta_id) == (ReviewStatus.PENDING, "77")
    assert (len(fake.created), fake.asked) == (1, 1)


def test_a_submission_that_is_not_known_to_have_arrived_is_settled_later(
    workspace: Workspace, draft: TemplateMessage, at_meta: Any
) -> None:
    fake = at_meta(MaybeSent())
    assert outbound.submit(workspace.id, draft.id, None).status == ReviewStatus.SUBMITTING
    with pytest.raises(Conflict):
        outbound.submit(workspace.id, draft.id, None)
    assert outbound.refresh_overdue() == 0
    fake.known = {"id": "78", "status": "APPROVED", "category": "UTILITY"}
    with clock.shifted(timedelta(seconds=61)):
        assert outbound.refresh_overdue() == 1
    assert (again(draft).status, again(draft).meta_id) == (ReviewStatus.APPROVED, "78")


def test_a_submission_that_never_arrived_becomes_a_draft_again(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta(MaybeSent())
    outbound.submit(workspace.id, draft.id, None)
    with clock.shifted(timedelta(seconds=61)):
        outbound.refresh_overdue()
    assert again(draft).status == ReviewStatus.DRAFT
    assert sayings(draft)[0] == "The submission did not arrive at Meta. Submit the message again."


def test_a_crash_between_writing_and_answer_is_recovered(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        outbound.submit(workspace.id, draft.id, None)
    assert again(draft).status == ReviewStatus.SUBMITTING
    fake.known = {"id": "79", "status": "PENDING", "category": "UTILITY"}
    with clock.shifted(timedelta(seconds=61)):
        outbound.refresh_overdue()
    assert (again(draft).status, again(draft).meta_id) == (ReviewStatus.PENDING, "79")
    assert len(fake.created) == 1


def test_metas_approval_by_webhook_is_noted_once(workspace: Workspace, line: Line, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta()
    row = outbound.submit(workspace.id, draft.id, None)
    for _ in range(3):
        assert outbound.apply_status(line.id, told(row, "APPROVED"))
    assert again(row).status == ReviewStatus.APPROVED
    assert again(row).decided_at is not None
    assert sayings(row).count("Meta approved it.") == 1


def test_a_webhook_that_overtakes_the_answer_is_believed(workspace: Workspace, line: Line, draft: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    create = fake.create_template

    def create_late(body: dict[str, Any]) -> dict[str, Any]:
        answer = create(body)
        outbound.apply_status(line.id, told(draft, "APPROVED", meta_id="900", name=body["name"]))
        return answer

    fake.create_template = create_late
    assert outbound.submit(workspace.id, draft.id, None).status == ReviewStatus.APPROVED
    assert again(draft).meta_id == "900"


def test_a_late_pending_does_not_take_a_decision_back(workspace: Workspace, line: Line, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta()
    row = outbound.submit(workspace.id, draft.id, None)
    for event in ("APPROVED", "PENDING"):
        outbound.apply_status(line.id, told(row, event))
    assert again(row).status == ReviewStatus.APPROVED


def test_a_rejection_keeps_reason_and_recommendation(workspace: Workspace, line: Line, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta()
    row = outbound.submit(workspace.id, draft.id, None)
    outbound.apply_status(line.id, told(row, "REJECTED", reason="INVALID_FORMAT", explanation="Side by side.", recommendation="Part them."))
    row = again(row)
    assert (row.status, row.reason, row.explanation, row.recommendation) == ("rejected", "INVALID_FORMAT", "Side by side.", "Part them.")


def test_metas_category_counts_and_the_change_is_told(workspace: Workspace, line: Line, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta({"id": "900", "status": "PENDING", "category": "MARKETING"})
    row = outbound.submit(workspace.id, draft.id, None)
    assert row.category == "MARKETING"
    assert any("Marketing" in text for text in sayings(row))
    named = {"waba_id": "2000000000000001", "meta_id": "900", "name": row.wire_name, "language": row.language}
    outbound.apply_status(line.id, TemplateCategory(**named, category="MARKETING", announced="UTILITY"))
    assert again(row).category == "MARKETING"
    outbound.apply_status(line.id, TemplateCategory(**named, category="UTILITY", announced=None))
    outbound.apply_status(line.id, TemplateQuality(**named, previous="UNKNOWN", score="YELLOW"))
    assert (again(row).category, again(row).quality) == ("UTILITY", "YELLOW")


def test_a_webhook_about_a_stranger_is_no_error(workspace: Workspace, line: Line, draft: TemplateMessage) -> None:
    assert outbound.apply_status(line.id, told(draft, "APPROVED", meta_id="5", name="somebody_else")) is False
    assert outbound.apply_status(line.id, told(draft, "APPROVED", meta_id="")) is False
    assert again(draft).status == ReviewStatus.DRAFT


def test_refresh_asks_meta(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta()
    outbound.submit(workspace.id, draft.id, None)
    at_meta(known={"status": "REJECTED", "category": "UTILITY", "rejected_reason": "SCAM", "quality_score": {"score": "UNKNOWN"}})
    row = outbound.refresh(workspace.id, draft.id)
    assert (row.status, row.reason) == (ReviewStatus.REJECTED, "SCAM")
    assert "deceptive" in row.explanation


def test_refresh_says_so_when_meta_does_not_answer(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    at_meta()
    outbound.submit(workspace.id, draft.id, None)
    at_meta(known=NotSent())
    with pytest.raises(Unavailable):
        outbound.refresh(workspace.id, draft.id)
    assert again(draft).status == ReviewStatus.PENDING


def test_without_a_webhook_meta_is_asked_now_and_then(workspace: Workspace, draft: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    outbound.submit(workspace.id, draft.id, None)
    assert outbound.refresh_overdue() == 0
    with clock.shifted(timedelta(minutes=4)):
        assert outbound.refresh_overdue() == 1
        assert outbound.refresh_overdue() == 0
    assert fake.asked == 1
    fake.known = {"status": "APPROVED"}
    with clock.shifted(timedelta(minutes=9)):
        assert outbound.refresh_overdue() == 0
    with clock.shifted(timedelta(minutes=11)):
        outbound.refresh_overdue()
    assert again(draft).status == ReviewStatus.APPROVED
