"""Teams, and the conversations that flows gave to people: one row from the hand-over until it is given back or ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.store import Base
from flowbuilder.store.accounts import User
from flowbuilder.store.conversations import Conversation

_IS_OPEN = text("ended_at IS NULL")


class Team(Base):
    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    members: Mapped[list[TeamMember]] = relationship(cascade="all, delete-orphan")


class TeamMember(Base):
    __tablename__ = "team_member"

    team_id: Mapped[str] = mapped_column(ForeignKey("team.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)


class Handover(Base):
    """``user_id`` is who has it; nobody yet while it is empty. ``team_id`` names a team that may be gone; empty is everybody.

    It is unread while the person was heard (``heard_at``) after somebody looked (``seen_at``). ``draft`` is what whoever has it
    has typed and not sent.
    """

    __tablename__ = "handover"
    __table_args__ = (
        Index("ix_handover_open", "workspace_id", "created_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index(
            "uq_handover_open_conversation", "conversation_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    team_id: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    draft: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    conversation: Mapped[Conversation] = relationship()
    user: Mapped[User | None] = relationship()

    @property
    def is_unread(self) -> bool:
        return self.seen_at is None or self.heard_at > self.seen_at
