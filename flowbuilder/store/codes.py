"""One-time codes that steps sent, and the mail server by which e-mail leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base


class OneTimeCode(Base):
    """The code itself is kept nowhere: it is a keyed hash of ``seed``, and the key lies outside the database (``services.codes``).

    ``address`` is a keyed hash, too: it only tells how often one address was written to. ``missed_at`` is when the conversation
    heard that the message which carried it did not arrive.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (
        Index("ix_one_time_code_address_created_at", "workspace_id", "address", "created_at"),
        Index("ix_one_time_code_contact_id_created_at", "contact_id", "created_at"),
        Index("ix_one_time_code_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), unique=True)
    address: Mapped[str] = mapped_column(String(64))
    seed: Mapped[str] = mapped_column(String(64))
    digits: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    missed_at: Mapped[datetime | None]


class MailServer(Base):
    """How a workspace sends e-mail. ``password`` is sealed; the one of the simulator follows its port by itself."""

    __tablename__ = "mail_server"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    encryption: Mapped[str] = mapped_column(String(8))
    user_name: Mapped[str] = mapped_column(String(254), default="")
    password: Mapped[bytes | None]
    from_address: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str] = mapped_column(String(120), default="")
    is_simulator: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]
