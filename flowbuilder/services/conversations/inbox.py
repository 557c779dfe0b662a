"""What the pages of the inbox read: handed-over conversations. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from flowbuilder.errors import NotFound
from flowbuilder.store import db
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.handovers import Handover

VIEWS = ("waiting", "mine", "all")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Counts:
    waiting: int
    mine: int
    all: int


def listing(workspace_id: str, view: str, teams: Collection[str] | None, user_id: str) -> Sequence[Handover]:
    """The longest waiting first; of one's own, those first in which the person was heard last. ``teams`` None: of all."""
    query = select(Handover).where(*_open(workspace_id, teams), *_seen_as(view, user_id))
    order = Handover.heard_at.desc() if view == "mine" else Handover.created_at
    whole = joinedload(Handover.conversation).joinedload(Conversation.contact)
    return db.session.scalars(query.order_by(order, Handover.id).limit(_MOST).options(whole, joinedload(Handover.user))).all()


def counts(workspace_id: str, teams: Collection[str] | None, user_id: str) -> Counts:
    def of(view: str) -> int:
        query = select(func.count()).select_from(Handover).where(*_open(workspace_id, teams), *_seen_as(view, user_id))
        return db.session.scalar(query) or 0

    return Counts(*(of(view) for view in VIEWS))


def waiting(workspace_id: str) -> int:
    """How many people nobody has taken yet."""
    return db.session.scalar(select(func.count()).select_from(Handover).where(*_open(workspace_id, None), Handover.user_id.is_(None))) or 0


def of_conversation(conversation_id: str) -> str | None:
    """The id under which it lies in the inbox now, if it does."""
    return db.session.scalar(select(Handover.id).where(Handover.conversation_id == conversation_id, Handover.ended_at.is_(None)))


def find(workspace_id: str, handover_id: str) -> Handover:
    row = db.session.get(Handover, handover_id, populate_existing=True)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def _open(workspace_id: str, teams: Collection[str] | None) -> list[ColumnElement[bool]]:
    found = [Handover.workspace_id == workspace_id, Handover.ended_at.is_(None)]
    return found if teams is None else [*found, or_(Handover.team_id.in_(teams), Handover.team_id == "")]


def _seen_as(view: str, user_id: str) -> list[ColumnElement[bool]]:
    return {"waiting": [Handover.user_id.is_(None)], "mine": [Handover.user_id == user_id]}.get(view, [])
