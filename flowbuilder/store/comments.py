"""What designers say to each other about the steps of a flow, and who has it open just now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base, db
from flowbuilder.store.accounts import User
from flowbuilder.store.flows import FlowDraft


class FlowComment(Base):
    """A comment on a step, or a reply to one (``parent_id``). A resolved one is put away with its replies, not lost; one
    that was deleted has no text any more, and stays as long as it has replies."""

    __tablename__ = "flow_comment"
    __table_args__ = (Index("ix_flow_comment_flow_id_node", "flow_id", "node"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    node: Mapped[str] = mapped_column(String(64))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("flow_comment.id"))
    text: Mapped[str] = mapped_column(Text)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    corrected_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))


class FlowPresence(Base):
    """Where somebody was seen last in a flow."""

    __tablename__ = "flow_presence"

    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    node: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]


def comments(flow_id: str, node: str) -> list[tuple[FlowComment, User | None]]:
    query = select(FlowComment, User).outerjoin(User, User.id == FlowComment.user_id).filter(FlowComment.flow_id == flow_id)
    found = db.session.execute(query.filter(FlowComment.node == node).order_by(FlowComment.at, FlowComment.id))
    return [(comment, user) for comment, user in found]


def is_answered(comment_id: str) -> bool:
    return db.session.scalar(select(FlowComment.id).filter_by(parent_id=comment_id).limit(1)) is not None


def open_counts(flow_id: str) -> dict[str, int]:
    """How many open threads each step has."""
    query = select(FlowComment.node, func.count()).filter_by(flow_id=flow_id, parent_id=None, resolved_at=None)
    return {node: count for node, count in db.session.execute(query.group_by(FlowComment.node))}


def present(flow_id: str, since: datetime) -> list[tuple[FlowPresence, User]]:
    query = select(FlowPresence, User).join(User, User.id == FlowPresence.user_id)
    found = db.session.execute(query.filter(FlowPresence.flow_id == flow_id, FlowPresence.at > since).order_by(User.name, User.id))
    return [(presence, user) for presence, user in found]


def is_of(workspace_id: str, flow_id: str) -> bool:
    """Whether the flow is one of this workspace's."""
    return db.session.scalar(select(FlowDraft.id).filter_by(id=flow_id, workspace_id=workspace_id, deleted_at=None)) is not None
