"""What conversations ask of the world outside: one row per request, from the turn that asked to the result that came."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base

IS_OPEN = column("status") != "done"


class Request(Base):
    """``content`` is what to do, by ``kind``; secrets are in it by name only. ``status`` is queued, started or done.

    It is started, with a lease, before anything leaves. ``target`` is whom it waits for. ``number`` counts the
    requests of one conversation: the run that waits for the result knows it by this number.
    """

    __tablename__ = "request"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number"),
        Index("ix_request_open", "id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[int]
    node: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(24))
    target: Mapped[str] = mapped_column(String(255), default="")
    status: Mapped[str] = mapped_column(String(16), default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    content: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
