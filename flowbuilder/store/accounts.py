"""Workspaces, people and what they may do, their sessions, our lines and the audit log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.store import Base


class Role(StrEnum):
    """From most to least: each may do what those after it may."""

    ADMIN = "admin"
    DESIGNER = "designer"
    TESTER = "tester"
    VIEWER = "viewer"


class Workspace(Base):
    """``needs_opt_in``: promotions go only to people whose opt-in is on record.

    ``doubts`` are its own rules for messages of which nobody knows whether they went out (``core.doubt``).
    ``rate_card`` is its list of Meta's prices as JSON; while it is empty, the example's count.
    """

    __tablename__ = "workspace"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    needs_opt_in: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    doubts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rate_card: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime]


class User(Base):
    """A person who signs in; ``password_hash`` is empty until the one-time link was followed."""

    __tablename__ = "user_account"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Membership(Base):
    __tablename__ = "membership"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[Workspace] = relationship()
    user: Mapped[User] = relationship()


class UserSession(Base):
    """One signed-in browser: deleting the row signs it out at the next request."""

    __tablename__ = "user_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ip: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    user: Mapped[User] = relationship()


class SigninLink(Base):
    """A single-use way in, printed at the first start; only its SHA-256 is kept."""

    __tablename__ = "signin_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SigninFailure(Base):
    """A wrong password, remembered to slow down guessing across processes and restarts."""

    __tablename__ = "signin_failure"
    __table_args__ = (Index("ix_signin_failure_email_at", "email", "at"), Index("ix_signin_failure_ip_at", "ip", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    ip: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Line(Base):
    """One WhatsApp number of ours. Secrets are ciphertext (``services.accounts`` opens them).

    ``messages_per_second`` is the throughput that we keep; ``holds_at_limit`` whether batches wait at the messaging limit;
    ``facts`` is what Check connection read last, and what webhooks have changed since. A disabled line sends nothing.
    """

    __tablename__ = "line"
    __table_args__ = (UniqueConstraint("workspace_id", "phone_number_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    name: Mapped[str] = mapped_column(String(120))
    display_number: Mapped[str] = mapped_column(String(32))
    phone_number_id: Mapped[str] = mapped_column(String(64), index=True)
    waba_id: Mapped[str] = mapped_column(String(64), index=True)
    app_id: Mapped[str] = mapped_column(String(64))
    base_url: Mapped[str] = mapped_column(String(255))
    app_secret: Mapped[bytes] = mapped_column(LargeBinary)
    access_token: Mapped[bytes] = mapped_column(LargeBinary)
    verify_token: Mapped[bytes] = mapped_column(LargeBinary)
    is_simulator: Mapped[bool] = mapped_column(default=False)
    messages_per_second: Mapped[int] = mapped_column(default=80)
    holds_at_limit: Mapped[bool] = mapped_column(default=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    checked_at: Mapped[datetime | None]
    paused_reason: Mapped[str] = mapped_column(String(255), default="")
    last_webhook_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class LineEvent(Base):
    """One thing that Meta told of a number or its account, in words; ``digest`` knows the same post again."""

    __tablename__ = "line_event"
    __table_args__ = (Index("ix_line_event_line_id_id", "line_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    tone: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(500))
    digest: Mapped[str] = mapped_column(String(64))


class TestPhone(Base):
    """A number that drafts may be tried on over a real line."""

    __tablename__ = "test_phone"
    __table_args__ = (UniqueConstraint("workspace_id", "phone"),)
    __test__ = False

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    phone: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120), default="")


class WorkspaceSecret(Base):
    """A secret that flows use by ``name``, such as the key of another program; ``value`` is sealed."""

    __tablename__ = "workspace_secret"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    name: Mapped[str] = mapped_column(String(40))
    value: Mapped[bytes]
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime]


class AuditEvent(Base):
    """Who did what, when; only ever added to. ``through`` is the API token by which it was done, if it was."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_workspace_id_id", "workspace_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    verb: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), default="")
    text: Mapped[str] = mapped_column(String(500), default="")
    through: Mapped[str] = mapped_column(String(120), default="")
