"""How fast a line sends: its rate is shared by all processes and found anew when Meta takes less; nobody is written to too often."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter

import pytest

from flowbuilder import clock, queue
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.sending import deliver, fate, pair, pump, rate, single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp.errors import CloudError, Verdict
from tests import worlds
from tests.stub import Stub, at_most

_PER_SECOND = 50
_TAKER = """
import sys, time
from flask import Flask
from flowbuilder.services.sending import rate

app = Flask("taker")
app.extensions["flowbuilder"] = type("Settings", (), {"redis_url": sys.argv[1]})
with app.app_context():
    end = time.time() + 3
    while time.time() < end:
        asked = time.time()
        granted, wait = rate.take("lin_shared", int(sys.argv[2]), 5, bulk=sys.argv[3] == "bulk")
        for _ in range(granted):
            print(f"{asked!r}-{time.time()!r}")
        time.sleep(min(wait, 0.2))
"""


@pytest.mark.parametrize("second", ["bulk", "replies"])
def test_two_processes_together_never_send_faster_than_their_line_allows(redis_url: str, second: str) -> None:
    takers = [
        subprocess.Popen([sys.executable, "-c", _TAKER, redis_url, str(_PER_SECOND), lane], stdout=subprocess.PIPE, text=True)
        for lane in ("bulk", second)
    ]
    outputs = [taker.communicate(timeout=30)[0].split() for taker in takers]
    assert all(outputs if second == "bulk" else outputs[1:]), "one of them never had its turn, though no reply was before it"
    # Each was granted between two moments. However long an answer took to come back, these were surely granted within one second.
    grants = [tuple(map(float, moments.split("-"))) for output in outputs for moments in output]
    fullest = max(sum(1 for asked, had in grants if asked >= first and had < first + 0.99) for first, _ in grants)
    assert fullest <= _PER_SECOND
    assert len(grants) >= 2 * _PER_SECOND, "the line could have taken far more"


@pytest.mark.parametrize(("per_second", "seconds", "least"), [(50, 2.0, 12), (3, 2.0, 1)])
def test_people_are_answered_first_and_a_batch_still_gets_its_share(
    redis_url: str, here: Line, per_second: int, seconds: float, least: int
) -> None:
    """Both would take the whole line; answers ask more often than the batch does."""
    granted = Counter[str]()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(5):
            granted["answers"] += rate.take(here.id, per_second, 5, bulk=False)[0]
        granted["batch"] += rate.take(here.id, per_second, 5, bulk=True)[0]
        time.sleep(0.005)
    assert granted["batch"] >= least
    assert granted["answers"] > granted["batch"] * 1.5
    assert granted.total() >= per_second * (seconds - 0.5)


def test_without_a_batch_answers_have_the_whole_line(redis_url: str, here: Line) -> None:
    assert rate.take(here.id, 50, 60, bulk=False) == (50, 0)


def test_who_asks_in_vain_does_not_count_for_ever_what_left_long_ago(redis_url: str, here: Line) -> None:
    for count in (15, 20):
        assert rate.take(here.id, 50, count, bulk=False) == (count, 0)
    server = queue.connection()
    at, _, count = server.lindex(f"flowbuilder:rate:{here.id}:log", 0).decode().partition(":")
    server.lset(f"flowbuilder:rate:{here.id}:log", 0, f"{int(at) - 2_000_000}:{count}")
    assert rate.take(here.id, 50, 5, bulk=True)[0] == 0
    assert rate.take(here.id, 50, 50, bulk=False)[0] == 50 - 20 - 12, "a fifth and two are kept for the batch that asked"


def test_a_line_finds_the_rate_that_meta_takes_and_no_message_is_lost(redis_url: str, here: Line, meta: Stub) -> None:
    here.messages_per_second = 300
    db.session.commit()
    refused: list[float] = []
    meta.answer = at_most(100, refused)
    batch = worlds.batch(here, worlds.template(here), 500)
    pump.run(batch.id)
    rows = db.session.query(Message.status, Message.attempt).filter_by(batch_id=batch.id).all()
    assert set(rows) == {("accepted", 1)}
    assert len(refused) < 150, "it went on at a rate that Meta does not take"


def test_one_person_gets_a_burst_and_then_one_message_in_six_seconds(redis_url: str, here: Line) -> None:
    waits = [pair.take(here.id, "+4915112345678") for _ in range(pair.BURST + 1)]
    assert set(waits[:-1]) == {0}
    assert 5 < waits[-1] <= 6
    assert pair.take(here.id, "+4915112345679") == 0
    assert pair.take("lin_other", "+4915112345678") == 0


def test_who_had_enough_waits_and_holds_up_nobody(redis_url: str, here: Line, meta: Stub) -> None:
    for _ in range(pair.BURST):
        pair.take(here.id, "+4915112345678")
    template = worlds.template(here)
    rows = [
        single.send(here.workspace_id, template.id, phone, {"first_name": "A"}, user_id=None, client_key=phone)
        for phone in ("+4915112345678", "+4915112345679")
    ]
    for row in rows:
        deliver.one(row.id)
    assert [payload["to"].lstrip("+") for payload in meta.seen] == ["4915112345679"]
    waiting = worlds.reload(rows[0])
    assert (waiting.status, waiting.attempt) == ("queued", 0)
    assert 0 < (waiting.due_at - clock.now()).total_seconds() <= 6
    assert list(deliver.waiting()) == []


def test_without_a_queue_server_the_limit_per_person_is_left_to_meta(here: Line) -> None:
    assert {pair.take(here.id, "+4915112345678") for _ in range(pair.BURST + 5)} == {0}


def test_what_meta_refuses_for_one_person_waits_four_times_as_long_each_time():
    now = clock.now()
    error = CloudError(fate.PAIR_LIMIT, verdict=Verdict.WAIT)
    found = [fate.of_error(1, error, attempt, now) for attempt in (1, 2, 3, 4, 20)]
    assert [(each.due - now).total_seconds() for each in found] == [1, 4, 16, 64, 3600]
    assert {(each.become, each.uncounted) for each in found} == {(DeliveryStatus.QUEUED, 0)}
