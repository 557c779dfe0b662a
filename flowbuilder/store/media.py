"""Files that stand at the head of messages, and what Meta calls them once they were uploaded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, cast, delete, exists, or_, select, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.store import Base
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outbox import Executor, is_
from flowbuilder.store.sending import Batch, Message


class MediaFile(Base):
    """A picture, a video or a document. Its bytes lie under the home folder and are called by ``id``; ``name`` is for people.

    ``created_at`` is when it was last given by somebody: the same bytes given again are this file.
    """

    __tablename__ = "media_file"
    __table_args__ = (
        Index("ix_media_file_workspace_id_digest", "workspace_id", "digest"),
        Index("ix_media_file_workspace_id_created_at", "workspace_id", "created_at", "id"),
    )

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
    """The id under which Meta keeps a file for one line, for 30 days since ``uploaded_at``; it stays as a sign that it was sent."""

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
    """Meta does not know this id any more: the file goes up anew when it is needed."""
    on.execute(update(MediaUpload).where(MediaUpload.line_id == line_id, MediaUpload.meta_id == meta_id).values(uploaded_at=_LONG_AGO))


def is_current(on: Executor, line_id: str, meta_id: str) -> bool:
    """Whether this id is the one to use: Meta has not said that it has no such file, nor has it gone up anew meanwhile."""
    wanted = select(MediaUpload.media_id).where(MediaUpload.line_id == line_id, MediaUpload.meta_id == meta_id)
    return on.execute(wanted.where(MediaUpload.uploaded_at > _LONG_AGO)).first() is not None


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def forget_refused(on: Executor, message_ids: Collection[int], now: datetime, just_before: timedelta) -> None:
    """Meta says of these messages, after it took them, that it has no file to show: ids that were not made ``just_before`` are no good."""
    told = select(Message.line_id, Message.batch_id, Message.content, Message.accepted_at).where(Message.id.in_(message_ids))
    rows = on.execute(told).all()
    plans = select(Batch.id, Batch.plan).where(Batch.id.in_({row.batch_id for row in rows if row.batch_id}))
    heads = {batch_id: plan.get("medium") for batch_id, plan in on.execute(plans)}
    newest: dict[tuple[str, str], datetime] = {}
    for row in rows:
        medium = heads.get(row.batch_id) if row.batch_id else row.content.get("medium")
        if medium and medium.get("file"):
            key = (row.line_id, medium["file"])
            newest[key] = max(newest.get(key, _LONG_AGO), row.accepted_at or now)
    for (line_id, media_id), taken in newest.items():
        known = (MediaUpload.line_id == line_id, MediaUpload.media_id == media_id)
        on.execute(update(MediaUpload).where(*known, MediaUpload.uploaded_at < taken - just_before).values(uploaded_at=_LONG_AGO))


def page(on: Executor, workspace_id: str, kind: str, *, before: tuple[datetime, str] | None, limit: int) -> Sequence[MediaFile]:
    """Files of a kind, or of any, those given last first; ``before`` is where the page before ended."""
    wanted = select(MediaFile).where(MediaFile.workspace_id == workspace_id)
    if kind:
        wanted = wanted.where(MediaFile.kind == kind)
    if before:
        wanted = wanted.where(tuple_(MediaFile.created_at, MediaFile.id) < before)
    return on.execute(wanted.order_by(MediaFile.created_at.desc(), MediaFile.id.desc()).limit(limit)).scalars().all()


_SAMPLE = TemplateMessage.content["sample"]["file"].as_string()
_HEAD = Batch.plan["medium"]["file"].as_string()
_SHOWN = Message.content["medium"]["file"].as_string()
_WAITING = (is_(DeliveryStatus.QUEUED), Message.batch_id.is_(None))
"""Messages that were sent need no look: what they show was uploaded."""


def unreferred(on: Executor, before: datetime, limit: int) -> Sequence[str]:
    """Files given ``before`` that no outbound message, flow, batch or message shows: replaced, or of drafts that are gone."""
    statement = select(MediaFile.id).where(
        MediaFile.created_at < before,
        ~exists().where(MediaUpload.media_id == MediaFile.id),
        *(~exists().where(cast(flow.document, Text).contains(MediaFile.id)) for flow in (FlowDraft, FlowVersion)),
        *(MediaFile.id.not_in(_named(each, *where)) for each, *where in ((_SAMPLE,), (_HEAD,), (_SHOWN, *_WAITING))),
    )
    return on.execute(statement.order_by(MediaFile.id).limit(limit)).scalars().all()


def _named(place: Any, *where: Any) -> Any:
    return select(place).where(place.is_not(None), *where)


def sample_of(on: Executor, row: MediaFile) -> str | None:
    """The name of an outbound message whose sample is this file."""
    wanted = select(TemplateMessage.name).where(TemplateMessage.workspace_id == row.workspace_id, row.id == _SAMPLE)
    return on.execute(wanted.limit(1)).scalar()


def head_of(on: Executor, row: MediaFile) -> str | None:
    """The name of a batch whose messages show this file."""
    wanted = select(Batch.file_name).where(Batch.workspace_id == row.workspace_id, row.id == _HEAD)
    return on.execute(wanted.limit(1)).scalar()


def flow_of(on: Executor, row: MediaFile) -> str | None:
    """The name of a flow in whose draft or versions a step shows this file."""
    versions = select(FlowVersion.flow_id).where(cast(FlowVersion.document, Text).contains(row.id))
    shows = or_(cast(FlowDraft.document, Text).contains(row.id), FlowDraft.id.in_(versions))
    return on.execute(select(FlowDraft.name).where(FlowDraft.workspace_id == row.workspace_id, shows).limit(1)).scalar()


def is_shown_by_messages(on: Executor, row: MediaFile) -> bool:
    """Whether a message that was sent shows this file, or one that waits."""
    sent = select(MediaUpload.meta_id).where(MediaUpload.media_id == row.id)
    waiting = select(Message.id).where(*_WAITING, row.id == _SHOWN)
    return any(on.execute(wanted.limit(1)).first() for wanted in (sent, waiting))


def remove(on: Executor, media_id: str) -> None:
    on.execute(delete(MediaFile).where(MediaFile.id == media_id))


def known(on: Executor, ids: Collection[str]) -> set[str]:
    return set(on.execute(select(MediaFile.id).where(MediaFile.id.in_(ids))).scalars())
