"""The initial message of a flow, in the panel of its You send it step."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, make_response, request

from flowbuilder.core.review import ReviewStatus, is_waiting
from flowbuilder.errors import NotFound
from flowbuilder.services import flows, outbound
from flowbuilder.store.accounts import Role
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.flows.found import draft_of
from flowbuilder.web.outbound import view
from flowbuilder.web.outbound.blueprint import bp
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render


@bp.get("/flows/<flow_id>/initial-message")
@allow(Role.VIEWER)
def initial_message(flow_id: str) -> Response:
    """What the panel holds: a choice, the form, or how the review stands. When it is decided, the canvas hears of it."""
    template_id = _start(flow_id)[1]
    row = _message(template_id)
    response = make_response(drawn(flow_id, row, is_lost=bool(template_id and row is None)))
    was_waiting = request.headers.get("HX-Source", "").endswith("#initial-state")
    return _told(response, flow_id) if was_waiting and row is not None and not is_waiting(row.status) else response


@bp.post("/flows/<flow_id>/initial-message")
@allow(Role.DESIGNER)
def choose_initial_message(flow_id: str) -> Response:
    """Begin the flow with a new message, an approved one, a copy of the present one, or none."""
    node, _ = _start(flow_id)
    template_id = _wished(flow_id)
    flows.change(g.workspace_id, flow_id, {"kind": "change", "node": node, "data": {"template": template_id}}, g.user_id)
    row = _message(template_id)
    return _told(make_response(drawn(flow_id, row)), flow_id)


def _wished(flow_id: str) -> str | None:
    match request.form.get("do"):
        case "create":
            editor = view.blank(flow_id)
            return outbound.create(g.workspace_id, editor.line_id, editor.content, g.user_id, template_id=editor.id).id
        case "duplicate":
            return outbound.duplicate(g.workspace_id, _start(flow_id)[1] or "", g.user_id).id
        case "choose":
            return outbound.find(g.workspace_id, request.form.get("template", "")).id
    return None


def drawn(flow_id: str, row: TemplateMessage | None, is_lost: bool = False) -> str:
    """The panel as it is while this message (or none) opens the flow."""
    if row is not None and row.status == ReviewStatus.DRAFT:
        return render("outbound/edit.html", block="editor", editor=view.stored(row, flow_id), **view.words())
    context: dict[str, Any] = view.seen(row) if row else {"row": None, **view.words()}
    choices = [choice for choice in outbound.approved_for_flows(g.workspace_id) if row is None or choice.id != row.id]
    return render("outbound/initial.html", flow_id=flow_id, choices=choices, is_lost=is_lost, **context)


def _told(response: Response, flow_id: str) -> Response:
    response.headers["HX-Trigger"] = json.dumps({"flow:changed": {"flow": flow_id}})
    return response


def _message(template_id: str | None) -> TemplateMessage | None:
    try:
        return outbound.find(g.workspace_id, template_id) if template_id else None
    except NotFound:
        return None


def _start(flow_id: str) -> tuple[str, str | None]:
    """The id of the step that opens the flow, and of the message that it sends."""
    for node in draft_of(flow_id).document.get("nodes", ()):
        if node.get("kind") == "you_send_it":
            return node["id"], node.get("data", {}).get("template")
    raise NotFound("This flow has no step You send it, so it has no initial message.")
