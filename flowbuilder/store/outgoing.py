"""Outgoing webhooks: whom we tell what happens, and each telling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.store import Base

IS_PENDING = text("status = 'pending'")
"""The same words in the index and in whoever asks: SQLite goes by them."""


class OutgoingWebhook(Base):
    """An address that is told of ``events``. Secrets are ciphertext; the former one signs, too, for a day after it was replaced.

    After a failure nothing more is sent before ``not_before``. ``failing_since`` is when the last success was followed by a failure.
    """

    __tablename__ = "outgoing_webhook"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[Any]] = mapped_column(default=list)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    former_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str] = mapped_column(String(255), default="")
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]


class OutgoingDelivery(Base):
    """One event on its way to one address, with what came back last. ``status`` is pending, delivered or failed.

    ``event_id`` stays the same when it is sent again, also by **Replay**: receivers recognise by it what they had before.
    """

    __tablename__ = "outgoing_delivery"
    __table_args__ = (
        Index("ix_outgoing_delivery_webhook_id_id", "webhook_id", "id"),
        Index("ix_outgoing_delivery_due", "webhook_id", "due_at", sqlite_where=IS_PENDING, postgresql_where=IS_PENDING),
        Index("ix_outgoing_delivery_created_at", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    webhook_id: Mapped[str] = mapped_column(ForeignKey("outgoing_webhook.id"))
    event_id: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(12), default="pending")
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    answer_status: Mapped[int | None]
    answer_body: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(String(255), default="")
    milliseconds: Mapped[int | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    webhook: Mapped[OutgoingWebhook] = relationship()

    @property
    def is_test(self) -> bool:
        """Sent because a person wants to see the answer."""
        return bool(self.payload.get("test"))
