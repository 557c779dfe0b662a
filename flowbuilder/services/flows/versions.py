"""Versions: documents that never change. Published ones are numbered; frozen ones are for trials of a draft."""

from __future__ import annotations

import copy

from sqlalchemy import func, select

from flowbuilder import clock
from flowbuilder.core.diff import as_command, compare
from flowbuilder.core.flow import Flow
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.flows import openings
from flowbuilder.services.flows.changes import Changed, Db, change, digest_of, locked
from flowbuilder.services.flows.facts import findings_of
from flowbuilder.store import flows as rows
from flowbuilder.store import new_id
from flowbuilder.store.flows import FlowDraft, FlowVersion


def publish(workspace_id: str, flow_id: str, user_id: str | None, seen_revision: int | None = None) -> FlowVersion:
    """Make the draft the next version. Invalid while a check has an error; Conflict when nothing changed, or when it changed unseen."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        if seen_revision is not None and seen_revision != draft.revision:
            raise Conflict("The flow was changed while you looked at it. Look at it once more, then publish.")
        flow = Flow.from_json(draft.document)
        errors = [finding for finding in findings_of(flow, workspace_id, id=flow_id) if finding.is_error]
        if errors:
            count = "one problem" if len(errors) == 1 else f"{len(errors)} problems"
            raise Invalid(f"This flow can't be published yet: the checks found {count}. Solve what is listed, then publish.", errors)
        digest = digest_of(flow)
        latest = session.scalar(select(FlowVersion).filter_by(flow_id=flow_id, number=draft.latest)) if draft.latest else None
        if latest is not None and latest.digest == digest:
            instead = "switch it on again instead" if draft.switched_off else "so there is nothing to publish"
            raise Conflict(f"Nothing has changed since version {latest.number}, {instead}.")
        number = (session.scalar(select(func.max(FlowVersion.number)).filter_by(flow_id=flow_id)) or 0) + 1
        version = _add(session, draft, digest, number, user_id)
        openings.note(session, workspace_id, version)
        draft.published, draft.switched_off = number, None
        draft.updated_at = version.created_at
        audit.record(session, workspace_id, user_id, "flow.published", flow_id, f"Published version {number} of the flow “{draft.name}”")
    return version


def freeze(flow_id: str, user_id: str | None = None, *, workspace_id: str | None = None) -> FlowVersion:
    """The draft as it is now, for a trial; an unchanged draft is the same version again, be it published or frozen before.

    Who calls without ``workspace_id`` has made sure that the flow is of the right one.
    """
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        digest = digest_of(Flow.from_json(draft.document))
        query = (
            select(FlowVersion).filter_by(flow_id=flow_id, digest=digest).order_by(FlowVersion.number.desc(), FlowVersion.created_at.desc())
        )
        return session.scalars(query).first() or _add(session, draft, digest, None, user_id)


def flow_of(workspace_id: str, flow_id: str, number: int | None) -> Flow:
    """A published version, or the draft as it is now where no ``number`` is given."""
    draft = rows.draft(workspace_id, flow_id)
    row = draft if draft is None or number is None else rows.version(flow_id, number)
    if row is None:
        raise NotFound("There is no such version of this flow. Choose one from the list of its versions.")
    return Flow.from_json(row.document)


def bring_back(workspace_id: str, flow_id: str, number: int, user_id: str | None) -> Changed:
    """Make the draft what a version is, as one change that can be undone."""
    difference = compare(flow_of(workspace_id, flow_id, None), flow_of(workspace_id, flow_id, number))
    if not difference:
        raise Conflict(f"The draft is the same as version {number} already, so nothing was changed.")
    return change(workspace_id, flow_id, as_command(difference, f"Restored version {number}"), user_id)


def _add(session: Db, draft: FlowDraft, digest: str, number: int | None, user_id: str | None) -> FlowVersion:
    version = FlowVersion(
        id=new_id("ver"), flow_id=draft.id, number=number, document=copy.deepcopy(draft.document), digest=digest,
        created_by=user_id, created_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
