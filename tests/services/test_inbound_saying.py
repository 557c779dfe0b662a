"""What the worker says, to whom and in which order, while it applies what came in."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from flowbuilder import clock, queue
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import deliver
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub, accept

_numbers = itertools.count(100_000_000)


def _conversation(line: Line) -> Conversation:
    """A running conversation with somebody who has just written."""
    now, number = clock.now(), f"4915{next(_numbers)}"
    contact = Contact(id=new_id("con"), workspace_id=line.workspace_id, created_at=now, name="", wa_id=number, last_heard_at=now)
    version = worlds.version(line)
    row = Conversation(
        id=new_id("cnv"), workspace_id=line.workspace_id, flow_id=version.flow_id, version_id=version.id, contact_id=contact.id,
        line_id=line.id, status="in_progress", state={}, turn=0, started_at=now, updated_at=now,
    )  # fmt: skip
    db.session.add(contact)
    db.session.flush()
    db.session.add(row)
    db.session.commit()
    return row


def _queue(line: Line, conversation: Conversation, **values: Any) -> Message:
    row = Message(
        workspace_id=line.workspace_id, line_id=line.id, direction="out", kind="text", status="queued", phone="+4915112345678",
        contact_id=conversation.contact_id, conversation_id=conversation.id, content={"kind": "text", "body": "Hi"},
        created_at=clock.now(),
    )  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.commit()
    return row


def _sending() -> dict[str, Any]:
    return {"status": "sending", "lease_owner": "elsewhere@7:7", "lease_until": clock.now() + timedelta(seconds=60)}


def _deferred() -> dict[str, Any]:
    return {"due_at": clock.now() + timedelta(minutes=1)}


@pytest.mark.parametrize("in_the_way", [_sending, _deferred])
def test_nobody_waits_for_a_conversation_whose_earlier_message_is_in_the_way(here: Line, in_the_way: Any) -> None:
    stuck, free = _conversation(here), _conversation(here)
    _queue(here, stuck, **in_the_way())
    _queue(here, stuck)
    _queue(here, free)
    assert list(deliver.waiting()) == [free.id]
    started = time.monotonic()
    apply.run()
    assert time.monotonic() - started < 5


def test_a_round_that_moves_nothing_is_followed_by_a_pause(here: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is that names a conversation which can't go on, it must not cost a whole processor."""
    rounds: list[float] = []

    def waiting(*_: Any) -> dict[str, str]:
        rounds.append(time.monotonic())
        return {"cnv_none": here.id} if time.monotonic() - rounds[0] < 0.5 else {}

    monkeypatch.setattr(deliver, "waiting", waiting)
    apply.run()
    assert len(rounds) < 60


def _line(like: Line, **values: Any) -> Line:
    same = {name: getattr(like, name) for name in ("workspace_id", "base_url", "waba_id", "app_id", "messages_per_second")}
    own = {"id": new_id("lin"), "name": "Second", "display_number": "+1 555-010-0002", "phone_number_id": "7", "created_at": clock.now()}
    row = Line(**same, **own, app_secret=b"", access_token=b"", verify_token=b"", **values)
    db.session.add(row)
    return worlds.seal(row)


def test_a_slow_line_leaves_room_for_others(here: Line, meta: Stub) -> None:
    """The slow line answers only when the other one's message is out, so that what waits for it would be seen."""
    others_went: list[bool] = []

    def slowly(payload: dict[str, Any]) -> Any:
        deadline = time.monotonic() + (0 if others_went else 5)
        while not meta.seen and time.monotonic() < deadline:
            time.sleep(0.01)
        others_went.append(bool(meta.seen))
        return accept(payload)

    with Stub(slowly) as slow:
        behind = _line(here)
        behind.base_url = slow.url
        db.session.commit()
        for _ in range(40):
            _queue(behind, _conversation(behind))
        _queue(here, _conversation(here))
        apply.run()
    assert len(others_went) == 40
    assert all(others_went)


def test_a_line_that_meta_stopped_is_tried_with_one_message_a_minute(here: Line, meta: Stub) -> None:
    meta.answer = lambda payload: (401, {"error": {"code": 190, "message": "Expired"}})
    here.paused_reason = "The token has ended."
    db.session.commit()
    for _ in range(5):
        _queue(here, _conversation(here))
    apply.run()
    apply.run()
    assert len(meta.seen) == 1


def test_another_job_takes_over_after_a_while(here: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(apply, "_SLICE_SECONDS", -1.0)
    monkeypatch.setattr(queue, "ring", lambda lane, job, *_: rung.append(job))
    apply.run()
    assert rung == ["converse"]


def test_a_database_that_is_away_for_a_moment_costs_only_that_moment(here: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    body = worlds.said_to_us("w1", text={"body": "Hi"})
    intake.receive(here.id, body, worlds.signed(body))
    real, failures = apply.settle, [1, 1]

    def settle(*arguments: Any) -> Any:
        if failures:
            failures.pop()
            raise OperationalError("UPDATE", {}, Exception("locked"))
        return real(*arguments)

    monkeypatch.setattr(apply, "settle", settle)
    apply.run()
    assert db.session.query(Message).filter_by(direction="in").count() == 1
