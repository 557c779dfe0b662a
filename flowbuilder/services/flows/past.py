"""What was done to a flow, in words: each change once, whether it has been taken back since, and in between where it was published
and when it was switched off or on again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from flowbuilder.services.flows.changes import read_stack
from flowbuilder.services.flows.switching import SWITCHED_OFF, SWITCHED_ON
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import AuditEvent, User
from flowbuilder.store.flows import FlowChange, FlowDraft

PAGE = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """A version was published, or without a number: the flow was switched on again, or off."""

    at: datetime
    number: int | None = None
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A change, who made it, and what happened to the flow as a whole after it and before the next one, the newest first.

    One that was taken back stands for redoing it only as long as who asks can do so.
    """

    change: FlowChange
    user: User | None
    is_back: bool
    can_redo: bool
    moments: tuple[Moment, ...] = ()


def history(flow_id: str, user_id: str | None, limit: int = PAGE) -> list[Entry]:
    """The last changes, the newest first; undoing and redoing only show in what they were about."""
    made = rows.history(flow_id, limit)
    back = rows.taken_back(flow_id, made[-1][0].revision) if made else set()
    redo = set(read_stack(db.session, flow_id, user_id).redo)
    found: list[Entry] = []
    moments = _moments(flow_id)
    for change, user in made:
        after = tuple(moment for moment in moments if moment.at >= change.at)
        moments = moments[len(after) :]
        found.append(Entry(change, user, change.revision in back, change.revision in redo, after))
    return found


def _moments(flow_id: str) -> list[Moment]:
    """The newest first. Who was never published was never switched off."""
    found = [Moment(version.created_at, version.number) for version in rows.versions(flow_id)]
    if found:
        of_flow = select(FlowDraft.workspace_id).where(FlowDraft.id == flow_id).scalar_subquery()
        switched = select(AuditEvent.at, AuditEvent.verb).where(AuditEvent.workspace_id == of_flow, AuditEvent.subject == flow_id)
        switched = switched.where(AuditEvent.verb.in_((SWITCHED_OFF, SWITCHED_ON)))
        found += [Moment(at, is_on=verb == SWITCHED_ON) for at, verb in db.session.execute(switched)]
    return sorted(found, key=lambda moment: moment.at, reverse=True)
