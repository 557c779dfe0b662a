"""Members of the workspace: for administrators only."""

from __future__ import annotations

from flask import Response, current_app, flash, g, request, url_for

from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services.accounts import people as service
from flowbuilder.services.accounts import signin
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render, toast

ROLES = (
    (Role.ADMIN, "Admin", "Lines, people and everything below", "shield-check"),
    (Role.DESIGNER, "Designer", "Writes outbound messages, draws flows", "pencil"),
    (Role.TESTER, "Tester", "Tries conversations, sends messages", "flask"),
    (Role.VIEWER, "Viewer", "Looks at everything, changes nothing", "eye"),
)


@bp.get("/people", endpoint="people")
@allow(Role.ADMIN)
def index() -> str:
    return render("accounts/people.html", members=service.members(g.workspace_id), roles=ROLES)


@bp.get("/people/invite")
@allow(Role.ADMIN)
def invite() -> str:
    return render("accounts/invite.html", form=Form({"role": Role.DESIGNER}), roles=ROLES)


@bp.post("/people/invite")
@allow(Role.ADMIN)
def send_invitation() -> str | tuple[str, int]:
    form = Form(request.form)
    email, name, role = form.email(), form.text("name", "a name", longest=120), form.choice("role", "a role", list(Role))
    try:
        form.check()
        invited = service.invite(g.workspace_id, email=email, name=name, role=Role(role), user_id=g.user_id)
    except (Invalid, Conflict) as error:
        form.take(error)
        return render("accounts/invite.html", form=form, roles=ROLES), 422
    return _show_link(invited, f"{name} is invited")


@bp.post("/people/<member_id>/link")
@allow(Role.ADMIN)
def new_link(member_id: str) -> str:
    invited = service.new_link(g.workspace_id, member_id, user_id=g.user_id)
    return _show_link(invited, f"A new sign-in link for {invited.email}")


@bp.post("/people/<member_id>/role")
@allow(Role.ADMIN)
def change_role(member_id: str) -> str | Response:
    form = Form(request.form)
    role = form.choice("role", "a role", list(Role))
    form.check()
    service.change_role(g.workspace_id, member_id, Role(role), user_id=g.user_id)
    if is_htmx():
        return toast("", "The new role counts from now on.")
    flash("The new role counts from now on.", "success")
    return go(url_for("accounts.people"))


@bp.post("/people/<member_id>/remove")
@allow(Role.ADMIN)
def remove(member_id: str) -> Response:
    service.remove(g.workspace_id, member_id, user_id=g.user_id)
    flash("Removed. What this person made stays.", "success")
    return go(url_for("accounts.people"))


def _show_link(invited: service.Invited, title: str) -> str:
    """The only time that the link is shown; it is not kept in clear."""
    link = current_app.extensions["flowbuilder"].public_url + signin.path_of_link(invited.token) if invited.token else ""
    return render("accounts/invited.html", title=title, invited=invited, link=link)
