"""A published flow switched off, and put on it again, on a real database, with a stand-in for Meta."""

from __future__ import annotations

import pytest

from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import flows
from flowbuilder.services.flows import switching
from flowbuilder.services.inbound import aside
from flowbuilder.services.sending import again, batches, deliver, doors, single
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.flows import FlowVersion
from flowbuilder.store.sending import Message
from tests import worlds
from tests.services.starts import start
from tests.stub import Stub

pytestmark = pytest.mark.database
_WA_ID = "4915112345678"


@pytest.fixture
def live(here: Line) -> FlowVersion:
    return worlds.published(here, worlds.DOCUMENT)


def _invited(line: Line, version: FlowVersion, key: str) -> Message:
    known = {"version_id": version.id, "user_id": None, "client_key": key}
    row = single.send(line.workspace_id, worlds.template(line).id, f"+{_WA_ID}", {"first_name": "Ann"}, **known)
    deliver.one(row.id)
    return worlds.reload(row)


def _tap(line: Line, opener: Message, wamid: str) -> None:
    worlds.hear(line, wamid, wa_id=_WA_ID, quoted=opener.wamid, button={"payload": "continue", "text": "Continue"})


def test_off_the_air_nothing_new_begins_who_is_under_way_goes_on_and_the_same_version_comes_back(
    here: Line, live: FlowVersion, meta: Stub
) -> None:
    first, later = _invited(here, live, "k1"), _invited(here, live, "k2")
    _tap(here, first, "w1")
    before = db.session.query(Conversation).one()
    turn = before.turn
    assert switching.meaning(live.flow).people == 1
    flows.switch_off(here.workspace_id, live.flow_id, None)

    with pytest.raises(Invalid) as refused:
        doors.version_to_start(here.workspace_id, Door.OUTBOUND, live.flow_id, worlds.template(here), None)
    assert "is switched off" in refused.value.findings[0].text
    worlds.hear(here, "w2", wa_id=_WA_ID, text={"body": "Ann"})
    assert worlds.reload(before).turn > turn, "who is under way is answered"
    _tap(here, later, "w3")
    assert db.session.query(Conversation).count() == 1, "an answer to a message of before begins nothing"
    assert aside.count_missed(here.workspace_id) == 1, "and is kept for a person"

    flows.switch_on(here.workspace_id, live.flow_id, None)
    assert doors.version_to_start(here.workspace_id, Door.OUTBOUND, live.flow_id, worlds.template(here), None) == live.id
    _tap(here, later, "w4")
    assert db.session.query(Conversation).count() == 2


def test_batches_of_a_flow_that_is_taken_off_stop_and_are_resumed_once_it_is_back(here: Line, live: FlowVersion) -> None:
    batch = worlds.batch(here, worlds.template(here), 3, version_id=live.id)
    flows.switch_off(here.workspace_id, live.flow_id, None)
    assert (worlds.reload(batch).status, worlds.reload(batch).stopped_because) == ("stopped", switching.STOPPED)
    with pytest.raises(Conflict, match="switched off"):
        batches.resume(here.workspace_id, batch.id, user_id=None)
    flows.switch_on(here.workspace_id, live.flow_id, None)
    batches.resume(here.workspace_id, batch.id, user_id=None)
    assert worlds.reload(batch).status == "running"


def test_nothing_of_a_finished_batch_leaves_again_while_its_flow_is_off_the_air(here: Line, live: FlowVersion) -> None:
    batch = worlds.batch(here, worlds.template(here), 1, status="finished", version_id=live.id)
    db.session.query(Message).filter_by(batch_id=batch.id).update({"status": "unconfirmed"})
    db.session.commit()
    flows.switch_off(here.workspace_id, live.flow_id, None)
    with pytest.raises(Conflict, match="switched off"):
        again.resend_all(here.workspace_id, batch.id, user_id=None)
    assert worlds.reload(batch).status == "finished"


def test_a_batch_that_starts_in_the_moment_in_which_its_flow_is_taken_off_does_not_start(
    here: Line, live: FlowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = worlds.batch(here, worlds.template(here), 3, status="draft")

    def found_live(*_: object) -> str:
        flows.switch_off(here.workspace_id, live.flow_id, None)
        return live.id

    monkeypatch.setattr(doors, "version_to_start", found_live)
    with pytest.raises(Conflict, match="switched off"):
        start(batch)
    assert worlds.reload(batch).status == "draft"


def test_a_flow_is_taken_off_and_put_on_once_and_a_later_version_takes_the_next_number(here: Line) -> None:
    opening = ("n1", "user_sends_it", {"phrases": [{"id": "p", "text": "order"}]})
    document = worlds.flow(opening, ("end", "finish", {"outcome": "success"}), edges=(("n1", "next", "end"),))
    draft = flows.drafts.create_from(here.workspace_id, document, None)
    workspace_id, id = draft.workspace_id, draft.id
    with pytest.raises(Conflict, match="is not live"):
        flows.switch_off(workspace_id, id, None)
    flows.change(workspace_id, id, {"kind": "change", "node": "end", "data": {"text": "Bye"}}, None)
    flows.publish(workspace_id, id, None)
    flows.switch_off(workspace_id, id, None)
    with pytest.raises(Conflict, match="switch it on again instead"):
        flows.publish(workspace_id, id, None)
    flows.switch_on(workspace_id, id, None)
    flows.switch_off(workspace_id, id, None)
    assert not flows.is_changed(worlds.reload(draft))
    flows.change(workspace_id, id, {"kind": "change", "node": "end", "data": {"text": "Goodbye"}}, None)
    assert flows.publish(workspace_id, id, None).number == 2
    with pytest.raises(Conflict, match="was not switched off"):
        flows.switch_on(workspace_id, id, None)
    moments = [moment for entry in flows.history(id, None) for moment in entry.moments]
    assert [(moment.number, moment.is_on) for moment in moments] == [(2, True), (None, False), (None, True), (None, False), (1, True)]
