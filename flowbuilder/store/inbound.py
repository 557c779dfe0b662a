"""What Meta told us, kept raw until it has been applied."""

from __future__ import annotations

from datetime import datetime

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
