"""Template messages and what their review brought."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.store import Base
from flowbuilder.store.accounts import Line


class TemplateMessage(Base):
    """An outbound message. ``content`` is ``core.template.TemplateContent`` as JSON, fixed once submitted.

    ``wire_name`` is the name that Meta knows it by (lower case, digits, _); (line, wire_name, language) is
    unique. ``category`` follows Meta's word once it has spoken, which may differ from what was asked for.
    ``asked_at`` is when we last asked Meta of our own accord, because no webhook had come.
    """

    __tablename__ = "template_message"
    __table_args__ = (
        UniqueConstraint("line_id", "wire_name", "language"),
        Index("ix_template_message_workspace_id_updated_at", "workspace_id", "updated_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    name: Mapped[str] = mapped_column(String(120))
    wire_name: Mapped[str] = mapped_column(String(512))
    language: Mapped[str] = mapped_column(String(8))
    category: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    conversation: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(24), index=True)
    meta_id: Mapped[str | None] = mapped_column(String(64), index=True)
    quality: Mapped[str] = mapped_column(String(16), default="UNKNOWN")
    reason: Mapped[str] = mapped_column(String(64), default="")
    explanation: Mapped[str] = mapped_column(Text, default="")
    recommendation: Mapped[str] = mapped_column(Text, default="")
    copied_from: Mapped[str | None] = mapped_column(ForeignKey("template_message.id"))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    line: Mapped[Line] = relationship()


class ReviewEvent(Base):
    """One thing that happened to a message's review: said by Meta, asked by us, or done by a person."""

    __tablename__ = "review_event"
    __table_args__ = (Index("ix_review_event_template_id_id", "template_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[str] = mapped_column(ForeignKey("template_message.id"))
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)
