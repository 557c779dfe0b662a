"""Flows: the draft that is edited, every change ever made to it, and the versions that never change."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, defer, joinedload, mapped_column, relationship, scoped_session

from flowbuilder.store import Base, db
from flowbuilder.store.accounts import User


class FlowDraft(Base):
    """A flow as its designers see it. ``document`` is ``core.flow.Flow`` as JSON.

    ``revision`` counts up with every change, undo and redo; ``published`` is the number of the live version, ``switched_off`` the one
    that was live when the flow was switched off; ``talk`` counts up with every comment.
    """

    __tablename__ = "flow"
    __table_args__ = (Index("ix_flow_workspace_id_updated_at", "workspace_id", "updated_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    name: Mapped[str] = mapped_column(String(120))
    document: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=0)
    published: Mapped[int | None]
    switched_off: Mapped[int | None]
    talk: Mapped[int] = mapped_column(default=0, server_default="0")
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def latest(self) -> int | None:
        """The number of the version that was published last, be it switched off or not."""
        return self.published or self.switched_off


class FlowChange(Base):
    """One change: a command with its exact inverse, or the undoing or redoing of an earlier one.

    ``kind`` is do, undo or redo; ``of`` is the revision that an undo or redo speaks of. ``touched`` names the
    cards and edges that other open editors must draw again. ``client_key`` makes one gesture one change, however
    often it reaches us.
    """

    __tablename__ = "flow_change"
    __table_args__ = (UniqueConstraint("flow_id", "revision"), UniqueConstraint("flow_id", "client_key", name="uq_flow_change_client_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    of: Mapped[int | None]
    command: Mapped[dict[str, Any]]
    inverse: Mapped[dict[str, Any]]
    touched: Mapped[dict[str, Any]]
    words: Mapped[str] = mapped_column(String(300))
    client_key: Mapped[str | None] = mapped_column(String(40))
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
    author: Mapped[User | None] = relationship()


def draft(workspace_id: str, flow_id: str, *, deleted: bool = False) -> FlowDraft | None:
    """A flow of this workspace; the deleted ones only when asked for."""
    query = select(FlowDraft).filter_by(id=flow_id, workspace_id=workspace_id)
    return db.session.scalar(query if deleted else query.filter(FlowDraft.deleted_at.is_(None)))


def drafts(workspace_id: str, *, words: str = "", deleted: bool = False) -> list[FlowDraft]:
    """The flows of a workspace without their documents, the last changed first."""
    query = select(FlowDraft).options(defer(FlowDraft.document)).filter_by(workspace_id=workspace_id)
    query = query.filter(FlowDraft.deleted_at.is_not(None) if deleted else FlowDraft.deleted_at.is_(None))
    for word in words.split()[:8]:
        query = query.filter(FlowDraft.name.icontains(word, autoescape=True) | FlowDraft.id.icontains(word, autoescape=True))
    return list(db.session.scalars(query.order_by(FlowDraft.updated_at.desc(), FlowDraft.id)))


def names(workspace_id: str, ids: Collection[str]) -> dict[str, str]:
    """The names of flows that are there, by id."""
    if not ids:
        return {}
    query = select(FlowDraft.id, FlowDraft.name).where(FlowDraft.workspace_id == workspace_id, FlowDraft.id.in_(ids))
    return {row.id: row.name for row in db.session.execute(query.where(FlowDraft.deleted_at.is_(None)))}


def named(workspace_id: str, name: str) -> list[str]:
    """The ids of the flows of that name, the one that was changed last first."""
    query = select(FlowDraft.id).where(FlowDraft.workspace_id == workspace_id, FlowDraft.name == name, FlowDraft.deleted_at.is_(None))
    return list(db.session.scalars(query.order_by(FlowDraft.updated_at.desc(), FlowDraft.id)))


def head(workspace_id: str, flow_id: str) -> tuple[int, int | None, int] | None:
    """Revision, published version and count of comments of a flow, without reading its document."""
    query = select(FlowDraft.revision, FlowDraft.published, FlowDraft.talk).filter_by(
        id=flow_id, workspace_id=workspace_id, deleted_at=None
    )
    row = db.session.execute(query).first()
    return None if row is None else (row.revision, row.published, row.talk)


def live_version(on: Session | scoped_session[Session], workspace_id: str, flow_id: str) -> FlowVersion | None:
    """The published version in which new conversations run, if the flow is still there."""
    is_live = (FlowDraft.id == FlowVersion.flow_id) & (FlowDraft.published == FlowVersion.number) & FlowDraft.deleted_at.is_(None)
    query = select(FlowVersion).join(FlowDraft, is_live).where(FlowDraft.workspace_id == workspace_id, FlowDraft.id == flow_id)
    return on.scalar(query)


def switched_off(on: Session | scoped_session[Session], version_id: str | None) -> str | None:
    """The name of the flow of this version, if it was switched off."""
    if version_id is None:
        return None
    query = select(FlowDraft.name).join(FlowVersion, FlowVersion.flow_id == FlowDraft.id)
    return on.scalar(query.where(FlowVersion.id == version_id, FlowDraft.switched_off.is_not(None)))


def published_at(flow_id: str, number: int | None) -> datetime | None:
    return db.session.scalar(select(FlowVersion.created_at).filter_by(flow_id=flow_id, number=number)) if number else None


def changes_after(flow_id: str, revision: int) -> list[FlowChange]:
    return list(
        db.session.scalars(
            select(FlowChange).filter_by(flow_id=flow_id).filter(FlowChange.revision > revision).order_by(FlowChange.revision)
        )
    )


def history(flow_id: str, limit: int) -> list[tuple[FlowChange, User | None]]:
    """The last changes without undoing and redoing, the newest first, each with who made it."""
    query = select(FlowChange, User).outerjoin(User, User.id == FlowChange.user_id).filter(FlowChange.flow_id == flow_id)
    query = query.filter((FlowChange.kind == "do") | FlowChange.of.is_(None))
    return [tuple(row) for row in db.session.execute(query.order_by(FlowChange.revision.desc()).limit(limit))]


def taken_back(flow_id: str, since: int) -> set[int]:
    """The changes from revision ``since`` on that were undone last, and not done again."""
    query = select(FlowChange.of, FlowChange.kind).filter(FlowChange.flow_id == flow_id, FlowChange.kind != "do", FlowChange.of >= since)
    last = {row.of: row.kind for row in db.session.execute(query.order_by(FlowChange.revision))}
    return {revision for revision, kind in last.items() if kind == "undo"}


def versions(flow_id: str) -> list[FlowVersion]:
    """The published versions without their documents, the newest first."""
    query = select(FlowVersion).options(defer(FlowVersion.document), joinedload(FlowVersion.author)).filter_by(flow_id=flow_id)
    return list(db.session.scalars(query.filter(FlowVersion.number.is_not(None)).order_by(FlowVersion.number.desc())))


def version(flow_id: str, number: int | None) -> FlowVersion | None:
    """A published version with its document."""
    return db.session.scalar(select(FlowVersion).filter_by(flow_id=flow_id, number=number)) if number else None


class FlowPhrase(Base):
    """A phrase that starts a published version, as messages are compared with it; without a line it is heard on all of the workspace.

    Written once with the version. Whether it is the live one is told by the flow.
    """

    __tablename__ = "flow_phrase"
    __table_args__ = (Index("ix_flow_phrase_workspace_id_phrase", "workspace_id", "phrase"),)

    version_id: Mapped[str] = mapped_column(ForeignKey("flow_version.id"), primary_key=True)
    phrase: Mapped[str] = mapped_column(String(200), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    line_id: Mapped[str | None] = mapped_column(String(32))


class FlowTrial(Base):
    """A number of the team that begins a draft, frozen in ``version_id``, by its phrases until then."""

    __tablename__ = "flow_trial"
    __table_args__ = (UniqueConstraint("workspace_id", "phone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    phone: Mapped[str] = mapped_column(String(20))
    version_id: Mapped[str] = mapped_column(ForeignKey("flow_version.id"))
    until: Mapped[datetime]
