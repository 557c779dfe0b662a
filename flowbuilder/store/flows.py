"""Flows: the draft that is edited, every change ever made to it, and the versions that never change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.store import Base


class FlowDraft(Base):
    """A flow as its designers see it. ``document`` is ``core.flow.Flow`` as JSON.

    ``revision`` counts up with every change, undo and redo; ``published`` is the number of the live version.
    """

    __tablename__ = "flow"
    __table_args__ = (Index("ix_flow_workspace_id_updated_at", "workspace_id", "updated_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    name: Mapped[str] = mapped_column(String(120))
    document: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=0)
    published: Mapped[int | None]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class FlowChange(Base):
    """One change: a command with its exact inverse, or the undoing or redoing of an earlier one.

    ``kind`` is do, undo or redo; ``of`` is the revision that an undo or redo speaks of. ``touched`` names the
    cards and edges that other open editors must draw again.
    """

    __tablename__ = "flow_change"
    __table_args__ = (UniqueConstraint("flow_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    of: Mapped[int | None]
    command: Mapped[dict[str, Any]]
    inverse: Mapped[dict[str, Any]]
    touched: Mapped[dict[str, Any]]
    words: Mapped[str] = mapped_column(String(300))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]


class FlowVersion(Base):
    """A flow that runs and never changes: published (with a ``number``) or frozen for a trial (without).

    ``digest`` is the SHA-256 of the canonical document, so that trying an unchanged draft again adds no row.
    """

    __tablename__ = "flow_version"
    __table_args__ = (UniqueConstraint("flow_id", "number"), Index("ix_flow_version_flow_id_digest", "flow_id", "digest"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    number: Mapped[int | None]
    document: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    flow: Mapped[FlowDraft] = relationship()
