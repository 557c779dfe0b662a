"""The proofs of data authorizations: kept in the very transaction in which somebody answered, and read for their pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, scoped_session

from flowbuilder.core.events import Event, EventKind
from flowbuilder.store import db
from flowbuilder.store.conversations import Authorization, Conversation


def keep(session: Session | scoped_session[Session], row: Conversation, events: Iterable[Event], now: datetime) -> None:
    proofs = [
        {
            "workspace_id": row.workspace_id, "contact_id": row.contact_id, "conversation_id": row.id, "version_id": row.version_id,
            "node": event.node, "answer": event.data["answer"], "wording": event.data["wording"],
            "digest": digest(event.data["wording"]), "at": now,
        }
        for event in events
        if event.kind is EventKind.AUTHORIZED
    ]  # fmt: skip
    if proofs:
        session.execute(insert(Authorization), proofs)


def digest(wording: Mapping[str, str]) -> str:
    """Equal exactly when nothing of the wording differs."""
    return sha256(json.dumps(wording, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def of_contact(contact_id: str, limit: int = 200) -> Sequence[Authorization]:
    """The latest first."""
    wanted = select(Authorization).where(Authorization.contact_id == contact_id).order_by(Authorization.id.desc())
    return db.session.scalars(wanted.limit(limit)).all()


def of_conversation(conversation_id: str) -> Sequence[Authorization]:
    wanted = select(Authorization).where(Authorization.conversation_id == conversation_id).order_by(Authorization.id)
    return db.session.scalars(wanted).all()
