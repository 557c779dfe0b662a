"""The versions of a flow: their list, one of them on the canvas, two compared, and one brought back into the draft."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.core.diff import compare as compare_flows
from flowbuilder.core.diff_words import in_words
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services.flows import people_in, tapped, template_of, versions
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.cards import drawing
from flowbuilder.web.flows.comparison import comparison
from flowbuilder.web.flows.found import draft_of
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render


@bp.get("/flows/<flow_id>/versions")
@allow(Role.VIEWER)
def versions_page(flow_id: str) -> str:
    draft, found = draft_of(flow_id), rows.versions(flow_id)
    people = people_in(flow_id)
    names = [("draft", "The draft"), *((str(version.number), f"Version {version.number}") for version in found)]
    return render("flows/versions.html", draft=draft, versions=found, people=people, names=names)


@bp.get("/flows/<flow_id>/versions/<int:number>")
@allow(Role.VIEWER)
def version_page(flow_id: str, number: int) -> str:
    draft, version = draft_of(flow_id), rows.version(flow_id, number)
    if version is None:
        raise NotFound("There is no such version of this flow. Choose one from the list of its versions.")
    return render("flows/version.html", draft=draft, version=version, drawing=drawing(version.document), people=people_in(flow_id))


@bp.get("/flows/<flow_id>/compare")
@allow(Role.VIEWER)
def compare(flow_id: str) -> str:
    draft = draft_of(flow_id)
    old, new = (request.args.get(name, "draft")[:10] for name in ("old", "new"))
    difference = compare_flows(_flow(flow_id, old), _flow(flow_id, new))
    changes = in_words(difference, tapped(template_of(difference.new, g.workspace_id)))
    names = ["draft", *(str(version.number) for version in rows.versions(flow_id))]
    return render("flows/compare.html", draft=draft, old=old, new=new, names=names, changes=changes, drawing=comparison(difference))


@bp.post("/flows/<flow_id>/versions/<int:number>/restore")
@allow(Role.DESIGNER)
def restore_version(flow_id: str, number: int) -> Response:
    try:
        versions.bring_back(g.workspace_id, flow_id, number, g.user_id)
        flash(f"The draft is what version {number} was. Undo takes that back.", "success")
    except Conflict as refusal:
        flash(refusal.text, "info")
    return go(url_for("flows.editor", flow_id=flow_id))


def _flow(flow_id: str, name: str):  # noqa: ANN202
    number = None if name == "draft" else int(name) if name.isdecimal() else -1
    return versions.flow_of(g.workspace_id, flow_id, number)
