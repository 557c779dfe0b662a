"""Switching a flow off, with a page first that says what it means, and switching it on again."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.errors import Conflict
from flowbuilder.services import flows
from flowbuilder.services.flows import switching
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.found import draft_of
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render


@bp.get("/flows/<flow_id>/switch-off")
@allow(Role.DESIGNER)
def switch_off_page(flow_id: str) -> Response | str:
    draft = draft_of(flow_id)
    if not draft.published:
        return go(_back(flow_id))
    return render("flows/switch_off.html", draft=draft, meaning=switching.meaning(draft), came_from=_came_from(), back=_back(flow_id))


@bp.post("/flows/<flow_id>/switch-off")
@allow(Role.DESIGNER)
def switch_off(flow_id: str) -> Response:
    try:
        draft = flows.switch_off(g.workspace_id, flow_id, g.user_id)
        flash(f"“{draft.name}” is switched off: nobody new begins it. Whoever is under way finishes.", "success")
    except Conflict as refusal:
        flash(refusal.text, "info")
    return go(_back(flow_id))


@bp.post("/flows/<flow_id>/switch-on")
@allow(Role.DESIGNER)
def switch_on(flow_id: str) -> Response:
    try:
        draft = flows.switch_on(g.workspace_id, flow_id, g.user_id)
        flash(f"Version {draft.published} of “{draft.name}” is switched on again.", "success")
    except Conflict as refusal:
        flash(refusal.text, "info")
    return go(_back(flow_id))


def _came_from() -> str:
    return request.values.get("from", "")


def _back(flow_id: str) -> str:
    match _came_from():
        case "versions":
            return url_for("flows.versions_page", flow_id=flow_id)
        case "editor":
            return url_for("flows.editor", flow_id=flow_id)
    return url_for("flows.index")
