"""Publishing: what would happen, and doing it."""

from __future__ import annotations

from flask import Response, g, make_response, request

from flowbuilder.core.checks.proved import in_words
from flowbuilder.core.flow import Flow
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import flows
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render, toast


@bp.get("/flows/<flow_id>/publish")
@allow(Role.DESIGNER)
def publish_page(flow_id: str) -> str:
    return _dialog(flow_id)


@bp.post("/flows/<flow_id>/publish")
@allow(Role.DESIGNER)
def publish(flow_id: str) -> Response:
    try:
        version = flows.publish(g.workspace_id, flow_id, g.user_id, request.form.get("revision", type=int))
    except (Invalid, Conflict) as error:
        return make_response(_dialog(flow_id, refusal=error.text), 409)
    return toast(_dialog(flow_id, done=version.number), f"Version {version.number} is published.")


def _dialog(flow_id: str, *, refusal: str = "", done: int | None = None) -> str:
    draft = rows.draft(g.workspace_id, flow_id)
    if draft is None:
        raise NotFound()
    review = flows.review_of(Flow.from_json(draft.document), g.workspace_id, id=flow_id)
    return render(
        "flows/_publish.html",
        draft=draft,
        errors=review.errors,
        warnings=review.warnings,
        numbers=list(in_words(review.proved)) if review.proved else [],
        is_changed=flows.is_changed(draft),
        people=flows.people_in(flow_id),
        refusal=refusal,
        done=done,
    )
