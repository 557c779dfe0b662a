"""The teams to which flows hand conversations over: named, filled with people, deleted."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services.accounts import people
from flowbuilder.services.accounts import teams as service
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render


@bp.get("/teams")
@allow(Role.ADMIN)
def teams() -> str:
    return _page(Form())


@bp.post("/teams")
@allow(Role.ADMIN)
def team_add() -> tuple[str, int] | Response:
    form = Form(request.form)
    try:
        row = service.add(g.workspace_id, str(form.value("name")), user_id=g.user_id)
    except (Invalid, Conflict) as error:
        form.take(error)
        return _page(form), 422
    flash(f"The team “{row.name}” is there. Choose who is in it.", "success")
    return go(url_for("accounts.teams"))


@bp.post("/teams/<team_id>")
@allow(Role.ADMIN)
def team_change(team_id: str) -> tuple[str, int] | Response:
    form = Form(request.form)
    try:
        row = service.change(g.workspace_id, team_id, str(form.value("name")), request.form.getlist("member"), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return _page(Form(), team_id, form), 422
    flash(f"The team “{row.name}” is saved.", "success")
    return go(url_for("accounts.teams"))


@bp.post("/teams/<team_id>/delete")
@allow(Role.ADMIN)
def team_delete(team_id: str) -> Response:
    name = service.delete(g.workspace_id, team_id, user_id=g.user_id)
    flash(f"“{name}” is deleted. What was handed over to it lies with everybody.", "success")
    return go(url_for("accounts.teams"))


def _page(form: Form, changed: str = "", change: Form | None = None) -> str:
    """``change`` is what was typed for the team ``changed``, with what is wrong about it."""
    chosen = {team.id: {member.user_id for member in team.members} for team in service.listing(g.workspace_id)}
    if change is not None:
        chosen[changed] = set(request.form.getlist("member"))
    context = {"teams": service.listing(g.workspace_id), "members": people.members(g.workspace_id), "chosen": chosen}
    return render("accounts/teams.html", form=form, changed=changed, change=change, **context)
