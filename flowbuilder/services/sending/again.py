"""Sending again what stayed in doubt: a person's decision, since the first try may have arrived."""

from __future__ import annotations

from sqlalchemy import update

from flowbuilder import queue
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.sending import batches, doors
from flowbuilder.store import outbox
from flowbuilder.store.sending import Batch, Message

_ANEW = {"status": DeliveryStatus.QUEUED, "is_possible_duplicate": True, "due_at": None, "wamid": None, "attempt": 0}


def resend(workspace_id: str, message_id: int, *, user_id: str | None, batch_id: str | None = None) -> Message:
    """Send an unconfirmed message again, knowing that it may arrive twice; it is marked so. With ``batch_id``: only a row of it."""
    with transaction() as session:
        row = session.get(Message, message_id, with_for_update=True)
        if row is None or row.workspace_id != workspace_id or batch_id not in (None, row.batch_id):
            raise NotFound()
        if row.status != DeliveryStatus.UNCONFIRMED:
            raise Conflict("Only a message whose arrival is unconfirmed can be sent again, and this one has moved on.")
        for name, value in _ANEW.items():
            setattr(row, name, value)
        if row.batch_id:
            _reopen(session, row.batch_id)
        audit.record(session, workspace_id, user_id, "message.resent", str(message_id), "Sent again, although it may have arrived")
    if row.batch_id:
        queue.ring(queue.BULK, "pump", row.batch_id)
    else:
        queue.ring(queue.REPLIES, "converse")
    return row


def resend_all(workspace_id: str, batch_id: str, *, user_id: str | None) -> int:
    """Send every unconfirmed message of a batch again; each is marked as a possible duplicate. How many there were.

    Messages are locked before their batch, as everywhere.
    """
    batches.find(workspace_id, batch_id)
    with transaction() as session:
        waiting = (Message.batch_id == batch_id) & (Message.status == DeliveryStatus.UNCONFIRMED)
        if outbox.is_locking(session):
            session.execute(outbox.lock_where(waiting))
        count = session.execute(update(Message).where(waiting).values(**_ANEW), execution_options={"synchronize_session": False}).rowcount
        if not count:
            raise Conflict("No message of this batch is unconfirmed any more; nothing was sent again.")
        _reopen(session, batch_id)
        audit.record(session, workspace_id, user_id, "batch.resent", batch_id, f"Sent {count} unconfirmed messages again")
    queue.ring(queue.BULK, "pump", batch_id)
    return count


def _reopen(session: Tx, batch_id: str) -> None:
    """A finished batch runs again for what a person sends again; any other sends it when it goes on.

    The flow is locked before the batch, as everywhere.
    """
    batch = session.get_one(Batch, batch_id)
    doors.still_open(session, batch.door, batch.version_id)
    session.refresh(batch, with_for_update=True)
    if batch.status == BatchStatus.CANCELLED:
        raise Conflict("The batch was cancelled: send this person a single message instead.")
    if batch.status == BatchStatus.FINISHED:
        batch.status, batch.ended_at = BatchStatus.RUNNING, None
