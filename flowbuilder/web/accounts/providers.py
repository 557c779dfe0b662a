"""Providers of validations: listed, added, changed, checked, deleted. A secret is typed and never shown again."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.core.validations import CHECKS
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services.accounts import providers as service
from flowbuilder.store.accounts import Role
from flowbuilder.store.validations import Provider
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render


@bp.get("/providers")
@allow(Role.ADMIN)
def providers() -> str:
    return render("accounts/providers.html", providers=service.listing(g.workspace_id), kinds=CHECKS)


@bp.get("/providers/new")
@allow(Role.ADMIN)
def provider_new() -> str:
    return _form(Form({"secret": service.new_secret()}), None, list(CHECKS))


@bp.post("/providers/new")
@allow(Role.ADMIN)
def provider_add() -> tuple[str, int] | Response:
    form = Form(request.form)
    try:
        row = service.add(g.workspace_id, _details(form), user_id=g.user_id)
    except (Invalid, Conflict) as error:
        form.take(error)
        return _form(form, None, request.form.getlist("checks")), 422
    flash(f"“{row.name}” is added. Check the connection before a flow relies on it.", "success")
    return go(url_for("accounts.providers"))


@bp.get("/providers/<provider_id>")
@allow(Role.ADMIN)
def provider(provider_id: str) -> str:
    row = service.find(g.workspace_id, provider_id)
    return _form(Form({"name": row.name, "base_url": row.base_url}), row, row.checks)


@bp.post("/providers/<provider_id>")
@allow(Role.ADMIN)
def provider_change(provider_id: str) -> tuple[str, int] | Response:
    form = Form(request.form)
    try:
        row = service.change(g.workspace_id, provider_id, _details(form), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return _form(form, service.find(g.workspace_id, provider_id), request.form.getlist("checks")), 422
    flash(f"“{row.name}” is saved.", "success")
    return go(url_for("accounts.providers"))


@bp.post("/providers/<provider_id>/check")
@allow(Role.ADMIN)
def provider_check(provider_id: str) -> Response:
    row = service.check(g.workspace_id, provider_id, user_id=g.user_id)
    if row.facts.get("error"):
        flash(f"{row.name}: {row.facts['error']}", "danger")
    else:
        flash(f"{row.name} answers as “{row.facts['name']}”.", "success")
    return go(url_for("accounts.providers"))


@bp.post("/providers/<provider_id>/delete")
@allow(Role.ADMIN)
def provider_delete(provider_id: str) -> Response:
    name = service.delete(g.workspace_id, provider_id, user_id=g.user_id)
    flash(f"“{name}” is deleted. Steps that name it go on through Expired.", "success")
    return go(url_for("accounts.providers"))


def _details(form: Form) -> service.Details:
    words = {name: str(form.value(name)) for name in ("name", "base_url", "secret")}
    return service.Details(**words, checks=request.form.getlist("checks"))


def _form(form: Form, row: Provider | None, chosen: list[str]) -> str:
    return render("accounts/provider.html", form=form, row=row, chosen=chosen, kinds=CHECKS)
