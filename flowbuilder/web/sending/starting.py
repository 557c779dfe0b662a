"""A batch is started, now or later, moved on and retried; and what is told before it starts."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, g, request, url_for

from flowbuilder.core import moments
from flowbuilder.core.batch import FIRST
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Invalid
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import forecast, starting
from flowbuilder.services.sending import retry as retrying
from flowbuilder.store.accounts import Role
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render, toast
from flowbuilder.web.sending import bp, entrance, running
from flowbuilder.web.sending.batch import days_asked, preview

_MOVES = {
    "pause": service.pause, "resume": service.resume, "cancel": service.cancel, "rest": service.send_rest, "change": starting.put_back,
}  # fmt: skip


@bp.post("/batches/<batch_id>/start")
@allow(Role.TESTER)
def start(batch_id: str) -> Response | tuple[str, int]:
    form = Form(request.form)
    try:
        starting.start(g.workspace_id, batch_id, user_id=g.user_id, **_wish(form))
    except Invalid as error:
        form.take(error)
        return running.page_of(service.find(g.workspace_id, batch_id), form, "preview" if is_htmx() else None), 422
    return go(url_for("sending.batch", batch_id=batch_id))


def _wish(form: Form) -> dict[str, object]:
    is_later, zone = form.value("when") == "later", str(form.value("zone")) or "UTC"
    share = str(form.value("stop_at", "30"))
    return {
        "opted_in": bool(form.value("opt_in")), "again": bool(form.value("again")), "first": FIRST if form.value("first") else 0,
        "stop_at": int(share) if share.isdecimal() else -1, "at": _moment(form, zone) if is_later else None, "zone": zone,
    }  # fmt: skip


def _moment(form: Form, zone: str) -> datetime:
    found = moments.read(str(form.value("at")), zone)
    if isinstance(found, Finding):
        raise Invalid(findings=[found])
    return found


@bp.post("/batches/<batch_id>/<any(pause, resume, cancel, rest, change):verb>")
@allow(Role.TESTER)
def move(batch_id: str, verb: str) -> Response | str:
    _MOVES[verb](g.workspace_id, batch_id, user_id=g.user_id)
    batch = service.find(g.workspace_id, batch_id)
    if not is_htmx() or batch.started_at is None:
        return go(url_for("sending.batch", batch_id=batch_id))
    return render("sending/batch.html", "moment", **running.moment(batch))


@bp.post("/batches/<batch_id>/retry")
@allow(Role.TESTER)
def retry(batch_id: str) -> Response:
    wish = {"everyone": bool(request.form.get("everyone")), "but_resting": bool(request.form.get("but_resting"))}
    made = retrying.retry(g.workspace_id, batch_id, **wish, user_id=g.user_id)
    return go(url_for("sending.batch", batch_id=made.id))


@bp.get("/batches/<batch_id>/facts")
@allow(Role.VIEWER)
def facts(batch_id: str) -> Response | str:
    batch = service.find(g.workspace_id, batch_id)
    if not is_htmx():
        return go(url_for("sending.batch", batch_id=batch_id, days=days_asked()))
    return render("sending/batch.html", "facts", batch=batch, entry=entrance.of_batch(batch), found=forecast.of(batch, days_asked()))


@bp.post("/batches/<batch_id>/leave-out")
@allow(Role.TESTER)
def leave_out(batch_id: str) -> Response:
    count = forecast.leave_out_recent(g.workspace_id, batch_id, days_asked(), user_id=g.user_id)
    words = f"{count:,} {'person is' if count == 1 else 'people are'} left out."
    if not is_htmx():
        flash(words, "success")
        return go(url_for("sending.batch", batch_id=batch_id))
    return toast(render("sending/batch.html", "preview", **preview(service.find(g.workspace_id, batch_id), Form(request.form))), words)
