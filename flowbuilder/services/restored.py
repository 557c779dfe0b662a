"""A database that was restored from a backup sends nothing until an administrator says so.

Its rows that wait to be sent may have been sent since the backup was made; nobody here can know. So the worker lets a
number grow, in the database and then in a file of the home: whoever finds the database behind the file holds all sending.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select, true, update

from flowbuilder import clock, queue
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.delivery import OPEN, DeliveryStatus
from flowbuilder.errors import Conflict
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.store import db
from flowbuilder.store.installation import Installation
from flowbuilder.store.outbox import Executor
from flowbuilder.store.sending import Batch, Message

log = logging.getLogger(__name__)

_FURTHER = 1_000_000
"""After a confirmation: beyond what any host of this installation has on file."""
_I = Installation.__table__.c
_STATE = select(_I.pulse, _I.held_at).where(_I.id == 1)


def beat() -> None:
    """Let the number grow; found behind the file, hold."""
    with transaction() as session:
        row = session.get(Installation, 1, with_for_update=True, populate_existing=True)
        if row is None:
            row = Installation(id=1, pulse=_on_file())
            session.add(row)
        if row.pulse < _on_file():
            _hold(row)
            return
        row.pulse += 1
        pulse = row.pulse
    _keep(pulse)


def hold() -> None:
    """An operator says that this is a restored copy, where the file could not know."""
    with transaction() as session:
        _hold(session.get(Installation, 1, with_for_update=True) or session.merge(Installation(id=1, pulse=_on_file())))


def is_held(on: Executor) -> bool:
    """Whether nothing may be sent now; asked in each transaction that claims. One that began before the last beat may say so in vain."""
    kept = _on_file()
    row = on.execute(_STATE).first()
    return row is not None and (row.held_at is not None or row.pulse < kept)


def is_held_now() -> bool:
    """For certain: what an older transaction says is asked again in a new one."""
    if not is_held(db.session):
        return False
    with db.engine.connect() as fresh:
        return is_held(fresh)


def waiting(workspace_id: str) -> int:
    """How many messages of a workspace the backup shows as not yet sent, or in doubt."""
    row = db.session.get(Installation, 1)
    came = Message.id <= row.held_up_to if row and row.held_up_to is not None else true()
    return db.session.scalar(select(func.count()).where(Message.workspace_id == workspace_id, Message.status.in_(OPEN), came)) or 0


def confirm(workspace_id: str, *, user_id: str | None) -> int:
    """Send again from now on. What the backup had in line becomes unconfirmed, since it may have been sent; how many those are."""
    with transaction() as session:
        row = session.get(Installation, 1, with_for_update=True, populate_existing=True)
        if row is None or (row.held_at is None and row.pulse >= _on_file()):
            raise Conflict("Nothing is held back: somebody has confirmed it already.")
        up_to = row.held_up_to if row.held_at else session.scalar(select(func.max(Message.id))) or 0
        drafts = select(Batch.id).where(Batch.status.in_((BatchStatus.DRAFT, BatchStatus.READING, BatchStatus.SCHEDULED)))
        doubtful = Message.status.in_(OPEN) & (Message.id <= up_to) & (Message.batch_id.is_(None) | Message.batch_id.not_in(drafts))
        unconfirmed = {"status": DeliveryStatus.UNCONFIRMED, "lease_owner": None, "lease_until": None, "error_text": _WHY}
        count = session.execute(update(Message).where(doubtful).values(**unconfirmed), execution_options={"synchronize_session": False})
        session.execute(update(Batch).where(Batch.status == BatchStatus.SCHEDULED).values(status=BatchStatus.DRAFT, start_at=None))
        row.pulse, row.held_at, row.held_up_to = max(row.pulse, _on_file()) + _FURTHER, None, None
        pulse = row.pulse
        text = f"Let messages be sent again after a restored backup; {count.rowcount} are unconfirmed."
        audit.record(session, workspace_id, user_id, "installation.confirmed", "", text)
    _keep(pulse)
    queue.ring(queue.REPLIES, "converse")
    return count.rowcount


_WHY = "The backup shows it as not yet sent, but it may have been sent since."


def _hold(row: Installation) -> None:
    if row.held_at is None:
        row.held_at, row.held_up_to = clock.now(), db.session.scalar(select(func.max(Message.id))) or 0
        log.error("This database comes from a backup. Nothing is sent until an administrator confirms it on any page.")


def _file() -> Path:
    return current_app.extensions["flowbuilder"].home / "pulse"


def _on_file() -> int:
    try:
        return int(_file().read_text() or 0)
    except (FileNotFoundError, ValueError):
        return 0


def _keep(pulse: int) -> None:
    """Written beside and moved, so that it is whole whenever it is read. It never goes back."""
    if pulse <= _on_file():
        return
    draft = _file().with_name(f".pulse.{os.getpid()}")
    draft.write_text(str(pulse))
    os.replace(draft, _file())
