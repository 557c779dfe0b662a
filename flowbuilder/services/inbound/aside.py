"""What Meta told us and we could not take, and what people said while we were away: both wait for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from flowbuilder import clock, queue
from flowbuilder.errors import NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Message

_MOST = 200
KEPT_FOR = timedelta(days=14)
"""Twice as long as Meta repeats webhooks."""


def count(line_id: str) -> int:
    return db.session.scalar(select(func.count()).where(Webhook.line_id == line_id, Webhook.status == "dead")) or 0


def listing(workspace_id: str, line_id: str) -> Sequence[Webhook]:
    """The newest of a line that were set aside."""
    wanted = select(Webhook).join(Line, Line.id == Webhook.line_id).where(Line.workspace_id == workspace_id)
    wanted = wanted.where(Webhook.line_id == line_id, Webhook.status == "dead")
    return db.session.scalars(wanted.order_by(Webhook.id.desc()).limit(_MOST)).all()


def again(workspace_id: str, line_id: str, *, user_id: str | None) -> int:
    """Try all of a line's once more, such as after an update; how many there are."""
    with transaction() as session:
        _own(workspace_id, line_id)
        ready = (Webhook.line_id == line_id) & (Webhook.status == "dead")
        done = session.execute(update(Webhook).where(ready).values(status="pending", error=""))
        audit.record(session, workspace_id, user_id, "webhooks.retried", line_id, f"Tried {done.rowcount} webhooks again")
    queue.ring(queue.REPLIES, "converse")
    return done.rowcount


def drop(workspace_id: str, line_id: str, *, user_id: str | None) -> int:
    """Forget all of a line's."""
    with transaction() as session:
        _own(workspace_id, line_id)
        done = session.execute(delete(Webhook).where(Webhook.line_id == line_id, Webhook.status == "dead"))
        audit.record(session, workspace_id, user_id, "webhooks.dropped", line_id, f"Deleted {done.rowcount} webhooks")
    return done.rowcount


def forget_old() -> None:
    old = (Webhook.status == "dead") & (Webhook.received_at < clock.now() - KEPT_FOR)
    if db.session.scalar(select(Webhook.id).where(old).limit(1)):
        with transaction() as session:
            session.execute(delete(Webhook).where(old))


def missed(workspace_id: str) -> Sequence[tuple[Message, Contact | None]]:
    """What people said while we were away, so long ago that nothing answered it; the newest first."""
    wanted = select(Message, Contact).outerjoin(Contact, Contact.id == Message.contact_id)
    wanted = wanted.where(Message.workspace_id == workspace_id, Message.missed_at.is_not(None))
    return [(row[0], row[1]) for row in db.session.execute(wanted.order_by(Message.missed_at.desc(), Message.id.desc()).limit(_MOST))]


def count_missed(workspace_id: str) -> int:
    return db.session.scalar(select(func.count()).where(Message.workspace_id == workspace_id, Message.missed_at.is_not(None))) or 0


def seen(workspace_id: str, message_id: int | None, *, user_id: str | None) -> None:
    """Somebody has taken care of it; None means all."""
    mine = (Message.workspace_id == workspace_id) & Message.missed_at.is_not(None)
    with transaction() as session:
        which = mine if message_id is None else mine & (Message.id == message_id)
        done = session.execute(update(Message).where(which).values(missed_at=None), execution_options={"synchronize_session": False})
        if message_id is not None and not done.rowcount:
            raise NotFound("Somebody has taken care of this already.")
        audit.record(session, workspace_id, user_id, "missed.seen", str(message_id or ""), f"Took care of {done.rowcount} missed messages")


def _own(workspace_id: str, line_id: str) -> None:
    if db.session.scalar(select(Line.id).where(Line.id == line_id, Line.workspace_id == workspace_id)) is None:
        raise NotFound()
