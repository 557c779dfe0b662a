"""Two processes that write to the same messages wait for each other, never in a circle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from flowbuilder import clock
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services import transaction
from flowbuilder.store import db, evidence, outbox
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Message
from tests import worlds

_OWNER = "here@1:1"


@pytest.fixture
def pair(line: Line) -> tuple[int, int]:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    batch = worlds.batch(line, worlds.template(line), 2)
    with transaction() as session:
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(status="sending", lease_owner=_OWNER))
    first, second = sorted(db.session.scalars(db.select(Message.id).where(Message.batch_id == batch.id)))
    db.session.rollback()
    return first, second


def _together(app: Flask, held: int, *acts: Callable[[Connection], Any]) -> list[BaseException]:
    """Run these at once, begun one after the other while ``held`` is locked; what they raised."""
    failed: list[BaseException] = []

    def work(act: Callable[[Connection], Any]) -> None:
        with app.app_context():
            try:
                with db.engine.begin() as connection:
                    act(connection)
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    with db.engine.begin() as connection:
        connection.execute(db.select(Message.id).where(Message.id == held).with_for_update())
        for thread in threads:
            thread.start()
            time.sleep(0.3)
    for thread in threads:
        thread.join(10)
    return failed


def _record(first: int, second: int) -> Callable[[Connection], None]:
    """Fates come in the order in which Meta answered."""
    accepted = [{"become": DeliveryStatus.ACCEPTED, "id": each, "wamid": f"w{each}", "at": clock.now()} for each in (second, first)]
    return lambda on: outbox.record(on, accepted)


def _delivered(first: int, second: int) -> Callable[[Connection], None]:
    moves = [evidence.Move(each, DeliveryStatus.DELIVERED, clock.now(), f"w{each}") for each in (first, second)]
    return lambda on: evidence.apply(on, moves)


def test_fates_and_statuses_of_the_same_messages_both_get_through(app: Flask, pair: tuple[int, int]) -> None:
    assert _together(app, pair[1], _record(*pair), _delivered(*pair)) == []
    rows = db.session.scalars(db.select(Message).where(Message.id.in_(pair))).all()
    assert {(row.status, row.wamid) for row in rows} == {("delivered", f"w{each}") for each in pair}


def test_statuses_of_different_kinds_come_in_any_order(app: Flask, pair: tuple[int, int]) -> None:
    mixed = [
        evidence.Move(pair[1], DeliveryStatus.SENT, clock.now(), f"w{pair[1]}"),
        evidence.Move(pair[0], DeliveryStatus.READ, clock.now(), f"w{pair[0]}"),
    ]
    assert _together(app, pair[1], lambda on: evidence.apply(on, mixed), _delivered(*pair)) == []


def test_renewing_waits_its_turn_too(app: Flask, pair: tuple[int, int]) -> None:
    with transaction() as session:
        # A row that is written anew lies last in the table, and so would be met last.
        session.execute(db.update(Message).where(Message.id == pair[0]).values(attempt=3))
    assert _together(app, pair[1], lambda on: outbox.renew(on, _OWNER, clock.now()), _delivered(*pair)) == []
