"""Secrets that flows use by name: named, added, replaced and deleted; never shown."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services.accounts import vault as service
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render


@bp.get("/secrets")
@allow(Role.ADMIN)
def vault() -> str:
    return _page(Form())


@bp.post("/secrets")
@allow(Role.ADMIN)
def vault_put() -> tuple[str, int] | Response:
    form = Form(request.form)
    try:
        row = service.put(g.workspace_id, str(form.value("name")), str(form.value("value")), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return _page(form), 422
    except Conflict as error:
        form.refuse("name", error.code, error.text)
        return _page(form), 409
    flash(f"“{row.name}” is kept. Steps HTTP request can name it now.", "success")
    return go(url_for("accounts.vault"))


@bp.post("/secrets/<secret_id>/delete")
@allow(Role.ADMIN)
def vault_delete(secret_id: str) -> Response:
    name = service.delete(g.workspace_id, secret_id, user_id=g.user_id)
    flash(f"“{name}” is deleted. Steps that name it go on through Failure.", "success")
    return go(url_for("accounts.vault"))


def _page(form: Form) -> str:
    kept = [(row, service.shown(row)) for row in service.listing(g.workspace_id)]
    return render("accounts/vault.html", kept=kept, form=form)
