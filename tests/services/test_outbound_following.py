from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.review import EVENTS, ReviewStatus
from flowbuilder.core.template import TemplateContent
from flowbuilder.services import outbound
from flowbuilder.services.sending import doors
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.webhooks import TemplateCategory, TemplateWords
from tests.services.outbound_meta import READY, again, sayings, told


@pytest.fixture
def now() -> int:
    """The moment at which the test begins, as Meta writes it."""
    return int(clock.now().timestamp())


@pytest.fixture
def approved(workspace: Workspace, line: Line, at_meta: Any, now: int) -> TemplateMessage:
    at_meta()
    row = outbound.create(workspace.id, line.id, READY, None)
    outbound.submit(workspace.id, row.id, None)
    hear(row, "APPROVED", at=now)
    return again(row)


def hear(row: TemplateMessage, event: str, **more: Any) -> None:
    outbound.apply_status(row.line_id, told(row, event, **more))


def events(row: TemplateMessage) -> list[str]:
    return [event.event for event in outbound.history(row.id)]


@pytest.mark.database
def test_a_webhook_that_comes_late_changes_nothing_and_is_kept(approved: TemplateMessage, now: int) -> None:
    hear(approved, "PAUSED", at=now - 60, note="FIRST_PAUSE")
    assert again(approved).status == ReviewStatus.APPROVED
    assert sayings(approved)[0] == "Meta paused it because of its quality. It came too late to change anything."


def test_the_same_webhooks_again_change_nothing_and_are_kept_once(approved: TemplateMessage, now: int) -> None:
    for _ in range(2):
        hear(approved, "PAUSED", at=now + 60, note="FIRST_PAUSE")
        hear(approved, "FLAGGED", at=now + 120)
        hear(approved, "SOMETHING_NEW", at=now + 180)
        hear(approved, "APPROVED", at=now + 240)
    assert again(approved).status == ReviewStatus.APPROVED
    assert events(approved)[:5] == ["APPROVED", "SOMETHING_NEW", "FLAGGED", "PAUSED", "APPROVED"]


def test_a_word_that_nobody_knows_is_kept_and_shown(approved: TemplateMessage, now: int) -> None:
    hear(approved, "REVIEW_ESCALATED", at=now + 5)
    assert again(approved).status == ReviewStatus.APPROVED
    assert sayings(approved)[0] == "Meta says: review escalated."


def test_a_pause_is_shown_with_its_end_and_meta_is_asked_after_it(approved: TemplateMessage, now: int) -> None:
    hear(approved, "PAUSED", at=now + 60, note="SECOND_PAUSE", explanation="Paused for 6 hours.")
    row = again(approved)
    assert row.paused_until is not None
    assert row.paused_until.timestamp() == now + 60 + 6 * 3600
    assert row.ask_at is not None
    hear(approved, "APPROVED", at=now + 60 + 6 * 3600, note="UNPAUSE")
    assert again(approved).paused_until is None


def test_what_a_webhook_overturns_is_confirmed_by_asking(approved: TemplateMessage, at_meta: Any, now: int) -> None:
    fake = at_meta(known={"status": "APPROVED", "category": "UTILITY"})
    hear(approved, "PAUSED", at=now + 60)
    assert again(approved).status == ReviewStatus.PAUSED
    with clock.shifted(timedelta(minutes=2)):
        assert outbound.refresh_overdue() == 1
    assert fake.asked == 1
    assert again(approved).status == ReviewStatus.APPROVED


def test_a_category_that_is_announced_is_shown_until_it_is_made(approved: TemplateMessage, now: int) -> None:
    known = {"waba_id": "2000000000000001", "meta_id": "900", "name": approved.wire_name, "language": "en_US", "category": "UTILITY"}
    for _ in range(2):
        outbound.apply_status(approved.line_id, TemplateCategory(**known, announced="MARKETING", due=now + 86_400))
    row = again(approved)
    assert (row.category, row.announced_category) == ("UTILITY", "MARKETING")
    assert events(row)[0:2] == ["category_announced", "APPROVED"]
    outbound.apply_status(approved.line_id, TemplateCategory(**{**known, "category": "MARKETING"}, announced=None))
    assert (again(approved).category, again(approved).announced_category) == ("MARKETING", "")


def test_words_that_were_changed_at_meta_are_read_and_taken_over(approved: TemplateMessage, at_meta: Any, now: int) -> None:
    item = TemplateWords(waba_id="2000000000000001", meta_id="900", name=approved.wire_name, language="en_US", at=now + 9)
    body = {"type": "BODY", "text": "Hello {{first_name}}, come and fetch it.", "example": {}}
    at_meta(known={"status": "APPROVED", "category": "UTILITY", "parameter_format": "NAMED", "components": [body]})
    outbound.apply_status(approved.line_id, item)
    outbound.refresh_overdue()
    assert TemplateContent.from_json(again(approved).content).body == body["text"]
    assert events(approved)[:2] == ["words_read", "words"]


def test_words_that_are_the_same_stay_as_they_were_written(workspace: Workspace, approved: TemplateMessage, at_meta: Any) -> None:
    body = {"type": "BODY", "text": READY.body, "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Bob"}]}}
    at_meta(known={"status": "APPROVED", "parameter_format": "NAMED", "components": [body]})
    before = again(approved).content
    outbound.refresh(workspace.id, approved.id)
    assert again(approved).content == before


def test_what_we_cannot_send_any_more_is_shown_but_not_sent(workspace: Workspace, approved: TemplateMessage, at_meta: Any) -> None:
    parts = [{"type": "BODY", "text": "Hello there."}, {"type": "HEADER", "format": "LOCATION"}]
    at_meta(known={"status": "APPROVED", "components": parts})
    outbound.refresh(workspace.id, approved.id)
    assert again(approved).unheld == "Its header is a location. FlowBuilder cannot send that."
    with pytest.raises(Exception, match="header is a location"):
        doors.approved(workspace.id, approved.id)


def test_deleting_an_approved_message_tells_how_long_its_name_is_blocked(workspace: Workspace, approved: TemplateMessage) -> None:
    outbound.delete(workspace.id, approved.id, None)
    row = again(approved)
    assert row.name_free_at is not None
    assert timedelta(days=29) < row.name_free_at - clock.now() <= timedelta(days=30)
    assert f"blocked until {row.name_free_at:%d %b %Y}" in sayings(row)[0]


def test_meta_is_asked_more_and_more_rarely(workspace: Workspace, line: Line, at_meta: Any) -> None:
    fake = at_meta(known={"status": "PENDING"})
    row = outbound.create(workspace.id, line.id, replace(READY, name="Slow"), None)
    outbound.submit(workspace.id, row.id, None)
    for minute in range(0, 120):
        with clock.shifted(timedelta(minutes=minute, seconds=1)):
            outbound.refresh_overdue()
    assert fake.asked == 5


@pytest.mark.parametrize("event", EVENTS)
def test_every_word_of_meta_is_understood_and_kept(approved: TemplateMessage, event: str, now: int) -> None:
    hear(approved, event, at=now + 60)
    row, target = again(approved), EVENTS[event].target
    assert row.status == (target or ReviewStatus.APPROVED)
    assert outbound.history(row.id)[0].event == event
    assert EVENTS[event].text in sayings(row)[0]
