"""How batches stop: by themselves when too many fail, by a pause, for good."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.errors import Conflict
from flowbuilder.services.sending import batches, pump, threshold
from flowbuilder.store import batches as queries
from flowbuilder.store import db
from tests import worlds
from tests.services.starts import change, counts, start, within
from tests.stub import Stub, accept, refuse

pytestmark = pytest.mark.database


def test_a_batch_stops_when_thirty_percent_are_refused(draft: Any, meta: Stub) -> None:
    batch = draft(400)
    refused = {"error": {"message": "(#131026)", "code": 131026}}
    meta.answer = lambda payload: (400, refused) if int(payload["to"][-3:]) % 3 == 0 else accept(payload)
    meta.delay = 0.05
    start(batch)
    pump.run(batch.id, threads=4)
    batch = worlds.reload(batch)
    assert batch.status == "stopped"
    assert "30%" in batch.stopped_because
    assert counts(batch)["queued"] > 0


def test_a_batch_stops_when_webhooks_tell_of_failures(draft: Any) -> None:
    batch = draft(300)
    start(batch)
    change(batch, 60, status="failed", accepted_at=clock.now(), sending_at=clock.now())
    change(batch, 200, status="accepted", accepted_at=clock.now(), sending_at=clock.now())
    assert threshold.stop_if_failing(db.session, batch.id)
    db.session.commit()
    assert worlds.reload(batch).status == "stopped"


def test_refusals_before_it_was_resumed_do_not_count_again(draft: Any) -> None:
    batch = draft(300)
    start(batch)
    change(batch, 100, status="failed", sending_at=clock.now() - timedelta(minutes=1))
    assert not threshold.stop_if_failing(db.session, batch.id)
    assert len(queries.last_tries(db.session, batch.id, None, 100)) == 100


@pytest.mark.parametrize(("per_second", "answers", "most"), [(80, 0.1, 16), (80, 0.5, 20), (0, 0.02, 128)])
def test_when_meta_refuses_the_line_no_more_than_what_is_under_way_learns_it(
    redis_url: str, draft: Any, meta: Stub, per_second: int, answers: float, most: int
) -> None:
    """However fast the line is: who reads the first refusal keeps the others from asking, before the database is told."""
    batch = draft(600)
    batch.line.messages_per_second = per_second
    db.session.commit()
    number, refused = itertools.count(), []

    def answer(payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if next(number) < 100:
            return accept(payload)
        refused.append(payload)
        return refuse(190, 401)

    meta.answer, meta.delay = answer, answers
    start(batch)
    pump.run(batch.id)
    assert pump.threads_for(per_second) == (20 if per_second else 128)
    assert 1 <= len(refused) <= most
    assert counts(batch) == Counter(accepted=100, queued=500)
    assert worlds.reload(batch).status == "stopped"


def test_a_batch_whose_threshold_is_nought_goes_on(draft: Any) -> None:
    batch = draft(300)
    start(batch, stop_at=0)
    change(batch, 200, status="failed", sending_at=clock.now())
    assert not threshold.stop_if_failing(db.session, batch.id)


def test_a_cancel_takes_effect_within_two_seconds(draft: Any, meta: Stub, app: Any) -> None:
    meta.delay = 0.05
    batch = draft(2000)
    start(batch)
    thread = threading.Thread(target=lambda: within(app, lambda: pump.run(batch.id, threads=8)))
    thread.start()
    while len(meta.seen) < 50:
        thread.join(0.01)
    batches.cancel(batch.workspace_id, batch.id, user_id=None)
    seen = len(meta.seen)
    thread.join(2)
    assert not thread.is_alive()
    assert len(meta.seen) - seen <= 8
    assert set(counts(batch)) == {"accepted", "cancelled"}


def test_twenty_pauses_lose_nobody_and_double_nobody(draft: Any, meta: Stub, app: Any) -> None:
    meta.delay = 0.01
    batch = draft(400)
    start(batch, stop_at=0)
    for _ in range(20):
        thread = threading.Thread(target=lambda: within(app, lambda: pump.run(batch.id, threads=4)))
        thread.start()
        thread.join(0.05)
        with contextlib.suppress(Conflict):
            batches.pause(batch.workspace_id, batch.id, user_id=None)
        thread.join(10)
        found = counts(batch)
        assert sum(found.values()) == 400
        assert found["accepted"] == len(meta.seen)
        with contextlib.suppress(Conflict):
            batches.resume(batch.workspace_id, batch.id, user_id=None)
    pump.run(batch.id)
    assert counts(batch) == {"accepted": 400}
    assert max(Counter(payload["to"] for payload in meta.seen).values()) == 1
