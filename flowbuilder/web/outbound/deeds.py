"""What can be done with a message that exists: end its pause, let it open flows, write it in another language."""

from __future__ import annotations

from flask import Response, g, request, url_for

from flowbuilder.services import outbound
from flowbuilder.store.accounts import Role
from flowbuilder.web.outbound import view
from flowbuilder.web.outbound.blueprint import bp
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render, toast


@bp.post("/outbound/<template_id>/unpause")
@allow(Role.DESIGNER)
def unpause(template_id: str) -> Response:
    row = outbound.unpause(g.workspace_id, template_id, g.user_id)
    if not is_htmx():
        return go(url_for("outbound.show", template_id=template_id))
    return toast(render("outbound/show.html", block="state", **view.detail(row)), "The pause is over.")


@bp.post("/outbound/<template_id>/opens-flows")
@allow(Role.DESIGNER)
def open_flows(template_id: str) -> Response:
    outbound.open_flows(g.workspace_id, template_id, g.user_id)
    return go(url_for("outbound.show", template_id=template_id))


@bp.post("/outbound/<template_id>/languages")
@allow(Role.DESIGNER)
def add_language(template_id: str) -> Response:
    """A draft in another language, opened at once."""
    row = outbound.add_language(g.workspace_id, template_id, request.form.get("language", ""), g.user_id)
    return go(url_for("outbound.show", template_id=row.id))
