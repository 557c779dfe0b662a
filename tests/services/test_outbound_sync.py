"""Bringing in what exists at Meta: with a stand-in for what is rare, with the simulator for the whole way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Conflict
from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines
from flowbuilder.services.sending import doors
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage, TemplateSync
from flowbuilder.whatsapp.errors import CloudError, NotSent, Verdict
from tests.fixtures.servers import Simulator
from tests.services.outbound_meta import READY, Meta, again, sayings

ORDER = {"type": "BODY", "text": "Dear {{1}}, your order {{2}} is ready.", "example": {"body_text": [["Ann", "42"]]}}


class Account(Meta):
    """A stand-in whose list is given page by page."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        super().__init__()
        self.pages = list(pages)
        self.read: list[str] = []

    def templates(self, after: str) -> tuple[list[dict[str, Any]], str, int | None]:
        self.read.append(after)
        page = self.pages[int(after or 0)]
        if isinstance(page, BaseException):
            raise page
        more = int(after or 0) + 1
        return page, str(more) if more < len(self.pages) else "", sum(len(one) for one in self.pages if isinstance(one, list))


def at_meta(id: str, name: str, *components: dict[str, Any], **more: Any) -> dict[str, Any]:
    whole = {"id": id, "name": name, "language": "en_US", "status": "APPROVED", "category": "UTILITY", "quality_score": {"score": "GREEN"}}
    return {**whole, "parameter_format": "POSITIONAL", "components": list(components or [ORDER]), **more}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Account]:
    def install(*pages: list[dict[str, Any]]) -> Account:
        fake = Account(*pages)
        monkeypatch.setattr(lines, "client", lambda line: fake)
        return fake

    return install


def bring_in(workspace: Workspace, line: Line) -> TemplateSync:
    sync = outbound.sync.begin(workspace.id, line.id, None)
    outbound.sync.run(sync.id)
    return db.session.get_one(TemplateSync, sync.id, populate_existing=True)


def rows(workspace: Workspace) -> dict[tuple[str, str], TemplateMessage]:
    return {(row.wire_name, row.language): row for row in outbound.listed(workspace.id)}


@pytest.mark.database
def test_every_page_is_read_and_counted(workspace: Workspace, line: Line, account: Any) -> None:
    location = {"type": "HEADER", "format": "LOCATION"}
    account([at_meta("1", "one"), at_meta("2", "two", status="PAUSED")], [at_meta("3", "three", ORDER, location), at_meta("4", "")])
    sync = bring_in(workspace, line)
    assert (sync.status, sync.total) == ("done", 4)
    assert sync.counts == {"added": 2, "shown_only": 1, "unreadable": 1}
    found = rows(workspace)
    assert {name: row.status for (name, _), row in found.items()} == {"one": "approved", "two": "paused", "three": "approved"}
    assert (found["one", "en_US"].meta_id, found["one", "en_US"].quality) == ("1", "GREEN")
    assert sayings(found["one", "en_US"]) == ["Brought in from the WhatsApp account."]


@pytest.mark.database
def test_bringing_in_again_changes_nothing(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "one"), at_meta("2", "code", *CODE, category="AUTHENTICATION")])
    bring_in(workspace, line)
    before = {key: (row.id, row.content, row.status) for key, row in rows(workspace).items()}
    assert bring_in(workspace, line).counts == {"unchanged": 2}
    assert {key: (row.id, row.content, row.status) for key, row in rows(workspace).items()} == before


CODE = (
    {"type": "BODY", "text": "*{{1}}* is your verification code."},
    {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy code", "url": "https://www.whatsapp.com/otp/code/?code=otp{{1}}"}]},
)


def test_statuses_categories_and_words_of_known_messages_follow_meta(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "one")])
    bring_in(workspace, line)
    changed = {**ORDER, "text": "Dear {{1}}, order {{2}} waits for you."}
    account([at_meta("1", "one", changed, status="REJECTED", rejected_reason="SCAM", category="MARKETING")])
    assert bring_in(workspace, line).counts == {"updated": 1}
    row = rows(workspace)["one", "en_US"]
    assert (row.status, row.reason, row.category) == ("rejected", "SCAM", "MARKETING")
    assert TemplateContent.from_json(row.content).body == "Dear {{word_1}}, order {{word_2}} waits for you."


def test_the_languages_of_one_name_belong_together(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "one"), at_meta("2", "one", language="es-MX")])
    bring_in(workspace, line)
    found = rows(workspace)
    assert found["one", "en_US"].group_id == found["one", "es_MX"].group_id


def test_a_message_of_ours_is_recognised_and_keeps_its_own_words(workspace: Workspace, line: Line, account: Any) -> None:
    fake = account([])
    row = outbound.create(workspace.id, line.id, READY, None)
    outbound.submit(workspace.id, row.id, None)
    sent = fake.created[0]
    fake.pages = [[at_meta("900", row.wire_name, *sent["components"], parameter_format="NAMED")]]
    assert bring_in(workspace, line).counts == {"updated": 1}
    assert again(row).status == ReviewStatus.APPROVED
    assert TemplateContent.from_json(again(row).content) == READY.settled()


