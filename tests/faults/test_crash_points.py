"""Death at every single boundary, one after the other: nobody is messaged twice, nobody is forgotten, all of it goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.sending import Message
from tests import worlds
from tests.faults.counts import first, times
from tests.faults.judge import counts, is_whole, judge
from tests.faults.machine import accepted, approved, doubled

MOST = 60


@pytest.fixture
def here(line: Line, simulator: Any) -> Line:
    line.messages_per_second = 0
    simulator.control("knobs", throughput=1000, pair_limit=False, tier="TIER_UNLIMITED")
    return worlds.seal(line)


def _die_at_each(act: str, ids: list[Any], home: Path, database_url: str, redis_url: str, *, stride: int = 1, **more: Any) -> int:
    """How many boundaries there were (of every ``stride``-th one); each was died at once, and what was left was then finished."""
    where = {"home": str(home), "database_url": database_url, "redis_url": redis_url}
    spec = more | where | {"stride": stride, "first": first(stride), "act": act, "ids": ids}
    db.session.remove()
    db.engine.dispose()
    command, within = [sys.executable, "-m", "tests.faults.crash"], times(1500, 7200)
    done = subprocess.run(command, input=json.dumps(spec), capture_output=True, text=True, timeout=within, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, done.stderr[-3000:]
    assert [one["code"] for one in told] == [137] * (len(told) - 1) + [0], done.stderr[-3000:]
    return len(told) - 1


def test_death_at_every_boundary_of_a_batch(here: Line, simulator: Any, tmp_path: Path, database_url: str, redis_url: str) -> None:
    template = approved(here, simulator)
    batches = [worlds.batch(here, template, 5) for _ in range(MOST)]
    boundaries = _die_at_each("batch", [batch.id for batch in batches], tmp_path, database_url, redis_url)
    assert 24 <= boundaries < MOST
    for batch in batches[: boundaries + 1]:
        judge(batch, simulator, 5)
        assert set(counts(batch.id)) <= {"accepted", "unknown"}
        assert counts(batch.id)["unknown"] <= 1
    _tell_all(here, simulator)
    known = accepted(simulator)
    for batch in batches[: boundaries + 1]:
        judge(batch, simulator, 5)
        in_doubt = db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id, Message.status == "unknown")).all()
        assert not {str(id) for id in in_doubt} & set(known)
        assert counts(batch.id)["delivered"] == 5 - len(in_doubt)


def _tell_all(line: Line, simulator: Any) -> None:
    """The status webhooks of all that the ledger knows."""
    taken = simulator.control("ledger/messages?limit=10000")
    told = [{"id": one["wamid"], "status": "delivered", "biz_opaque_callback_data": one["callback"]} for one in taken]
    body = worlds.statuses(told)
    intake.receive(line.id, body, worlds.signed(body))
    apply.run()


def test_death_at_every_boundary_of_a_single_send(here: Line, simulator: Any, tmp_path: Path, database_url: str, redis_url: str) -> None:
    template = approved(here, simulator)
    rows = [
        single.send(here.workspace_id, template.id, f"+49151234567{n:02}", {"first_name": "A"}, user_id=None, client_key=str(n)).id
        for n in range(20)
    ]
    boundaries = _die_at_each("single", rows, tmp_path, database_url, redis_url)
    assert 6 <= boundaries < 20
    assert doubled(simulator) == {}
    statuses = [db.session.get_one(Message, id).status for id in rows[: boundaries + 1]]
    assert set(statuses) <= {"accepted", "unknown"}
    taken = set(accepted(simulator))
    assert all(str(id) in taken for id, status in zip(rows, statuses, strict=False) if status == "accepted")
    assert is_whole()


def test_death_at_every_boundary_of_an_answer_in_a_conversation(
    here: Line, simulator: Any, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    """Each inbound message is taken once, and what the flow says to it is queued once."""
    version = worlds.version(here)
    openers = [_opener(here, version.id, number) for number in range(40)]
    tap = {"payload": "continue", "text": "Continue"}
    posts = [worlds.said_to_us(f"in{opener.id}", wa_id=opener.phone[1:], quoted=opener.wamid, button=tap) for opener in openers]
    told = [{"line_id": here.id, "body": post.decode()} for post in posts]
    heard = _die_at_each("inbound", told, tmp_path, database_url, redis_url) + 1
    assert 12 <= heard < 40
    db.session.rollback()
    assert db.session.query(Message).filter_by(direction="in").count() == heard
    assert db.session.query(Conversation).count() == heard
    assert db.session.query(Message).filter_by(direction="out", kind="buttons").count() == heard
    assert db.session.query(Message).filter(Message.status.in_(("queued", "sending"))).count() == 0
    assert doubled(simulator) == {}
    assert is_whole()


def _opener(line: Line, version_id: str, number: int) -> Message:
    phone = f"+4915123456{number:03}"
    row = single.send(
        line.workspace_id, worlds.template(line).id, phone, {"first_name": "A"}, version_id=version_id, user_id=None, client_key=str(number)
    )
    with transaction() as session:
        values = {"status": "delivered", "wamid": f"wamid.out{row.id}", "delivered_at": clock.now()}
        session.execute(db.update(Message).where(Message.id == row.id).values(**values))
    return worlds.reload(row)
