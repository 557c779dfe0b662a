"""Template messages and what their review brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.store import IS_UNTOLD, Base, db
from flowbuilder.store.accounts import Line


def _own_id(context: Any) -> str:
    return context.get_current_parameters()["id"]


class TemplateMessage(Base):
    """An outbound message. ``content`` is ``core.template.TemplateContent`` as JSON, fixed once submitted.

    ``wire_name`` is the name that Meta knows it by (lower case, digits, _); (line, wire_name, language) is
    unique. ``category`` follows Meta's word once it has spoken, which may differ from what was asked for.
    The languages of one message share ``group_id``, which is the id of the first of them.

    ``told_at`` is Meta's own time of the newest thing that it said; ``ask_at`` when we ask of our own accord if no
    webhook comes before, ``asks`` how often we did since the last move. ``components`` is what Meta showed of a message that was
    not written here, ``unheld`` why we can't send it; ``name_free_at`` the end of the block on a deleted name.
    """

    __tablename__ = "template_message"
    __table_args__ = (
        UniqueConstraint("line_id", "wire_name", "language"),
        Index("ix_template_message_untold", "id", sqlite_where=IS_UNTOLD, postgresql_where=IS_UNTOLD),
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
    told: Mapped[str] = mapped_column(String(24), default="", server_default="")
    meta_id: Mapped[str | None] = mapped_column(String(64), index=True)
    quality: Mapped[str] = mapped_column(String(16), default="UNKNOWN")
    reason: Mapped[str] = mapped_column(String(64), default="")
    explanation: Mapped[str] = mapped_column(Text, default="")
    recommendation: Mapped[str] = mapped_column(Text, default="")
    group_id: Mapped[str] = mapped_column(String(32), index=True, default=_own_id)
    unheld: Mapped[str] = mapped_column(Text, default="")
    components: Mapped[list[Any]] = mapped_column(default=list)
    announced_category: Mapped[str] = mapped_column(String(16), default="")
    announced_for: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    name_free_at: Mapped[datetime | None]
    copied_from: Mapped[str | None] = mapped_column(ForeignKey("template_message.id"))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None] = mapped_column(index=True)
    asks: Mapped[int] = mapped_column(default=0)
    line: Mapped[Line] = relationship()


class ReviewEvent(Base):
    """One thing that happened to a message's review: said by Meta (at its own ``said_at``), asked by us, or done by a person."""

    __tablename__ = "review_event"
    __table_args__ = (Index("ix_review_event_template_id_id", "template_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[str] = mapped_column(ForeignKey("template_message.id"))
    at: Mapped[datetime]
    said_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)


class TemplateSync(Base):
    """One reading of all templates of a line's account; ``after`` is Meta's cursor of the next page, ``counts`` what came of those read."""

    __tablename__ = "template_sync"
    __table_args__ = (Index("ix_template_sync_workspace_id_created_at", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    status: Mapped[str] = mapped_column(String(16), index=True)
    after: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[int | None]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    line: Mapped[Line] = relationship()


class CodeWords(Base):
    """What Meta showed of a one-time code in one language, for this advice and this lifetime (0: none is named)."""

    __tablename__ = "code_words"

    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    has_advice: Mapped[bool] = mapped_column(primary_key=True)
    minutes: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    footer: Mapped[str] = mapped_column(Text)
    button: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]


def of_category(workspace_id: str, category: str) -> Sequence[TemplateMessage]:
    """The messages of a category, the approved ones first."""
    query = select(TemplateMessage).where(TemplateMessage.workspace_id == workspace_id, TemplateMessage.category == category)
    return db.session.scalars(query.order_by(TemplateMessage.status != "approved", TemplateMessage.name)).all()
