"""Talking about a flow: comments on steps with replies, resolved and opened again; and who else has it open, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from flowbuilder import clock
from flowbuilder.errors import Invalid, NotAllowed, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.flows.changes import locked
from flowbuilder.store import comments as rows
from flowbuilder.store import new_id
from flowbuilder.store.accounts import User
from flowbuilder.store.comments import FlowComment, FlowPresence

TEXT_MAX = 2000
HERE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Thread:
    comment: FlowComment
    user: User | None
    replies: list[tuple[FlowComment, User | None]] = field(default_factory=list)


def threads(flow_id: str, node: str) -> list[Thread]:
    """Open ones first, each group in the order in which they began."""
    found = rows.comments(flow_id, node)
    by_id = {comment.id: Thread(comment, user) for comment, user in found if comment.parent_id is None}
    for comment, user in found:
        if comment.parent_id in by_id:
            by_id[comment.parent_id].replies.append((comment, user))
    return sorted(by_id.values(), key=lambda thread: thread.comment.resolved_at is not None)


def comment(workspace_id: str, flow_id: str, node: str, text: str, user_id: str | None, parent_id: str | None = None) -> FlowComment:
    """Say something about a step, or reply; a reply to what was resolved opens it again."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        text = _checked(text)
        if all(one["id"] != node for one in draft.document["nodes"]):
            raise NotFound("This step is no longer in the flow; somebody removed it meanwhile.")
        parent = session.get(FlowComment, parent_id) if parent_id else None
        if parent_id and (parent is None or (parent.flow_id, parent.node) != (flow_id, node) or parent.parent_id):
            raise NotFound("The comment that you reply to is no longer there.")
        if parent is not None:
            parent.resolved_at = parent.resolved_by = None
        row = FlowComment(
            id=new_id("com"), flow_id=flow_id, node=node, parent_id=parent_id, text=text, user_id=user_id, at=clock.now()
        )  # fmt: skip
        session.add(row)
        draft.talk += 1
    return row


def correct(workspace_id: str, flow_id: str, comment_id: str, text: str, user_id: str | None) -> FlowComment:
    """Put other words in place of one's own."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        row = _own(session, flow_id, comment_id, user_id)
        text = _checked(text)
        if text != row.text:
            row.text, row.corrected_at = text, clock.now()
            draft.talk += 1
    return row


def take_back(workspace_id: str, flow_id: str, comment_id: str, user_id: str | None) -> str:
    """Delete one's own comment or reply; one that others replied to leaves its place. The step that it was about."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        row = _own(session, flow_id, comment_id, user_id)
        parent, node = row.parent_id and session.get(FlowComment, row.parent_id), row.node
        if rows.is_answered(row.id):
            row.text = ""
        else:
            session.delete(row)
            session.flush()
            if parent and not parent.text and not rows.is_answered(parent.id):
                session.delete(parent)
        draft.talk += 1
    return node


def _own(session: Session, flow_id: str, comment_id: str, user_id: str | None) -> FlowComment:
    row = session.get(FlowComment, comment_id)
    if row is None or row.flow_id != flow_id or not row.text:
        raise NotFound("This comment is no longer there.")
    if row.user_id is None or row.user_id != user_id:
        raise NotAllowed("Only who wrote a comment corrects or deletes it.")
    return row


def _checked(text: str) -> str:
    """Browsers count a line's end as one, and send two."""
    text = text.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= TEXT_MAX:
        raise Invalid("Write the comment first." if not text else f"A comment has at most {TEXT_MAX:,} characters. Shorten it.")
    return text


def resolve(workspace_id: str, flow_id: str, comment_id: str, user_id: str | None, *, is_resolved: bool = True) -> FlowComment:
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        row = session.get(FlowComment, comment_id)
        if row is None or row.flow_id != flow_id or row.parent_id:
            raise NotFound("This comment is no longer there.")
        if is_resolved is (row.resolved_at is None):
            row.resolved_at = clock.now() if is_resolved else None
            row.resolved_by = user_id if is_resolved else None
            draft.talk += 1
    return row


def seen(workspace_id: str, flow_id: str, user_id: str, node: str | None) -> Sequence[tuple[FlowPresence, User]]:
    """Note that somebody has the flow open, at which step; who else has."""
    now = clock.now()
    if not rows.is_of(workspace_id, flow_id):
        raise NotFound()
    with transaction() as session:
        here = {"node": node[:64] if node else None, "at": now}
        if not session.execute(update(FlowPresence).filter_by(flow_id=flow_id, user_id=user_id).values(here)).rowcount:  # type: ignore[attr-defined]
            try:
                with session.begin_nested():
                    session.add(FlowPresence(flow_id=flow_id, user_id=user_id, **here))
            except IntegrityError:
                pass
    return [(one, user) for one, user in rows.present(flow_id, now - HERE) if user.id != user_id]
