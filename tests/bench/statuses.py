"""Statuses from webhooks onto messages, a thousand in each post, beside the barest updating of the same rows."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.inbound import apply
from flowbuilder.store import db
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Message
from tests import worlds
from tests.bench._world import World, load, world
from tests.bench.figure import Figure

MESSAGES, PER_POST = 40_000, 1000
_COLUMNS = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at"}


def run() -> list[Figure]:
    with world() as here:
        ours = _ours(here, _accepted(here))
    with world() as here:
        bare = _bare(_accepted(here))
    note = f"{ours:,.0f}/s against {bare:,.0f}/s; {load()}"
    return [
        Figure(f"statuses applied, {PER_POST:,} per post", ours, "/s", 20_000, 35_000, "higher", note=note),
        Figure("the same: our rate / bare executemany", ours / bare, "", 0.6, 0.8, "higher"),
    ]


def _accepted(here: World) -> list[tuple[int, str]]:
    """(id, wamid) of messages that Meta has taken."""
    batch = worlds.batch(here.line, worlds.template(here.line), MESSAGES)
    wamid = "wamid.HBgLNDkxNTEyMzQ1Njc4FQIAERgS" + Message.id.cast(db.String)
    taken = {"status": "accepted", "wamid": wamid, "accepted_at": clock.now(), "sending_at": clock.now()}
    with transaction() as session:
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(taken))
    return [(row.id, row.wamid) for row in db.session.execute(db.select(Message.id, Message.wamid).order_by(Message.id))]


def _events(messages: list[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """(id, wamid, status): three of each message, the messages of one status in any order."""
    chance, found = random.Random(20261125), []
    for status in _COLUMNS:
        found += [(*message, status) for message in chance.sample(messages, len(messages))]
    return found


def _ours(here: World, messages: list[tuple[int, str]]) -> float:
    events, now = _events(messages), int(time.time())
    for start in range(0, len(events), PER_POST):
        told = [
            {"id": wamid, "status": status, "timestamp": str(now), "recipient_id": "491512345678", "biz_opaque_callback_data": str(id),
             "conversation": {"id": "c" * 32, "origin": {"type": "marketing"}}, "pricing": {"billable": True, "category": "marketing"}}
            for id, wamid, status in events[start : start + PER_POST]
        ]  # fmt: skip
        body = worlds.statuses(told)
        db.session.add(Webhook(line_id=here.line_id, received_at=clock.now(), body=body, status="pending", error=""))
    db.session.commit()
    started = time.perf_counter()
    while rows := apply._claim():
        apply._apply(rows)
    took = time.perf_counter() - started
    db.session.rollback()
    assert db.session.query(Message).filter_by(status="read").count() == MESSAGES
    return len(events) / took


def _bare(messages: list[tuple[int, str]]) -> float:
    """One executemany for each thousand: it lifts the status and notes when, and asks nothing else."""
    events, now = _events(messages), str(datetime.now(UTC))[:26]
    db.session.rollback()
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        started = time.perf_counter()
        for start in range(0, len(events), PER_POST):
            slice_ = events[start : start + PER_POST]
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(
                f"UPDATE message SET status = ?, {_COLUMNS[slice_[0][2]]} = ? WHERE id = ?", [(status, now, id) for id, _, status in slice_]
            )  # fmt: skip
            raw.execute("COMMIT")
        took = time.perf_counter() - started
    return len(events) / took
