"""How tests start batches, look at them, and press a button many times at once."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from sqlalchemy import select, update

from flowbuilder.services import transaction
from flowbuilder.services.sending import starting
from flowbuilder.store import db
from flowbuilder.store.sending import Batch, Message


def start(batch: Batch, **more: Any) -> None:
    starting.start(batch.workspace_id, batch.id, **{"opted_in": True, "again": False, "user_id": None, **more})


def counts(batch: Batch) -> Counter[str]:
    db.session.rollback()
    return Counter(status for (status,) in db.session.query(Message.status).filter_by(batch_id=batch.id))


def change(batch: Batch, count: int, **values: Any) -> None:
    waiting = select(Message.id).where(Message.batch_id == batch.id, Message.status == "queued").order_by(Message.id).limit(count)
    ids = db.session.scalars(waiting).all()
    with transaction() as session:
        session.execute(update(Message).where(Message.id.in_(ids)).values(**values))


def within(app: Any, act: Any) -> None:
    with app.app_context():
        act()
        db.session.remove()


def at_once(app: Any, count: int, act: Any) -> None:
    gate = threading.Barrier(count)

    def run() -> None:
        gate.wait(10)
        within(app, act)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
