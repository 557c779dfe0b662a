"""What Meta told us, kept raw until it has been applied."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base


class Webhook(Base):
    """One verified post, byte for byte. Applied rows are deleted; ``dead`` ones wait for a person.

    Ids never come again (AUTOINCREMENT), so that a reader who goes by id misses none.
    """

    __tablename__ = "webhook"
    __table_args__ = (Index("ix_webhook_status_id", "status", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    received_at: Mapped[datetime]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(8), default="pending")
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class ParkedStatus(Base):
    """A status of a message that we don't know (yet): it came before our own record, or another app sent the message."""

    __tablename__ = "parked_status"
    __table_args__ = (Index("ix_parked_status_line_id_wamid", "line_id", "wamid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    wamid: Mapped[str] = mapped_column(String(255))
    status: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
