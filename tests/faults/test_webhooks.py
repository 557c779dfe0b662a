"""Webhooks as they come in life: twice at once, in any order, late, early, and poisoned."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder import clock
from flowbuilder.core import delivery
from flowbuilder.core.delivery import EVIDENCE, DeliveryStatus
from flowbuilder.services import transaction
from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import ConversationEvent
from flowbuilder.store.inbound import ParkedStatus, Webhook
from flowbuilder.store.sending import Message
from tests import worlds
from tests.faults.counts import times
from tests.stub import Stub, accept, refuse


def _sent(line: Line, count: int, **values: Any) -> list[Message]:
    """Messages of a batch that are out, or on their way."""
    batch = worlds.batch(line, worlds.template(line), count)
    with transaction() as session:
        session.execute(
            db.update(Message).where(Message.batch_id == batch.id).values({"status": "accepted", "sending_at": clock.now()} | values)
        )
    return db.session.query(Message).filter_by(batch_id=batch.id).order_by(Message.id).all()


def _post(url: str, body: bytes) -> int:
    return requests.post(url, data=body, headers={"X-Hub-Signature-256": worlds.signed(body)}, timeout=30).status_code


def _tell(line: Line, body: bytes) -> None:
    intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def test_each_webhook_eight_times_at_once_has_one_effect(here: Line, served: str) -> None:
    count = times(30, 500)
    rows = _sent(here, count)
    bodies = [worlds.said_to_us(f"wamid.in{n}", wa_id=f"49151{n:08}", text={"body": "Hello"}) for n in range(count)]
    bodies += [worlds.status(f"wamid.out{row.id}", "delivered", callback=row.id) for row in rows]
    copies = [body for body in bodies for _ in range(8)]
    address = f"{served}/webhooks/{here.id}"
    db.session.rollback()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda body: _post(address, body), copies))
    apply.run()
    db.session.rollback()
    assert set(answers) == {200}
    assert db.session.query(Message).filter_by(direction="in").count() == count
    assert db.session.query(Message).filter_by(status="delivered").count() == count
    assert db.session.query(Webhook).count() == 0


_ORDERS = list(itertools.permutations(("sent", "delivered", "read", "failed")))
_REPEATS = {
    "once": lambda order: order,
    "each twice": lambda order: tuple(step for step in order for _ in range(2)),
    "all of it again": lambda order: order + order,
}


@pytest.mark.parametrize("begun", ["sending", "unknown", "accepted"])
def test_statuses_end_alike_in_every_order_and_however_often_they_come(here: Line, begun: str) -> None:
    """24 orders of four statuses, each in three ways of repeating it, from each of three beginnings: 216 cases."""
    cases = [repeat(order) for order in _ORDERS for repeat in _REPEATS.values()]
    rows = _sent(here, len(cases), status=begun)
    assert len(cases) == 72
    for step in range(max(map(len, cases))):
        told = [
            {"id": f"wamid.{row.id}", "status": case[step], "biz_opaque_callback_data": str(row.id), "timestamp": str(int(time.time()))}
            | ({"errors": [{"code": 131026, "title": "Message undeliverable"}]} if case[step] == "failed" else {})
            for row, case in zip(rows, cases, strict=True)
            if step < len(case)
        ]
        _tell(here, worlds.statuses(told))
    assert {worlds.reload(row).status for row in rows} == {"read"}
    assert {(row.error_code, row.error_text) for row in rows} == {(None, "")}


_BEGUN = ("queued", "sending", "unknown", "unconfirmed", "accepted")


@settings(max_examples=times(300, 2000))
@given(
    st.sampled_from(["queued", "sending", "unknown", "unconfirmed", "accepted"]),
    st.lists(st.sampled_from(EVIDENCE), min_size=1, max_size=8),
)
def test_the_same_evidence_in_any_order_ends_alike(begun: str, evidence: list[DeliveryStatus]) -> None:
    def ends(order: list[DeliveryStatus]) -> DeliveryStatus:
        now = DeliveryStatus(begun)
        for each in order:
            now = delivery.settle(now, each)
        return now

    shuffled = random.Random(len(evidence)).sample(evidence, len(evidence))
    assert ends(evidence) == ends(shuffled) == ends(evidence + evidence)


def test_a_backlog_of_days_is_kept_whole_and_only_the_fresh_is_answered(here: Line) -> None:
    """One message of each person, from just now back to seven days ago."""
    count = times(84, 1000)
    rows = _openers(here, count)
    ages = [n * 7 * 86400 / count for n in range(count)]
    tap = {"payload": "continue", "text": "Continue"}
    for row, age in zip(rows, ages, strict=True):
        body = worlds.said_to_us(f"wamid.in{row.id}", wa_id=row.phone[1:], quoted=f"wamid.out{row.id}", ago=age, button=tap)
        intake.receive(here.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()
    fresh = sum(age <= 15 * 60 for age in ages)
    assert db.session.query(Message).filter_by(direction="in").count() == count
    assert db.session.query(Message).filter_by(direction="out", kind="buttons").count() == fresh
    assert db.session.query(ConversationEvent).filter_by(kind="ignored").count() == count - fresh


def _openers(line: Line, count: int) -> list[Message]:
    """Single messages, delivered, each of which starts a conversation when it is answered."""
    rows = _sent(line, count, version_id=worlds.version(line).id)
    with transaction() as session:
        for row in rows:
            opened = {"wamid": f"wamid.out{row.id}", "status": "delivered", "batch_id": None}
            session.execute(db.update(Message).where(Message.id == row.id).values(opened))
    return rows


def _words(row: Message, number: int, ago: float) -> bytes:
    return worlds.said_to_us(f"wamid.in{row.id}.{number}", wa_id=row.phone[1:], ago=ago, text={"body": "Hello?"})


def _burst(row: Message, last: float, before: float = 1200) -> list[bytes]:
    """Words of somebody who waits for an answer, mostly more than a quarter of an hour old, and at last a tap on our message."""
    words = [_words(row, n, last + before - n) for n in range(3)]
    tap = {"payload": "continue", "text": "Continue"}
    return [*words, worlds.said_to_us(f"wamid.in{row.id}", wa_id=row.phone[1:], quoted=row.wamid, ago=last, button=tap)]


def test_of_each_burst_in_a_backlog_of_days_at_most_the_fresh_end_is_answered(here: Line, meta: Stub) -> None:
    """Four messages of each person, all in one heap in any order; the first people's last word is minutes old."""
    people, fresh = times(30, 250), 10
    rows = _openers(here, people)
    ends = [n * 60 if n < fresh else n * 7 * 86400 / people for n in range(people)]
    bodies = [body for row, end in zip(rows, ends, strict=True) for body in _burst(row, end)]
    random.Random(4).shuffle(bodies)
    for body in bodies:
        intake.receive(here.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()
    assert db.session.query(Message).filter_by(direction="in").count() == 4 * people
    assert Counter(payload["to"] for payload in meta.seen) == {row.phone: 1 for row in rows[:fresh]}
    assert db.session.query(Message).filter(Message.missed_at.is_not(None)).count() == 4 * people - fresh
    assert db.session.query(Message).filter(Message.direction == "out", Message.status == "queued").count() == 0


def test_of_each_burst_that_is_minutes_old_exactly_one_message_is_answered(here: Line, meta: Stub) -> None:
    """Words, a tap and words again of each person, all of them fresh enough to be answered, in one heap in any order.

    At most a thousand posts are heard at once: of more, what is heard after an answer, but was written before, would be set aside, too.
    """
    people, chosen = times(30, 200), random.Random(5)
    bodies = []
    for row in _openers(here, people):
        last = chosen.uniform(60, 600)
        bodies += [*_burst(row, last, before=chosen.uniform(10, 200)), _words(row, 9, last - 20)]
    chosen.shuffle(bodies)
    for body in bodies:
        intake.receive(here.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()
    replies = [payload for payload in meta.seen if payload["type"] == "interactive"]
    assert len(meta.seen) == len(replies) == len({payload["to"] for payload in replies}) == people
    assert {len(payload["interactive"]["action"]["buttons"]) for payload in replies} == {2}
    assert db.session.query(Message).filter(Message.missed_at.is_not(None)).count() == people


def test_an_answer_that_could_not_leave_for_a_day_is_not_sent_any_more(here: Line, meta: Stub) -> None:
    meta.answer = lambda payload: refuse(130429)
    rows = _openers(here, 5)
    for row in rows:
        body = _burst(row, 0)[-1]
        intake.receive(here.id, body, worlds.signed(body))
    apply.run()
    tried = len(meta.seen)
    assert tried >= 5
    meta.answer = accept
    with clock.shifted(timedelta(hours=24, minutes=1)):
        apply.run()
    db.session.rollback()
    assert len(meta.seen) == tried
    answers = db.session.query(Message).filter_by(direction="out", kind="buttons").all()
    assert {answer.status for answer in answers} == {"failed"}
    assert len(answers) == 5
    assert all("24 hours" in answer.error_text for answer in answers)


def test_a_status_that_comes_before_its_message_is_known_waits_and_is_matched(here: Line) -> None:
    rows = _sent(here, 4, status="sending")
    half, other = rows[:2], rows[2:]
    for row in half:
        _tell(here, worlds.status(f"wamid.{row.id}", "sent", callback=row.id))
    for row in other:
        _tell(here, worlds.status(f"wamid.{row.id}", "sent"))
    assert {worlds.reload(row).status for row in half} == {"sent"}
    assert {worlds.reload(row).status for row in other} == {"sending"}
    assert db.session.query(ParkedStatus).count() == 2
    with transaction() as session:
        for row in other:
            session.execute(db.update(Message).where(Message.id == row.id).values(wamid=f"wamid.{row.id}", status="accepted"))
    from flowbuilder.services.sending import sweep

    sweep.settle_parked()
    assert {worlds.reload(row).status for row in other} == {"sent"}


def test_a_status_of_nobody_we_know_is_forgotten_after_a_week(here: Line) -> None:
    _tell(here, worlds.status("wamid.stranger", "read"))
    from flowbuilder.services.sending import sweep

    with clock.shifted(timedelta(days=6)):
        sweep.settle_parked()
    assert db.session.query(ParkedStatus).count() == 1
    with clock.shifted(timedelta(days=8)):
        sweep.settle_parked()
    db.session.rollback()
    assert db.session.query(ParkedStatus).count() == 0


def test_poison_is_taken_set_aside_and_holds_up_nobody(app: Flask, here: Line) -> None:
    client = app.test_client()
    (row,) = _sent(here, 1)
    poison = _poison(times(120, 300))
    for body in poison:
        answer = client.post(f"/webhooks/{here.id}", data=body, headers={"X-Hub-Signature-256": worlds.signed(body)})
        assert answer.status_code == 200, body[:300]
    good = worlds.status(f"wamid.{row.id}", "read", callback=row.id)
    client.post(f"/webhooks/{here.id}", data=good, headers={"X-Hub-Signature-256": worlds.signed(good)})
    apply.run()
    assert worlds.reload(row).status == "read"
    assert db.session.query(Webhook).filter_by(status="pending").count() == 0
    aside = db.session.query(Webhook).filter_by(status="dead").all()
    assert len(aside) >= 10
    assert all(each.error and bytes(each.body) in poison for each in aside)


_VALUES = [None, True, 0, -1, 1e308, 10**40, "", "\x00", "\ud800", "a" * 5000, [], {}, [[]], {"id": {}}, [None, 1, "x"], "1e400", "٣"]


def _poison(count: int) -> list[bytes]:
    """Good webhooks with something wrong in them somewhere, and things that are no JSON at all; the same ones each time."""
    seeds = [
        worlds.said_to_us("wamid.p1", text={"body": "Hi"}),
        worlds.said_to_us("wamid.p2", quoted="wamid.x", button={"payload": "continue", "text": "Continue"}),
        worlds.said_to_us("wamid.p3", interactive={"type": "list_reply", "list_reply": {"id": "a", "title": "A"}}),
        worlds.status("wamid.p4", "failed", callback=12, errors=[{"code": 131026, "title": "x", "error_data": {"details": "y"}}]),
        worlds.status("wamid.p5", "sent", pricing={"category": "marketing"}),
    ]
    raw = [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"\x00" * 100, b"[" * 10_000, b'{"a":' * 10_000, b'{"entry":' + b"[" * 100_000,
        b'{"entry":[{"changes":[{"value":1e400}]}]}', b'{"object":"x","entry":{}}', b'"' + b"a" * 3_000_000 + b'"', b"NaN", b"1" * 5000,
    ]  # fmt: skip
    chosen = random.Random(5)
    return raw + [_mutated(json.loads(chosen.choice(seeds)), chosen) for _ in range(count - len(raw))]


def _mutated(document: Any, chosen: random.Random) -> bytes:
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            places.append((node, key))
            if isinstance(value, dict | list):
                walk(value)

    walk(document)
    node, key = chosen.choice(places)
    if isinstance(node, dict) and chosen.random() < 0.2:
        del node[key]
    else:
        node[key] = chosen.choice(_VALUES)
    return json.dumps(document).encode()
