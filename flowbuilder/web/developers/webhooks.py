"""Outgoing webhooks: everybody may look, administrators add, change, delete and tell again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, g, request, url_for

from flowbuilder.core.happening import GROUPS, Happening
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services.outgoing import deliveries, trying
from flowbuilder.services.outgoing import webhooks as service
from flowbuilder.store.accounts import Role
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook
from flowbuilder.web.developers import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

_ROWS = 50


@bp.get("/webhooks", endpoint="webhooks")
@allow(Role.ADMIN)
def index() -> str:
    return render("developers/webhooks.html", webhooks=service.of_workspace(g.workspace_id))


@bp.get("/webhooks/new", endpoint="webhook_new")
@allow(Role.ADMIN)
def new() -> str:
    return _form(Form(), None, [])


@bp.post("/webhooks/new")
@allow(Role.ADMIN)
def webhook_create() -> str | tuple[str, int]:
    form, events = _read()
    try:
        form.check()
        row = service.create(g.workspace_id, str(form.value("url")).strip(), events, user_id=g.user_id)
    except (Invalid, Conflict) as error:
        form.take(error)
        return _form(form, None, events), 422
    return _secret(row)


@bp.get("/webhooks/<webhook_id>", endpoint="webhook")
@allow(Role.ADMIN)
def show(webhook_id: str) -> str:
    row, before = service.find(g.workspace_id, webhook_id), request.args.get("before", "0")
    rows = deliveries.of_webhook(row.id, before=int(before) if before.isdecimal() and len(before) < 19 else 0, limit=_ROWS + 1)
    following = rows[_ROWS - 1].id if len(rows) > _ROWS else None
    seen = {"row": row, "deliveries": rows[:_ROWS], "following": following, "waits": _waits(row, rows)}
    return render("developers/webhook.html", "moving" if is_htmx() else None, **seen)


@bp.get("/webhooks/<webhook_id>/edit", endpoint="webhook_edit")
@allow(Role.ADMIN)
def edit(webhook_id: str) -> str:
    row = service.find(g.workspace_id, webhook_id)
    return _form(Form({"url": row.url}), row, row.events)


@bp.post("/webhooks/<webhook_id>/edit")
@allow(Role.ADMIN)
def webhook_change(webhook_id: str) -> Response | tuple[str, int]:
    (form, events), row = _read(), service.find(g.workspace_id, webhook_id)
    try:
        form.check()
        service.change(g.workspace_id, webhook_id, url=str(form.value("url")).strip(), events=events, user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return _form(form, row, events), 422
    flash("Saved. It counts from the next event on.", "success")
    return go(url_for("developers.webhook", webhook_id=webhook_id))


@bp.post("/webhooks/<webhook_id>/<any(on, off):state>")
@allow(Role.ADMIN)
def webhook_switch(webhook_id: str, state: str) -> Response:
    service.change(g.workspace_id, webhook_id, enabled=state == "on", user_id=g.user_id)
    flash("It is told again." if state == "on" else "It is told nothing any more.", "success")
    return go(url_for("developers.webhook", webhook_id=webhook_id))


@bp.post("/webhooks/<webhook_id>/test")
@allow(Role.ADMIN)
def webhook_test(webhook_id: str) -> Response:
    try:
        trying.send(g.workspace_id, webhook_id, request.form.get("event", ""), user_id=g.user_id)
    except Invalid as error:
        flash(error.findings[0].text, "warning")
    else:
        flash("The test event is on its way; what comes back is listed below.", "success")
    return go(url_for("developers.webhook", webhook_id=webhook_id))


@bp.post("/webhooks/<webhook_id>/rotate")
@allow(Role.ADMIN)
def webhook_rotate(webhook_id: str) -> str:
    return _secret(service.rotate(g.workspace_id, webhook_id, user_id=g.user_id))


@bp.post("/webhooks/<webhook_id>/delete")
@allow(Role.ADMIN)
def webhook_delete(webhook_id: str) -> Response:
    service.delete(g.workspace_id, webhook_id, user_id=g.user_id)
    flash("Deleted.", "success")
    return go(url_for("developers.webhooks"))


@bp.post("/deliveries/<int:delivery_id>/replay", endpoint="replay")
@allow(Role.ADMIN)
def tell_again(delivery_id: int) -> Response:
    row = deliveries.replay(g.workspace_id, delivery_id, user_id=g.user_id)
    flash("It is told once more.", "success")
    return go(url_for("developers.webhook", webhook_id=row.webhook_id))


def _waits(row: OutgoingWebhook, rows: Sequence[OutgoingDelivery]) -> bool:
    """Whether the page asks again: not while everything there is has ended, so that nothing moves under a reader."""
    return row.disabled_at is None and (not rows or any(one.status == "pending" for one in rows))


def _read() -> tuple[Form, list[str]]:
    form, events = Form(request.form), [kind for kind in request.form.getlist("events") if kind in set(Happening)]
    form.text("url", "an address", longest=2000)
    return form, events


def _form(form: Form, row: OutgoingWebhook | None, events: list[str]) -> str:
    return render("developers/webhook_form.html", form=form, row=row, chosen=events, groups=GROUPS)


def _secret(row: OutgoingWebhook) -> str:
    """The only time that it is shown."""
    return render("developers/webhook_secret.html", row=row, secret=service.secret_of(row))
