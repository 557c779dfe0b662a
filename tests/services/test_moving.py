"""People under way: who stands where, and moving them to the version that is live."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.engine import begin, resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.run import Input, InputKind, Run
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services.flows import moving, versions
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import AuditEvent, Line
from flowbuilder.store.conversations import Contact, Conversation, ConversationEvent
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.sending import Message
from tests import worlds


@pytest.fixture
def old(line: Line) -> FlowVersion:
    return worlds.version(line)


def person(line: Line, version: FlowVersion, *, has_begun: bool = True, heard: timedelta = timedelta(minutes=5)) -> Conversation:
    """Somebody who waits at the question, or at the opening."""
    now = clock.now()
    flow = Flow.from_json(version.document)
    run = begin(flow, {"first_name": "Ann", "contact.name": "Ann", "contact.phone": ""}, now)
    if has_begun:
        run = resume(flow, run, Input(InputKind.TAP, option="continue"), now).run
    contact = Contact(id=new_id("con"), workspace_id=line.workspace_id, wa_id=new_id("4")[2:12], last_heard_at=now - heard, created_at=now)
    db.session.add(contact)
    db.session.flush()
    row = Conversation(
        id=new_id("cnv"), workspace_id=line.workspace_id, flow_id=version.flow_id, version_id=version.id, contact_id=contact.id,
        line_id=line.id, status=run.status.value, state=run.to_json(), started_at=now, updated_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def publish(old: FlowVersion, change: Any = None) -> FlowVersion:
    """A second version, made from the first by ``change``."""
    document = copy.deepcopy(old.document)
    if change:
        change({node["id"]: node["data"] for node in document["nodes"]}, document)
    row = FlowVersion(id=new_id("ver"), flow_id=old.flow_id, number=2, document=document, digest=new_id("d"), created_at=clock.now())
    db.session.add(row)
    draft = db.session.get_one(FlowDraft, old.flow_id)
    draft.document, draft.published = document, 2
    db.session.commit()
    return row


def another_answer(data: dict, document: dict) -> None:
    data["n2"]["options"] = [{"id": "b", "title": "Blue"}]
    document["edges"] = [edge for edge in document["edges"] if edge["port"] not in ("r", "g")]


def choices(old: FlowVersion, new: FlowVersion) -> dict:
    return moving.suggested(old.flow_id, new, moving.standing(old.flow_id))


def reload(row: Conversation) -> Conversation:
    return worlds.reload(row)


def test_people_are_counted_by_version_and_step(line: Line, old: FlowVersion) -> None:
    person(line, old), person(line, old), person(line, old, has_begun=False)
    new = publish(old)
    person(line, new)

    found = [(stand.number, stand.node, stand.people) for stand in moving.standing(old.flow_id)]
    assert found == [(2, "n2", 1), (1, "n1", 1), (1, "n2", 2)]
    assert moving.waiting(old.flow_id) == {"n1": 1, "n2": 3}
    assert moving.standing(old.flow_id)[0].name == "Answer options “Which colour, {{first_name}}?”"


def test_nothing_is_changed_by_trying(line: Line, old: FlowVersion) -> None:
    row = person(line, old)
    new = publish(old, another_answer)
    outlook = moving.outlook(line.workspace_id, old.flow_id, choices(old, new))

    assert (outlook.stays, outlook.is_asked, outlook.cannot) == (0, 1, ())
    assert (reload(row).version_id, row.turn) == (old.id, 0)
    assert db.session.query(Message).count() == 0


@pytest.mark.database
def test_of_many_at_a_step_some_are_tried_and_tell_of_the_others(line: Line, old: FlowVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        person(line, old)
    person(line, old, has_begun=False)
    new = publish(old)
    monkeypatch.setattr(moving, "TRIED", 2)
    outlook = moving.outlook(line.workspace_id, old.flow_id, choices(old, new))
    assert (outlook.tried, outlook.people, outlook.movable) == (3, 6, 6)


def test_what_was_told_is_what_happens(line: Line, old: FlowVersion) -> None:
    asked, silent = person(line, old), person(line, old, has_begun=False)
    late = person(line, old, heard=timedelta(hours=30))
    new = publish(old, another_answer)
    outlook = moving.outlook(line.workspace_id, old.flow_id, choices(old, new))
    moved = moving.move(line.workspace_id, old.flow_id, choices(old, new), None)

    assert (outlook.stays, outlook.is_asked, outlook.left_behind) == (1, 1, 1)
    assert "24 hours" in outlook.cannot[0][0]
    assert (moved.done, moved.after) == (2, None)
    assert [reload(row).version_id for row in (asked, silent, late)] == [new.id, new.id, old.id]
    said = db.session.query(Message).one()
    assert (said.conversation_id, said.content["buttons"][0]["title"], said.status) == (asked.id, "Blue", "queued")


def test_a_moved_conversation_goes_on_in_the_new_version_and_its_events_say_so(line: Line, old: FlowVersion) -> None:
    row = person(line, old)
    new = publish(old, lambda data, _: data["n3"].update(text="{{colour}}, how nice."))
    moving.move(line.workspace_id, old.flow_id, choices(old, new), None)
    event = db.session.query(ConversationEvent).filter_by(conversation_id=row.id).one()

    assert (event.kind, event.data) == ("moved", {"of": "n2", "version": 2})
    assert reload(row).turn == 1
    said = resume(Flow.from_json(new.document), Run.from_json(row.state), Input(InputKind.TAP, option="n2:r"), clock.now()).said
    assert said[0]["body"] == "Red, how nice."


def test_moving_is_in_the_audit_log(line: Line, old: FlowVersion) -> None:
    person(line, old)
    new = publish(old)
    moving.move(line.workspace_id, old.flow_id, choices(old, new), None)

    assert db.session.query(AuditEvent).filter_by(verb="flow.people_moved").one().text == (
        "Moved one person to version 2 of the flow “Colours”"
    )


def test_many_are_moved_some_at_a_time_and_nobody_twice(line: Line, old: FlowVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    rows = [person(line, old) for _ in range(5)]
    new = publish(old)
    done, after = [], ""
    chosen = choices(old, new)
    while after is not None:
        moved = moving.move(line.workspace_id, old.flow_id, chosen, None, after=after)
        done.append(moved.done)
        after = moved.after

    assert done == [2, 2, 1]
    assert [reload(row).turn for row in rows] == [1] * 5


def test_who_is_not_given_a_step_finishes_where_they_are(line: Line, old: FlowVersion) -> None:
    row = person(line, old)
    publish(old)

    assert moving.move(line.workspace_id, old.flow_id, {(1, "n2"): None}, None).done == 0
    assert reload(row).version_id == old.id


def test_people_move_only_to_a_version_that_is_live(line: Line, old: FlowVersion) -> None:
    with pytest.raises(Conflict, match="Publish the flow first"):
        moving.outlook(line.workspace_id, old.flow_id, {})
    with pytest.raises(NotFound):
        moving.outlook("wsp_other", old.flow_id, {})


def test_a_version_is_brought_back_by_a_change_that_can_be_undone(line: Line, old: FlowVersion) -> None:
    from flowbuilder.services import flows

    publish(old, another_answer)
    changed = versions.bring_back(line.workspace_id, old.flow_id, 1, None)

    assert changed.flow == Flow.from_json(old.document)
    assert flows.undo(line.workspace_id, old.flow_id, None).flow.nodes["n2"].data["options"] == [{"id": "b", "title": "Blue"}]


def test_bringing_back_what_the_draft_is_already_changes_nothing(line: Line, old: FlowVersion) -> None:
    publish(old)

    with pytest.raises(Conflict, match="same as version 2"):
        versions.bring_back(line.workspace_id, old.flow_id, 2, None)
    with pytest.raises(NotFound):
        versions.bring_back(line.workspace_id, old.flow_id, 7, None)
