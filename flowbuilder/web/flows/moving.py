"""Moving people under way to the version now live: choose where they go on, try it on copies, then do it some at a time."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for

from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS, name_of
from flowbuilder.services.flows import moving
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.found import draft_of
from flowbuilder.web.flows.order import in_order
from flowbuilder.web.policy import allow
from flowbuilder.web.render import is_htmx, render


@bp.get("/flows/<flow_id>/moving")
@allow(Role.DESIGNER)
def moving_page(flow_id: str) -> str:
    return _page(flow_id, published=request.args.get("published", type=int))


@bp.post("/flows/<flow_id>/moving/try")
@allow(Role.DESIGNER)
def try_moving(flow_id: str) -> str:
    """What would become of each, told before anything is done."""
    outlook = moving.outlook(g.workspace_id, flow_id, _choices())
    return _page(flow_id, block="outlook" if is_htmx() else None, outlook=outlook)


@bp.post("/flows/<flow_id>/moving")
@allow(Role.DESIGNER)
def move(flow_id: str) -> Response | str:
    """Some people at a time; the answer asks for the next ones by itself until all have been looked at."""
    count = request.form.get("of", 0, type=int)
    moved = moving.move(g.workspace_id, flow_id, _choices(), g.user_id, after=request.form.get("after", "")[:40])
    done = request.form.get("done", 0, type=int) + moved.done
    so_far = {"done": done, "count": max(count, done), "after": moved.after}
    if moved.after and is_htmx():
        return render("flows/moving.html", "progress", draft=draft_of(flow_id), choices=_choices(), **so_far)
    return _page(flow_id, block="moved" if is_htmx() else None, **so_far)


def _page(flow_id: str, block: str | None = None, **more: Any) -> str:
    draft, version = moving.live(g.workspace_id, flow_id)
    stands = moving.standing(flow_id)
    choices = moving.suggested(flow_id, version, stands) | _choices()
    flow = Flow.from_json(version.document)
    others = [stand for stand in stands if stand.number != version.number]
    return render(
        "flows/moving.html",
        block,
        draft=draft,
        version=version,
        stands=others,
        here=sum(stand.people for stand in stands if stand.number == version.number),
        people=sum(stand.people for stand in others),
        choices=choices,
        steps=[(id, name_of(flow.nodes[id]), KINDS[flow.nodes[id].kind].is_start) for id in in_order(flow)],
        back=url_for("flows.versions_page", flow_id=flow_id),
        **more,
    )


def _choices() -> dict[tuple[int, str], str | None]:
    """The fields ``to.<version>.<step>``; an empty one lets people finish where they are."""
    found: dict[tuple[int, str], str | None] = {}
    for name, value in request.form.items():
        field, _, place = name.partition(".")
        number, _, node = place.partition(".")
        if field == "to" and number.isdecimal() and len(number) < 10 and node:
            found[int(number), node] = value or None
    return found