def test_a_draft_of_ours_is_never_taken_for_one_of_metas(workspace: Workspace, line: Line, account: Any) -> None:
    row = outbound.create(workspace.id, line.id, READY, None)
    account([at_meta("1", row.wire_name, language="de")])
    bring_in(workspace, line)
    assert again(row).status == ReviewStatus.DRAFT


def test_a_deleted_message_that_exists_again_comes_back(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "one")])
    bring_in(workspace, line)
    outbound.delete(workspace.id, rows(workspace)["one", "en_US"].id, None)
    account([at_meta("77", "one")])
    assert bring_in(workspace, line).counts == {"updated": 1}
    row = rows(workspace)["one", "en_US"]
    assert (row.status, row.meta_id, row.name_free_at) == ("approved", "77", None)


def test_what_meta_does_not_list_any_more_is_asked_about(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "one")])
    bring_in(workspace, line)
    with clock.shifted(timedelta(hours=1)):
        fake = account([])
        bring_in(workspace, line)
        fake.known = CloudError(100, 33, "gone", "", Verdict.FAIL)
        fake.find_template = lambda name, language: None
        outbound.refresh_overdue()
        assert outbound.listed(workspace.id) == []


def test_an_answer_that_fails_is_told_and_what_was_read_is_kept(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "one")], NotSent(details="x"))
    sync = bring_in(workspace, line)
    assert (sync.status, sync.counts) == ("failed", {"added": 1})
    assert sync.problem == NotSent().text


def test_a_cursor_that_meta_has_forgotten_begins_anew(workspace: Workspace, line: Line, account: Any) -> None:
    fake = account([at_meta("1", "one")], CloudError(131059, None, "cursor", "", Verdict.FAIL))
    fake_templates = fake.templates

    def once(after: str) -> Any:
        try:
            return fake_templates(after)
        finally:
            if after:
                fake.pages = [[at_meta("1", "one"), at_meta("2", "two")]]

    fake.templates = once
    sync = bring_in(workspace, line)
    assert (sync.status, sync.counts) == ("done", {"added": 2, "unchanged": 1})


def test_only_one_reads_at_a_time_and_what_is_left_behind_is_resumed(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "one")])
    first = outbound.sync.begin(workspace.id, line.id, None)
    assert outbound.sync.begin(workspace.id, line.id, None).id == first.id
    outbound.sync.resume()
    assert db.session.get_one(TemplateSync, first.id, populate_existing=True).status == "done"


def test_what_can_only_be_shown_is_not_sent(workspace: Workspace, line: Line, account: Any) -> None:
    account([at_meta("1", "place", ORDER, {"type": "HEADER", "format": "LOCATION"})])
    bring_in(workspace, line)
    with pytest.raises(Conflict, match="header is a location"):
        doors.approved(workspace.id, rows(workspace)["place", "en_US"].id)


def test_a_message_with_two_answers_is_made_to_open_flows(workspace: Workspace, line: Line, account: Any) -> None:
    buttons = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}, {"type": "QUICK_REPLY", "text": "No"}]}
    account([at_meta("1", "ask", ORDER, buttons)])
    bring_in(workspace, line)
    row = rows(workspace)["ask", "en_US"]
    assert outbound.approved_for_flows(workspace.id) == []
    outbound.open_flows(workspace.id, row.id, None)
    assert [one.id for one in outbound.approved_for_flows(workspace.id)] == [row.id]
    assert bring_in(workspace, line).counts == {"unchanged": 1}
    with pytest.raises(Conflict):
        outbound.open_flows(workspace.id, row.id, None)


def test_what_was_made_elsewhere_comes_in_from_the_simulator(simulator: Simulator, workspace: Workspace, line: Line) -> None:
    mine = outbound.create(workspace.id, line.id, READY, None)
    outbound.submit(workspace.id, mine.id, None)
    meta = lines.client(line)
    for number in range(120):
        body = {**ORDER, "text": f"Dear {{{{1}}}}, parcel number {number} of your order {{{{2}}}} is ready."}
        made = {"name": f"elsewhere_{number}", "language": "en_US", "category": "utility", "components": [body]}
        meta.create_template(made)
    simulator.control("clock", advance=60)
    sync = bring_in(workspace, line)
    assert (sync.status, sync.total) == ("done", 121)
    assert sync.counts["added"] == 120
    assert TemplateContent.from_json(again(mine).content) == replace(READY).settled()
    other = rows(workspace)["elsewhere_7", "en_US"]
    assert TemplateContent.from_json(other.content).body == "Dear {{word_1}}, parcel number 7 of your order {{word_2}} is ready."
