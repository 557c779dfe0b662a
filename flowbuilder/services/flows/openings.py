"""Which live flow a person's own words start, and which phrases are taken."""

from __future__ import annotations

from sqlalchemy import Select, or_, select

from flowbuilder.core.conditions import as_spoken
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS, starts
from flowbuilder.services.flows.changes import Db
from flowbuilder.store import db
from flowbuilder.store.flows import FlowDraft, FlowPhrase, FlowVersion

LONGEST = 200


def note(session: Db, workspace_id: str, version: FlowVersion) -> None:
    """Write down by which phrases a version that was published just now is started."""
    for start in starts(Flow.from_json(version.document)):
        for phrase in KINDS[start.kind].phrases(start):
            line_id = start.data.get("line")
            session.add(FlowPhrase(version_id=version.id, phrase=phrase[:LONGEST], workspace_id=workspace_id, line_id=line_id))


def version_started_by(session: Db, workspace_id: str, line_id: str, text: str) -> FlowVersion | None:
    """The live version that this message starts on this line; one that names the line comes before one that is heard everywhere."""
    if not text or len(text) > 2 * LONGEST:
        return None
    spoken = _live(select(FlowVersion), workspace_id).where(
        FlowPhrase.phrase == as_spoken(text), or_(FlowPhrase.line_id.is_(None), FlowPhrase.line_id == line_id)
    )
    return session.scalar(spoken.order_by(FlowPhrase.line_id.is_(None), FlowVersion.created_at).limit(1))


def taken(workspace_id: str, flow_id: str, flow: Flow) -> dict[str, str]:
    """The phrases of ``flow`` that start another live flow on a line of both, each with that flow's name."""
    lines = {phrase: start.data.get("line") for start in starts(flow) for phrase in KINDS[start.kind].phrases(start)}
    if not lines:
        return {}
    wanted = _live(select(FlowPhrase.phrase, FlowPhrase.line_id, FlowDraft.name), workspace_id)
    wanted = wanted.where(FlowPhrase.phrase.in_(lines), FlowDraft.id != flow_id).order_by(FlowDraft.name.desc())
    return {phrase: name for phrase, line, name in db.session.execute(wanted) if None in (line, lines[phrase]) or line == lines[phrase]}


def _live(query: Select, workspace_id: str) -> Select:
    is_live = (FlowDraft.id == FlowVersion.flow_id) & (FlowDraft.published == FlowVersion.number) & FlowDraft.deleted_at.is_(None)
    joined = query.select_from(FlowPhrase).join(FlowVersion, FlowVersion.id == FlowPhrase.version_id).join(FlowDraft, is_live)
    return joined.where(FlowPhrase.workspace_id == workspace_id)
