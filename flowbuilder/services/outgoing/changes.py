"""Batches, outbound messages and conversations whose status nobody has told yet. The sweep looks for them.

Each row remembers the status that was told last; so whatever moves it, now or in later versions, is told, and once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, text, update

from flowbuilder import clock
from flowbuilder.core.happening import Happening, named
from flowbuilder.services import Tx, transaction
from flowbuilder.services.outgoing import events
from flowbuilder.store import db
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch

_AT_ONCE = 500
_ROUNDS = 10


def tell_changes() -> None:
    """All of them, some hundreds in each transaction."""
    for kind, happenings in _KINDS:
        for _ in range(_ROUNDS):
            if db.session.scalar(_untold(kind).limit(1)) is None:
                break
            with transaction() as session:
                _tell_some(session, kind, happenings)


def _untold(kind: Any) -> Any:
    return select(kind.id).where(text(f"{kind.__tablename__}.told <> {kind.__tablename__}.status"))


def _tell_some(session: Tx, kind: Any, happenings: Callable[[Any], list[Happening]]) -> None:
    ids = session.scalars(_untold(kind).limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
    found = events.listeners(session, set(Happening))
    for row in session.scalars(select(kind).where(kind.id.in_(ids)).execution_options(populate_existing=True)):
        for happening in happenings(row):
            events.tell(session, found, row.workspace_id, happening, clock.now(), _DATA[kind](row))
        session.execute(update(kind).where(kind.id == row.id).values(told=row.status), execution_options={"synchronize_session": False})


def _of_batch(row: Batch) -> list[Happening]:
    """A batch that ran between two looks has started, too."""
    was_started = row.told in ("", "reading", "draft", "scheduled", "unreadable") and row.started_at is not None
    return _some(Happening.BATCH_STARTED if was_started else None, named("batch", row.status))


def _of_outbound(row: TemplateMessage) -> list[Happening]:
    return _some(named("outbound", row.status))


def _of_conversation(row: Conversation) -> list[Happening]:
    return _some(None if row.told else Happening.CONVERSATION_STARTED, named("conversation", row.status))


def _some(*happenings: Happening | None) -> list[Happening]:
    return [happening for happening in happenings if happening]


def _batch(row: Batch) -> dict[str, Any]:
    return {"batch_id": row.id, "outbound_id": row.template_id, "name": row.file_name, "status": row.status, "reason": row.stopped_because}


def _outbound(row: TemplateMessage) -> dict[str, Any]:
    return {"outbound_id": row.id, "name": row.name, "status": row.status, "reason": row.reason, "explanation": row.explanation}


def _conversation(row: Conversation) -> dict[str, Any]:
    return {
        "conversation_id": row.id, "flow_id": row.flow_id, "contact_id": row.contact_id, "message_id": row.opened_by,
        "is_trial": row.is_trial, "status": row.status,
    }  # fmt: skip


_DATA: dict[Any, Callable[[Any], dict[str, Any]]] = {Batch: _batch, TemplateMessage: _outbound, Conversation: _conversation}
_KINDS: tuple[tuple[Any, Callable[[Any], list[Happening]]], ...] = (
    (Batch, _of_batch),
    (TemplateMessage, _of_outbound),
    (Conversation, _of_conversation),
)
