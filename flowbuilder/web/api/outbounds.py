"""Outbound messages: listed, read, written, submitted for review, copied, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import g

from flowbuilder.core.contract import pointer
from flowbuilder.core.lint import lint
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.scope import Scope
from flowbuilder.core.template import TemplateContent, variables_used
from flowbuilder.services import outbound as service
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.api import bp, files, paging
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment
from flowbuilder.web.api.repeats import Making

_FILTERS = ("status", "category", "language", "line_id")


def shown(template_id: str) -> dict[str, Any]:
    return _shown(service.find(g.workspace_id, template_id))


@bp.get("/outbounds")
@operation(Scope.OUTBOUNDS_READ, query="OutboundQuery", gives="OutboundPage")
def outbounds(query: dict[str, Any]) -> dict[str, Any]:
    """List outbound messages, the newest first."""
    limit, after = paging.limit_of(query), paging.after_moment(query)
    filters = {name: query[name] for name in _FILTERS if name in query}
    rows = service.paged(g.workspace_id, search=query.get("search", ""), filters=filters, after=after, limit=limit + 1)
    return paging.page(rows, limit, _shown, paging.place)


@bp.post("/outbounds")
@operation(Scope.OUTBOUNDS_WRITE, takes="OutboundNew", gives="Outbound", status=201, making=Making(shown, prefix="out"))
def outbound_create(body: dict[str, Any], made: str) -> None:
    """Write a draft."""
    service.create(g.workspace_id, body["line_id"], _content({}, body), g.user_id, template_id=made)


@bp.get("/outbounds/<template_id>")
@operation(Scope.OUTBOUNDS_READ, gives="Outbound")
def outbound(template_id: str) -> dict[str, Any]:
    """Read an outbound message."""
    return shown(template_id)


@bp.patch("/outbounds/<template_id>")
@operation(Scope.OUTBOUNDS_WRITE, takes="OutboundText", gives="Outbound")
def outbound_change(template_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change a draft; what is left out stays."""
    row = service.find(g.workspace_id, template_id)
    content, line_id = _content(row.content, body), body.get("line_id", row.line_id)
    return _shown(service.save(g.workspace_id, template_id, line_id, content, g.user_id))


@bp.delete("/outbounds/<template_id>")
@operation(Scope.OUTBOUNDS_WRITE, status=204)
def outbound_delete(template_id: str) -> None:
    """Delete an outbound message, at Meta too; Meta blocks the name of an approved one for 30 days."""
    service.delete(g.workspace_id, template_id, g.user_id)


@bp.post("/outbounds/<template_id>/submit")
@operation(Scope.OUTBOUNDS_WRITE, gives="Outbound", making=Making(shown, path="template_id"))
def outbound_submit(template_id: str) -> None:
    """Have Meta review a draft, once."""
    service.submit(g.workspace_id, template_id, g.user_id)


@bp.post("/outbounds/<template_id>/duplicate")
@operation(Scope.OUTBOUNDS_WRITE, gives="Outbound", status=201, making=Making(shown, prefix="out"))
def outbound_duplicate(template_id: str, made: str) -> None:
    """Make an editable copy."""
    service.duplicate(g.workspace_id, template_id, g.user_id, copy_id=made)


@bp.post("/outbounds/<template_id>/languages")
@operation(Scope.OUTBOUNDS_WRITE, takes="OutboundLanguage", gives="Outbound", status=201, making=Making(shown, prefix="out"))
def outbound_add_language(template_id: str, body: dict[str, Any], made: str) -> None:
    """Make a draft of the same message in another language, to be translated."""
    service.add_language(g.workspace_id, template_id, body["language"], g.user_id, copy_id=made)


def _content(kept: dict[str, Any], body: dict[str, Any]) -> TemplateContent:
    """What was there with what was sent; a sample comes as the id of an uploaded file."""
    content = TemplateContent.from_json({**kept, **body})
    return replace(content, sample=files.chosen(body, "sample")) if "sample" in body else content


def _shown(row: TemplateMessage) -> dict[str, Any]:
    content = TemplateContent.from_json(row.content)
    found = lint(content) if row.status == ReviewStatus.DRAFT else ()
    return {
        "id": row.id, "line_id": row.line_id, "name": row.name, "wire_name": row.wire_name, "status": row.status,
        "category": row.category, "quality": row.quality, "reason": row.reason, "explanation": row.explanation,
        "recommendation": row.recommendation, "content": _said(content), "words": list(variables_used(content)),
        "findings": [
            {"pointer": pointer((f.field or "").split(".")), "code": f.code, "detail": f.text, "severity": f.severity} for f in found
        ],
        "copied_from": row.copied_from, "group_id": row.group_id, "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at), "submitted_at": moment(row.submitted_at), "decided_at": moment(row.decided_at),
    }  # fmt: skip


def _said(content: TemplateContent) -> dict[str, Any]:
    """The fields by which a program writes one, so that what was read can be sent back."""
    return {**content.to_json(), "sample": (content.sample and content.sample.file) or None}
