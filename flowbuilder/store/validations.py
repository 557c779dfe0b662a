"""Providers of validations, the validations that they were asked for, and everything that they told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base

IS_UNTOLD = column("told_at").is_(None)


class Provider(Base):
    """``secret`` is ciphertext. ``checks`` are what it may be asked for; ``facts`` is what Check connection read last."""

    __tablename__ = "provider"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    base_url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    checks: Mapped[list[Any]] = mapped_column(default=list)
    is_simulator: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    checked_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Validation(Base):
    """One validation, from before the provider was asked. ``id`` is its reference there and makes asking again harmless.

    ``status`` is waiting, or what the provider said first: approved, rejected or expired. ``foreign_id`` and ``link`` are empty until
    the provider has answered.
    """

    __tablename__ = "validation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), unique=True)
    check: Mapped[str] = mapped_column(String(24))
    foreign_id: Mapped[str] = mapped_column(String(128), default="")
    link: Mapped[str] = mapped_column(String(2000), default="")
    status: Mapped[str] = mapped_column(String(12), default="waiting")
    reason: Mapped[str] = mapped_column(String(500), default="")
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class ValidationNews(Base):
    """One post of a provider about a validation, once however often it came. ``told_at`` is when the conversation was given it, and
    ``moved`` whether it went on by it: not when it came too late, or after another one.
    """

    __tablename__ = "validation_news"
    __table_args__ = (
        UniqueConstraint("validation_id", "event_id"),
        Index("ix_validation_news_untold", "id", sqlite_where=IS_UNTOLD, postgresql_where=IS_UNTOLD),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    validation_id: Mapped[str] = mapped_column(ForeignKey("validation.id"))
    event_id: Mapped[str] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    moved: Mapped[bool] = mapped_column(default=False)
