"""Files that stand at the head of messages, and what Meta calls them once they were uploaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base
from flowbuilder.store.outbox import Executor


class MediaFile(Base):
    """A picture, a video or a document. Its bytes lie under the home folder and are called by ``id``; ``name`` is for people."""

    __tablename__ = "media_file"
    __table_args__ = (Index("ix_media_file_workspace_id_digest", "workspace_id", "digest"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    kind: Mapped[str] = mapped_column(String(16))
    mime: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    name: Mapped[str] = mapped_column(String(240))
    digest: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]


class MediaUpload(Base):
    """The id under which Meta keeps a file for one line, for 30 days since ``uploaded_at``."""

    __tablename__ = "media_upload"

    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"), primary_key=True)
    media_id: Mapped[str] = mapped_column(ForeignKey("media_file.id"), primary_key=True)
    meta_id: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime]


def same(on: Executor, workspace_id: str, kind: str, digest: str, name: str) -> str | None:
    """The file of these very bytes and this name, if the workspace has it already."""
    where = (MediaFile.workspace_id == workspace_id, MediaFile.kind == kind, MediaFile.digest == digest, MediaFile.name == name)
    return on.execute(select(MediaFile.id).where(*where).limit(1)).scalar()


def forget_upload(on: Executor, line_id: str, meta_id: str) -> None:
    """Meta does not know this id any more."""
    on.execute(delete(MediaUpload).where(MediaUpload.line_id == line_id, MediaUpload.meta_id == meta_id))
