"""Switching a published flow off, and switching the same version on again.

Switched off nothing new begins: no initial message leaves, no phrase is heard, no other flow goes over to it. Whoever is under
way finishes on the version that they began with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import String, cast, func, select, update

from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import starts
from flowbuilder.errors import Conflict
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.flows.changes import locked
from flowbuilder.services.flows.listing import people_in
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.sending import Batch

SWITCHED_OFF, SWITCHED_ON = "flow.switched_off", "flow.switched_on"
STOPPED = "Its flow was switched off. Switch it on again on My flows, then resume."
_SENDING = (BatchStatus.RUNNING, BatchStatus.SCHEDULED, BatchStatus.HOLDING)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What switching a flow off means now: who finishes, how many batches stop, which live flows go over to it."""

    people: int
    batches: int
    callers: Sequence[str]
    is_sent: bool
    has_phrases: bool


def meaning(draft: FlowDraft) -> Meaning:
    live = rows.version(draft.id, draft.published)
    kinds = {start.kind for start in starts(Flow.from_json(live.document))} if live else set()
    people = sum(count for number, count in people_in(draft.id).items() if number is not None)
    batches = select(func.count()).select_from(Batch).where(*_batches(draft.id, *_SENDING))
    return Meaning(
        people, db.session.scalar(batches) or 0, _callers(draft), is_sent="you_send_it" in kinds, has_phrases="user_sends_it" in kinds
    )


def switch_off(workspace_id: str, flow_id: str, user_id: str | None) -> FlowDraft:
    """Nothing new begins from now on, and running batches stop; Conflict when the flow is not live."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        if draft.published is None:
            raise Conflict(f"“{draft.name}” is not live, so it can't be switched off.")
        draft.switched_off, draft.published = draft.published, None
        stopping = update(Batch).where(*_batches(flow_id, BatchStatus.RUNNING)).values(status=BatchStatus.STOPPED, stopped_because=STOPPED)
        session.execute(stopping, execution_options={"synchronize_session": False})
        text = f"Switched the flow “{draft.name}” off; version {draft.switched_off} was live"
        audit.record(session, workspace_id, user_id, SWITCHED_OFF, flow_id, text)
    return draft


def switch_on(workspace_id: str, flow_id: str, user_id: str | None) -> FlowDraft:
    """The version that was live is live again, as it was; Conflict when the flow was not switched off."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        if draft.switched_off is None:
            raise Conflict(f"“{draft.name}” was not switched off.")
        draft.published, draft.switched_off = draft.switched_off, None
        text = f"Switched version {draft.published} of the flow “{draft.name}” on again"
        audit.record(session, workspace_id, user_id, SWITCHED_ON, flow_id, text)
    return draft


def _batches(flow_id: str, *statuses: BatchStatus) -> tuple:
    """Batches of these states that start the flow as it was published; trials run drafts and go on."""
    versions = select(FlowVersion.id).where(FlowVersion.flow_id == flow_id)
    return Batch.version_id.in_(versions), Batch.door != "trial", Batch.status.in_(statuses)


def _callers(draft: FlowDraft) -> Sequence[str]:
    """The live flows of which a step goes over to this one, by name."""
    live = (FlowVersion.flow_id == FlowDraft.id) & (FlowVersion.number == FlowDraft.published)
    query = select(FlowDraft.name).join(FlowVersion, live).where(FlowDraft.workspace_id == draft.workspace_id, FlowDraft.id != draft.id)
    named = cast(FlowVersion.document, String).contains(draft.id, autoescape=True)
    return db.session.scalars(query.where(FlowDraft.deleted_at.is_(None), named).order_by(FlowDraft.name)).all()
