"""Files that people sent: what is known of them, and whether their bytes were fetched from WhatsApp already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, column
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.core.medium import size_words
from flowbuilder.store import Base

IS_WAITING = column("status") == "waiting"


class ReceivedFile(Base):
    """``status`` is waiting, here or failed. While it waits it is fetched, or tried again, at ``due_at``.

    The bytes lie under the home folder and are called by ``id``; ``meta_id`` is what WhatsApp calls them, for seven days.
    """

    __tablename__ = "received_file"
    __table_args__ = (
        Index("ix_received_file_contact_id", "contact_id"),
        Index("ix_received_file_waiting", "due_at", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id"))
    meta_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(240), default="")
    mime: Mapped[str] = mapped_column(String(80), default="")
    size: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    problem: Mapped[str] = mapped_column(String(500), default="")
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]

    @property
    def size_words(self) -> str:
        return size_words(self.size)
