"""My flows: what the list says about each flow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select

from flowbuilder.core.nodes import KINDS
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.outbound import TemplateMessage

UNDER_WAY = ("in_progress", "with_person")
EVERY_LINE = "Every line"


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A row of the list: ``people`` are in it now; ``is_changed`` means that the draft has gone on since its version.

    ``line`` is the name of the line on which it opens: that of its initial message, or where a person's words are heard.
    """

    draft: FlowDraft
    people: int
    is_changed: bool
    line: str


def summaries(workspace_id: str, *, words: str = "", deleted: bool = False) -> list[FlowSummary]:
    drafts = rows.drafts(workspace_id, words=words, deleted=deleted)
    ids = [draft.id for draft in drafts]
    people = dict(
        db.session.execute(
            select(Conversation.flow_id, func.count())
            .filter(Conversation.flow_id.in_(ids), Conversation.status.in_(UNDER_WAY))
            .group_by(Conversation.flow_id)
        ).all()
    )
    published = dict(
        db.session.execute(
            select(FlowVersion.flow_id, func.max(FlowVersion.created_at))
            .filter(FlowVersion.flow_id.in_(ids), FlowVersion.number.is_not(None))
            .group_by(FlowVersion.flow_id)
        ).all()
    )
    lines = _lines(drafts)
    return [
        FlowSummary(
            draft, people.get(draft.id, 0), draft.id in published and draft.updated_at > published[draft.id], lines.get(draft.id, "")
        )
        for draft in drafts
    ]


def _lines(drafts: list[FlowDraft]) -> dict[str, str]:
    openings = {draft.id: _opening(draft.id, draft.revision) for draft in drafts}
    messages = {id for id, _ in openings.values() if id}
    query = select(TemplateMessage.id, TemplateMessage.line_id).filter(TemplateMessage.id.in_(messages))
    line_of = dict(db.session.execute(query).all())
    lines = {flow_id: line_of.get(message) if message else line for flow_id, (message, line) in openings.items()}
    names = dict(db.session.execute(select(Line.id, Line.name).filter(Line.id.in_(set(lines.values()) - {None}))).all())
    return {flow_id: EVERY_LINE if line == "" else names.get(line, "") for flow_id, line in lines.items()}


@lru_cache(maxsize=4096)
def _opening(flow_id: str, revision: int) -> tuple[str | None, str | None]:
    """The initial message of a flow at a revision, or the line on which its phrases are heard, which is empty where that is every line.

    Remembered, so that nobody need read the document for it again.
    """
    document = db.session.scalar(select(FlowDraft.document).filter_by(id=flow_id))
    for node in document["nodes"]:
        kind = KINDS[node["kind"]]
        if kind.is_start:
            return (node["data"].get("template"), None) if kind.is_sent else (None, node["data"].get("line") or "")
    return None, None


def people_in(flow_id: str) -> dict[int | None, int]:
    """How many people stand in which version now; None is a trial of a draft."""
    query = (
        select(FlowVersion.number, func.count())
        .select_from(Conversation)
        .join(FlowVersion, FlowVersion.id == Conversation.version_id)
        .filter(Conversation.flow_id == flow_id, Conversation.status.in_(UNDER_WAY))
        .group_by(FlowVersion.number)
    )
    return dict(db.session.execute(query).all())
