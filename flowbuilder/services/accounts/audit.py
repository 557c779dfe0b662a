"""Who did what, when. Written inside the transaction of the deed itself, so that neither exists without the other."""

from __future__ import annotations

from contextvars import ContextVar

from sqlalchemy.orm import Session, scoped_session

from flowbuilder import clock
from flowbuilder.store.accounts import AuditEvent

through: ContextVar[str] = ContextVar("through", default="")
"""The name of the API token that acts here and now; empty when a person does, or we ourselves."""


def record(
    session: Session | scoped_session[Session], workspace_id: str, user_id: str | None, verb: str, subject: str = "", text: str = ""
) -> None:
    """Add one line: ``verb`` such as "line.added", ``subject`` an id, ``text`` one sentence without secrets. No ``user_id``: the system."""
    clean = "".join(character if character.isprintable() else " " for character in text)[:500]
    session.add(
        AuditEvent(
            workspace_id=workspace_id, user_id=user_id, at=clock.now(), verb=verb, subject=subject[:64], text=clean, through=through.get()
        )
    )
