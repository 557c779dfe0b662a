"""What the checks must know from outside the flow: its outbound messages and how their review stands, other flows, prices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import defer

from flowbuilder.core import moving, ratecard
from flowbuilder.core.checks import Facts, FlowFacts, Review, TemplateFacts, review
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS, starts
from flowbuilder.core.template import TemplateContent, quick_replies, variables_used
from flowbuilder.core.variables import BUILT_IN
from flowbuilder.services.accounts import prices, providers, teams, vault
from flowbuilder.services.flows import openings
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.media import MediaFile
from flowbuilder.store.outbound import ReviewEvent, TemplateMessage


def template_of(flow: Flow, workspace_id: str) -> TemplateMessage | None:
    """The initial message that the opening step names, if it is this workspace's."""
    for node in starts(flow):
        if template_id := node.data.get("template"):
            row = db.session.get(TemplateMessage, template_id)
            return row if row is not None and row.workspace_id == workspace_id else None
    return None


def facts_for(flow: Flow, workspace_id: str, *, id: str = "") -> Facts:
    initial = template_of(flow, workspace_id)
    sent = {one for node in flow.nodes.values() for one in KINDS[node.kind].sends(node)}
    known = _templates(sent, workspace_id, published_at=rows.published_at(id, _live(id)) if id else None)
    card = prices.of(workspace_id)
    return Facts(
        template=known.get(initial.id) if initial else None,
        templates=known,
        flows=_flows({one for node in flow.nodes.values() for one in KINDS[node.kind].calls(node)}, workspace_id),
        prices=ratecard.span(card),
        currency=card.currency,
        files=_files({one for node in flow.nodes.values() for one in KINDS[node.kind].files(node)}, workspace_id),
        teams=teams.known(workspace_id, {one for node in flow.nodes.values() if (one := KINDS[node.kind].team(node))}),
        secrets=vault.known(workspace_id, {one for node in flow.nodes.values() for one in KINDS[node.kind].secrets(node)}),
        providers={row.id: tuple(row.checks) for row in providers.listing(workspace_id)},
        phrases=openings.taken(workspace_id, id, flow),
        id=id,
    )


def review_of(flow: Flow, workspace_id: str, *, id: str) -> Review:
    """Everything that the checks have to say about ``flow``; without its ``id`` a live flow would stand in its own way."""
    return review(flow, facts_for(flow, workspace_id, id=id))


def findings_of(flow: Flow, workspace_id: str, *, id: str) -> tuple[Finding, ...]:
    return review_of(flow, workspace_id, id=id).findings


def _files(ids: set[str], workspace_id: str) -> frozenset[str]:
    if not ids:
        return frozenset()
    return frozenset(db.session.scalars(select(MediaFile.id).where(MediaFile.id.in_(ids), MediaFile.workspace_id == workspace_id)))


def _live(flow_id: str) -> int | None:
    return db.session.scalar(select(FlowDraft.published).filter_by(id=flow_id))


def _templates(ids: set[str], workspace_id: str, *, published_at: datetime | None) -> dict[str, TemplateFacts]:
    if not ids:
        return {}
    query = select(TemplateMessage).filter(TemplateMessage.id.in_(ids), TemplateMessage.workspace_id == workspace_id)
    changed = set[str]()
    if published_at is not None:
        read_anew = select(ReviewEvent.template_id).filter(ReviewEvent.template_id.in_(ids), ReviewEvent.event == "words_read")
        changed = set(db.session.scalars(read_anew.filter(ReviewEvent.at > published_at)))
    return {row.id: _template(row, is_changed=row.id in changed) for row in db.session.scalars(query)}


def _template(row: TemplateMessage, *, is_changed: bool) -> TemplateFacts:
    content = TemplateContent.from_json(row.content)
    return TemplateFacts(
        id=row.id,
        status=row.status,
        variables=tuple(variables_used(content)),
        continue_option=content.continue_option,
        finish_option=content.finish_option,
        category=row.category,
        language=row.language,
        examples={variable.name: variable.example for variable in content.variables if variable.example},
        is_changed=is_changed,
        replies=quick_replies(content),
        line=row.line_id,
        minutes=(content.otp.lifetime_minutes or 0) if content.is_otp else 0,
    )


def _flows(ids: set[str], workspace_id: str) -> dict[str, FlowFacts]:
    """The flows of these ids and all that they lead on to, by their published versions."""
    found: dict[str, FlowFacts] = {}
    wanted = ids
    while wanted:
        query = (
            select(FlowDraft, FlowVersion.document)
            .outerjoin(FlowVersion, (FlowVersion.flow_id == FlowDraft.id) & (FlowVersion.number == FlowDraft.published))
            .filter(FlowDraft.id.in_(wanted), FlowDraft.workspace_id == workspace_id, FlowDraft.deleted_at.is_(None))
            .options(defer(FlowDraft.document))
        )
        for draft, document in db.session.execute(query):
            flow = Flow.from_json(document) if document else Flow(draft.name)
            calls = tuple(dict.fromkeys(one for node in flow.nodes.values() for one in KINDS[node.kind].calls(node)))
            needed = {name for start in starts(flow) for name in moving.needs(flow).get(start.id, ())} - set(BUILT_IN)
            found[draft.id] = FlowFacts(draft.id, draft.name, document is not None, calls, tuple(sorted(needed)))
        wanted = {one for facts in found.values() for one in facts.calls} - found.keys() - wanted
    return found
