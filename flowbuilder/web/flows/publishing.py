"""Publishing: what would happen, and doing it."""

from __future__ import annotations

from flask import Response, g, jsonify, make_response, request, url_for

from flowbuilder.core.checks import proved
from flowbuilder.core.diff import compare
from flowbuilder.core.diff_words import Change, in_words
from flowbuilder.core.flow import Flow
from flowbuilder.core.moving import is_same_place
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import flows
from flowbuilder.services.flows import moving, versions
from flowbuilder.store.accounts import Role
from flowbuilder.store.flows import FlowDraft
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.found import draft_of
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render


@bp.get("/flows/<flow_id>/publish")
@allow(Role.DESIGNER)
def publish_page(flow_id: str) -> str:
    return _dialog(flow_id)


@bp.get("/flows/<flow_id>/waiting")
@allow(Role.VIEWER)
def waiting(flow_id: str) -> Response:
    """How many people wait at which step, for the cards of the canvas."""
    return jsonify(people=moving.waiting(draft_of(flow_id).id))


@bp.post("/flows/<flow_id>/publish")
@allow(Role.DESIGNER)
def publish(flow_id: str) -> Response:
    try:
        version = flows.publish(g.workspace_id, flow_id, g.user_id, request.form.get("revision", type=int))
    except (Invalid, Conflict) as error:
        return make_response(_dialog(flow_id, refusal=error.text), 409)
    if request.form.get("people") == "move":
        return go(url_for("flows.moving_page", flow_id=flow_id, published=version.number))
    return make_response(_dialog(flow_id, done=version.number))


def _dialog(flow_id: str, *, refusal: str = "", done: int | None = None) -> str:
    draft = draft_of(flow_id)
    flow = Flow.from_json(draft.document)
    review = flows.review_of(flow, g.workspace_id, id=flow_id)
    stands = moving.standing(flow_id)
    return render(
        "flows/_publish.html",
        draft=draft,
        errors=review.errors,
        warnings=review.warnings,
        numbers=list(proved.in_words(review.proved)) if review.proved else [],
        why=proved.why(review.proved) if review.proved else "",
        is_changed=flows.is_changed(draft),
        changes=_changes(draft, flow),
        stands=_with_places(flow_id, stands, flow),
        others=sum(stand.people for stand in stands if stand.number != done),
        refusal=refusal,
        done=done,
        initial=flows.template_of(flow, g.workspace_id),
    )


def _changes(draft: FlowDraft, flow: Flow) -> tuple[Change, ...]:
    """What the draft means for people, against the version that was published last."""
    if not draft.latest:
        return ()
    return in_words(
        compare(versions.flow_of(g.workspace_id, draft.id, draft.latest), flow), flows.tapped(flows.template_of(flow, g.workspace_id))
    )


def _with_places(flow_id: str, stands: list[moving.Stand], flow: Flow) -> list[tuple[moving.Stand, bool]]:
    """Who stands where, and whether they would find their step in ``flow``."""
    olds = {number: versions.flow_of(g.workspace_id, flow_id, number) for number in {stand.number for stand in stands}}
    return [(stand, is_same_place(olds[stand.number].nodes.get(stand.node), flow.nodes.get(stand.node))) for stand in stands]
