"""Drafts tried by their phrases: for an hour a number of the team begins the draft as it stood, where others begin what is published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from flowbuilder import clock
from flowbuilder.core import phone as phones
from flowbuilder.core.conditions import as_spoken
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS, starts
from flowbuilder.errors import Invalid
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.flows.changes import Db
from flowbuilder.services.flows.versions import freeze
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.flows import FlowTrial, FlowVersion

LASTS = timedelta(hours=1)
_NO_TESTER = "Drafts may only be tried on numbers of the workspace's tester list. Add this number there, or choose another."


def allow(workspace_id: str, flow_id: str, number: str, *, user_id: str | None) -> FlowTrial:
    """From now on the draft as it stands answers this number's phrases, for an hour. Raises Invalid with the fault on ``phone``."""
    read = phones.read("", number)
    if isinstance(read, phones.PhoneFault):
        raise Invalid(findings=[Finding(read.value, read.text, field="phone")])
    simulated = select(Line.id).where(Line.workspace_id == workspace_id, Line.is_simulator, Line.disabled_at.is_(None))
    if not _are_testers(db.session, workspace_id, [read.e164]) and db.session.scalar(simulated.limit(1)) is None:
        raise Invalid(findings=[Finding("not_a_tester", _NO_TESTER, field="phone")])
    version = freeze(flow_id, user_id, workspace_id=workspace_id)
    with transaction() as session:
        session.execute(delete(FlowTrial).where(FlowTrial.workspace_id == workspace_id, FlowTrial.phone == read.e164))
        row = FlowTrial(workspace_id=workspace_id, phone=read.e164, version_id=version.id, until=clock.now() + LASTS)
        session.add(row)
        audit.record(session, workspace_id, user_id, "flow.tried", flow_id, "Let a number of the team try the draft by its phrases")
    return row


def running(workspace_id: str, flow_id: str) -> list[FlowTrial]:
    query = select(FlowTrial).join(FlowVersion, FlowVersion.id == FlowTrial.version_id).where(FlowVersion.flow_id == flow_id)
    return list(
        db.session.scalars(query.where(FlowTrial.workspace_id == workspace_id, FlowTrial.until > clock.now()).order_by(FlowTrial.phone))
    )


def version_started_by(session: Db, line: Line, numbers: Collection[str], text: str, now: datetime) -> FlowVersion | None:
    """The draft that these words begin for this person, if they try one: over a real line only a number of the tester list may."""
    query = select(FlowVersion).join(FlowTrial, FlowTrial.version_id == FlowVersion.id)
    mine = query.where(FlowTrial.workspace_id == line.workspace_id, FlowTrial.phone.in_(numbers), FlowTrial.until > now)
    version = session.scalar(mine.order_by(FlowTrial.until.desc()).limit(1))
    if version is None or not (line.is_simulator or _are_testers(session, line.workspace_id, numbers)):
        return None
    openings = [start for start in starts(Flow.from_json(version.document)) if start.data.get("line") in (None, line.id)]
    return version if any(as_spoken(text) in KINDS[start.kind].phrases(start) for start in openings) else None


def _are_testers(session: Db, workspace_id: str, numbers: Collection[str]) -> bool:
    known = select(TestPhone.id).where(TestPhone.workspace_id == workspace_id, TestPhone.phone.in_(numbers))
    return session.scalar(known.limit(1)) is not None
