"""Bringing in what exists on a WhatsApp account: choose the line, watch, read what came of it."""

from __future__ import annotations

from flask import Response, g, request, url_for

from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store.accounts import Role
from flowbuilder.web.outbound.blueprint import bp
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

OUTCOMES = (
    ("added", "new here"),
    ("updated", "changed"),
    ("unchanged", "as before"),
    ("shown_only", "to be seen only, since FlowBuilder cannot send them"),
    ("unreadable", "not readable"),
)


@bp.get("/outbound/sync")
@allow(Role.VIEWER)
def syncs() -> str:
    """The page; asked by htmx, only the part that changes while messages are being read."""
    found = outbound.sync.recent(g.workspace_id)
    is_running = any(sync.status == outbound.sync.RUNNING for sync in found)
    context = {"syncs": found, "is_running": is_running, "outcomes": OUTCOMES, "lines": lines.of_workspace(g.workspace_id)}
    return render("outbound/sync.html", block="runs" if is_htmx() else None, **context)


@bp.post("/outbound/sync")
@allow(Role.DESIGNER)
def begin_sync() -> Response:
    outbound.sync.begin(g.workspace_id, request.form.get("line_id", ""), g.user_id)
    return go(url_for("outbound.syncs"))
