"""What the checks must know from outside the flow: its outbound messages and how their review stands, other flows, prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import select

from flowbuilder.core import ratecard
from flowbuilder.core.checks import Facts, Review, TemplateFacts, review
from flowbuilder.core.checks.following import Other, called_by, facts_of
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS, starts
from flowbuilder.core.template import TemplateContent
from flowbuilder.core.variables import as_variable
from flowbuilder.services.accounts import prices, providers, teams, vault
from flowbuilder.services.flows import openings
from flowbuilder.services.flows.initial import template_of
from flowbuilder.store import attributes, db
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.media import MediaFile
from flowbuilder.store.outbound import ReviewEvent, TemplateMessage


def facts_for(flow: Flow, workspace_id: str, *, id: str = "", beside: Mapping[str, Flow] | None = None) -> Facts:
    """``beside`` are flows that stand for the published ones of their ids."""
    initial = template_of(flow, workspace_id)
    others = _following(called_by(flow), workspace_id, beside or {})
    reached = (flow, *(one.flow for one in others.values() if one.flow))
    sent = {one for each in reached for node in each.nodes.values() for one in KINDS[node.kind].sends(node)}
    changed = initial.id if initial and id and _was_changed(initial.id, id) else None
    known = _templates(sent, workspace_id, changed=changed)
    card = prices.of(workspace_id)
    facts = Facts(
        template=known.get(initial.id) if initial else None,
        templates=known,
        prices=ratecard.span(card),
        currency=card.currency,
        files=_files({one for node in flow.nodes.values() for one in KINDS[node.kind].files(node)}, workspace_id),
        teams=teams.known(workspace_id, {one for node in flow.nodes.values() if (one := KINDS[node.kind].team(node))}),
        secrets=vault.known(workspace_id, {one for node in flow.nodes.values() for one in KINDS[node.kind].secrets(node)}),
        providers={row.id: tuple(row.checks) for row in providers.listing(workspace_id)},
        phrases=openings.taken(workspace_id, id, flow),
        attributes=frozenset(map(as_variable, attributes.names(workspace_id))),
        id=id,
    )
    return replace(facts, flows=facts_of(others, facts)) if others else facts


def review_of(flow: Flow, workspace_id: str, *, id: str) -> Review:
    """Everything that the checks have to say about ``flow``; without its ``id`` a live flow would stand in its own way."""
    return review(flow, facts_for(flow, workspace_id, id=id))


def findings_of(flow: Flow, workspace_id: str, *, id: str) -> tuple[Finding, ...]:
    return review_of(flow, workspace_id, id=id).findings


def _files(ids: set[str], workspace_id: str) -> frozenset[str]:
    if not ids:
        return frozenset()
    return frozenset(db.session.scalars(select(MediaFile.id).where(MediaFile.id.in_(ids), MediaFile.workspace_id == workspace_id)))


def _was_changed(template_id: str, flow_id: str) -> bool:
    """Whether Meta showed other words of the message with which the live version opens after that was published."""
    live = db.session.scalar(select(FlowDraft.published).filter_by(id=flow_id))
    since = rows.published_at(flow_id, live)
    if since is None:
        return False
    read_anew = select(ReviewEvent.id).filter(ReviewEvent.template_id == template_id, ReviewEvent.event == "words_read")
    if db.session.scalar(read_anew.filter(ReviewEvent.at > since).limit(1)) is None:
        return False
    version = rows.version(flow_id, live)
    return version is not None and any(node.data.get("template") == template_id for node in starts(Flow.from_json(version.document)))


def _templates(ids: set[str], workspace_id: str, *, changed: str | None) -> dict[str, TemplateFacts]:
    if not ids:
        return {}
    query = select(TemplateMessage).filter(TemplateMessage.id.in_(ids), TemplateMessage.workspace_id == workspace_id)
    found: dict[str, TemplateFacts] = {}
    for row in db.session.scalars(query):
        content, known = TemplateContent.from_json(row.content), {"status": row.status, "category": row.category, "line": row.line_id}
        found[row.id] = TemplateFacts.of(row.id, content, is_changed=row.id == changed, **known)
    return found


def _following(ids: Iterable[str], workspace_id: str, beside: Mapping[str, Flow]) -> dict[str, Other]:
    """The flows of these ids and all that they lead on to, by their published versions."""
    found: dict[str, Other] = {}
    wanted = set(ids)
    while wanted:
        given = {id: Other(beside[id].name, beside[id]) for id in wanted & beside.keys()}
        query = (
            select(FlowDraft.id, FlowDraft.name, FlowVersion.document)
            .outerjoin(FlowVersion, (FlowVersion.flow_id == FlowDraft.id) & (FlowVersion.number == FlowDraft.published))
            .filter(FlowDraft.id.in_(wanted - given.keys()), FlowDraft.workspace_id == workspace_id, FlowDraft.deleted_at.is_(None))
        )
        found |= given
        for id, name, document in db.session.execute(query):
            found[id] = Other(name, Flow.from_json(document) if document else None)
        wanted = {one for other in found.values() if other.flow for one in called_by(other.flow)} - found.keys() - wanted
    return found
