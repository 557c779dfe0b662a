"""Comments beside a step, and who else is here."""

from __future__ import annotations

from flask import Response, g, jsonify, request

from flowbuilder.errors import Invalid
from flowbuilder.services import flows
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.found import draft_of
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render


@bp.get("/flows/<flow_id>/steps/<step>/comments", endpoint="comments")
@allow(Role.VIEWER)
def show(flow_id: str, step: str) -> str:
    draft_of(flow_id)
    return _shown(flow_id, step)


@bp.post("/flows/<flow_id>/steps/<step>/comments")
@allow(Role.TESTER)
def comment(flow_id: str, step: str) -> str | tuple[str, int]:
    text, parent = request.form.get("text", ""), request.form.get("parent") or None
    try:
        flows.comment(g.workspace_id, flow_id, step, text, g.user_id, parent)
    except Invalid as error:
        return _shown(flow_id, step, error.text, parent, text), 422
    return _shown(flow_id, step)


@bp.post("/flows/<flow_id>/steps/<step>/comments/<comment_id>")
@allow(Role.TESTER)
def correct(flow_id: str, step: str, comment_id: str) -> str | tuple[str, int]:
    text = request.form.get("text", "")
    try:
        flows.correct(g.workspace_id, flow_id, comment_id, text, g.user_id)
    except Invalid as error:
        return _shown(flow_id, step, error.text, f"own {comment_id}", text), 422
    return _shown(flow_id, step)


@bp.post("/flows/<flow_id>/comments/<comment_id>/delete")
@allow(Role.TESTER)
def take_back(flow_id: str, comment_id: str) -> str:
    return _shown(flow_id, flows.take_back(g.workspace_id, flow_id, comment_id, g.user_id))


@bp.post("/flows/<flow_id>/comments/<comment_id>/<any(resolve, reopen):verb>")
@allow(Role.TESTER)
def resolve(flow_id: str, comment_id: str, verb: str) -> str:
    row = flows.resolve(g.workspace_id, flow_id, comment_id, g.user_id, is_resolved=verb == "resolve")
    return _shown(flow_id, row.node)


@bp.post("/flows/<flow_id>/presence")
@allow(Role.VIEWER)
def presence(flow_id: str) -> Response:
    body = request.get_json(silent=True)
    step = body.get("step") if isinstance(body, dict) else None
    others = flows.seen(g.workspace_id, flow_id, g.user_id, step if isinstance(step, str) else None)
    return jsonify(people=[{"id": user.id, "name": user.name or user.email, "step": here.node} for here, user in others])


def _shown(flow_id: str, step: str, error: str = "", at: str | None = None, text: str = "") -> str:
    """``at`` is the field to which an error belongs: that of a new comment, of a reply to one, or of one's own."""
    return render(
        "flows/_comments.html",
        flow_id=flow_id,
        step=step,
        user_id=g.user_id,
        threads=flows.threads(flow_id, step),
        error=error,
        error_at=at,
        text=text,
    )
