"""My flows: what the list says about each flow."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from flowbuilder.services.flows.news import template_id
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.outbound import TemplateMessage

UNDER_WAY = ("in_progress", "with_person")


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A row of the list: ``people`` are in it now; ``is_changed`` means that the draft has gone on since its version.

    ``line`` is the name of the line that its initial message belongs to.
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
    named = {draft.id: id for draft in drafts if (id := template_id(draft.id, draft.revision))}
    query = (
        select(TemplateMessage.id, Line.name).join(Line, Line.id == TemplateMessage.line_id).filter(TemplateMessage.id.in_(named.values()))
    )
    names = dict(db.session.execute(query).all())
    return {flow_id: names[id] for flow_id, id in named.items() if id in names}


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
