"""A backup is restored in the middle of sending: nothing leaves until an administrator says so, and nobody is messaged twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.errors import Conflict
from flowbuilder.services import restored, transaction
from flowbuilder.services.inbound import apply
from flowbuilder.services.sending import again, doubt, pump, single, sweep
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Line
from flowbuilder.store.installation import Installation
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.faults.counts import times
from tests.faults.judge import counts
from tests.stub import Stub


def _set_back(pulse: int = 0) -> None:
    """The database knows less of its life than the home does."""
    restored.beat()
    restored.beat()
    with transaction() as session:
        session.execute(db.update(Installation).values(pulse=pulse))


def _single(line: Line, key: str = "k") -> Message:
    return single.send(line.workspace_id, worlds.template(line).id, "+4915112345678", {"first_name": "A"}, user_id=None, client_key=key)


@pytest.mark.parametrize("done", [n * 100 // times(3, 20) for n in range(times(3, 20))])
def test_a_backup_taken_in_the_middle_of_a_batch_sends_nothing_twice(here: Line, meta: Stub, tmp_path: Path, done: int) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the file of the database is copied")
    batch = worlds.batch(here, worlds.template(here), 100)
    batch_id, workspace_id = batch.id, here.workspace_id
    restored.beat()
    _send_some(batch_id, done)
    _copy(tmp_path / "flowbuilder.db", tmp_path / "backup.db")
    pump.run(batch_id, threads=4)
    restored.beat()
    assert len(meta.seen) == 100

    db.session.remove()
    db.engine.dispose()
    _copy(tmp_path / "backup.db", tmp_path / "flowbuilder.db")
    pump.run(batch_id, threads=4)
    sweep.sweep()
    pump.run(batch_id, threads=4)
    apply.run()
    assert len(meta.seen) == 100
    assert counts(batch_id)["queued"] == 100 - done

    restored.confirm(workspace_id, user_id=None)
    sweep._last.clear()
    sweep.sweep()
    pump.run(batch_id, threads=4)
    assert len(meta.seen) == 100
    assert counts(batch_id) == {"accepted": done, "unconfirmed": 100 - done} if done else {"unconfirmed": 100}


def _send_some(batch_id: str, count: int) -> None:
    """The first rows go out, as in the middle of a batch."""
    ids = list(db.session.scalars(db.select(Message.id).where(Message.batch_id == batch_id).order_by(Message.id)))
    with transaction() as session:
        session.execute(db.update(Message).where(Message.id.in_(ids[count:])).values(due_at=clock.now().replace(year=2100)))
    pump.run(batch_id, threads=4)
    with transaction() as session:
        session.execute(db.update(Message).where(Message.id.in_(ids[count:])).values(due_at=None))


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)


def test_a_database_that_lives_on_is_not_held(here: Line, meta: Stub) -> None:
    for _ in range(3):
        restored.beat()
    assert not restored.is_held_now()
    _single(here)
    apply.run()
    assert len(meta.seen) == 1


def test_single_messages_wait_until_the_word_is_given_and_new_ones_go_then(here: Line, meta: Stub) -> None:
    old = _single(here, "old")
    _set_back()
    restored.beat()
    new = _single(here, "new")
    apply.run()
    assert meta.seen == []
    assert restored.confirm(here.workspace_id, user_id=None) == 1
    apply.run()
    assert (worlds.reload(old).status, worlds.reload(new).status, len(meta.seen)) == ("unconfirmed", "accepted", 1)


def test_what_was_in_doubt_is_not_repeated_by_a_rule(here: Line, meta: Stub) -> None:
    row = _single(here)
    with transaction() as session:
        session.execute(db.update(Message).where(Message.id == row.id).values(status="unknown", sending_at=clock.now().replace(year=2020)))
    _set_back()
    sweep._last.clear()
    sweep.sweep()
    assert worlds.reload(row).status == "unknown"
    restored.confirm(here.workspace_id, user_id=None)
    doubt.resolve()
    assert worlds.reload(row).status == "unconfirmed"
    again.resend(here.workspace_id, row.id, user_id=None)
    apply.run()
    assert len(meta.seen) == 1


def test_drafts_keep_their_rows_and_scheduled_batches_become_drafts(here: Line) -> None:
    draft, planned, paused = (worlds.batch(here, worlds.template(here), 2, status=status) for status in ("draft", "scheduled", "paused"))
    _set_back()
    restored.confirm(here.workspace_id, user_id=None)
    assert [worlds.reload(batch).status for batch in (draft, planned, paused)] == ["draft", "draft", "paused"]
    assert [set(counts(batch.id)) for batch in (draft, planned, paused)] == [{"queued"}, {"queued"}, {"unconfirmed"}]


def test_it_is_confirmed_once_and_by_an_administrator(here: Line, sign_in: Callable[..., FlaskClient]) -> None:
    _single(here)
    _set_back()
    tester, admin = sign_in("tester"), sign_in("admin")
    assert "an administrator confirms it" in tester.get("/outbound").text
    assert tester.post("/restored").status_code == 403
    assert "look at it and confirm" in admin.get("/outbound").text
    assert "1</strong> message of this workspace was waiting" in admin.get("/restored").text
    assert admin.post("/restored").status_code == 303
    assert admin.post("/restored").status_code == 409
    assert "nothing is sent" not in admin.get("/outbound").text
    assert db.session.query(AuditEvent).filter_by(verb="installation.confirmed").count() == 1


def test_an_operator_can_say_so_where_nothing_else_tells(here: Line, meta: Stub) -> None:
    restored.hold()
    _single(here)
    apply.run()
    assert meta.seen == []
    restored.confirm(here.workspace_id, user_id=None)
    with pytest.raises(Conflict):
        restored.confirm(here.workspace_id, user_id=None)
    assert db.session.query(Batch).count() == 0


def test_who_reads_while_the_number_grows_takes_these_data_for_no_backup(here: Line) -> None:
    restored.beat()
    pulse = db.session.scalar(db.select(Installation.pulse))
    with db.engine.begin() as other:
        other.execute(db.update(Installation).values(pulse=pulse + 1))
    restored._keep(pulse + 1)

    assert not restored.is_held_now()
