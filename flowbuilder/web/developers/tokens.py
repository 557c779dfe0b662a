"""API tokens: administrators make them, see them once, and take them back."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.core.scope import WORDS, Scope
from flowbuilder.errors import Invalid
from flowbuilder.services.api import tokens as service
from flowbuilder.store.accounts import Role
from flowbuilder.web.developers import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

_DAYS = [(str(days), "1 year" if days == 365 else f"{days} days") for days in service.DAYS]


@bp.get("/tokens", endpoint="tokens")
@allow(Role.ADMIN)
def index() -> str:
    return render("developers/tokens.html", tokens=service.of_workspace(g.workspace_id), words=WORDS, is_live=service.is_live)


@bp.get("/tokens/new", endpoint="token_new")
@allow(Role.ADMIN)
def new() -> str:
    return _form(Form({"days": str(service.DEFAULT_DAYS)}), ())


@bp.post("/tokens/new")
@allow(Role.ADMIN)
def token_create() -> str | tuple[str, int]:
    form, scopes = Form(request.form), [scope for scope in request.form.getlist("scopes") if scope in set(Scope)]
    name, days = form.text("name", "a name, such as that of the program", longest=60), form.choice("days", "how long", dict(_DAYS))
    try:
        form.check()
        row, token = service.create(g.workspace_id, name, scopes, int(days), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return _form(form, scopes), 422
    return render("developers/token_created.html", row=row, token=token, words=WORDS)


@bp.post("/tokens/<token_id>/revoke")
@allow(Role.ADMIN)
def token_revoke(token_id: str) -> Response:
    service.revoke(g.workspace_id, token_id, user_id=g.user_id)
    flash("Revoked. From now on it opens nothing.", "success")
    return go(url_for("developers.tokens"))


def _form(form: Form, scopes: list[str] | tuple[()]) -> str:
    return render("developers/token_form.html", form=form, chosen=scopes, words=WORDS, days=_DAYS)
