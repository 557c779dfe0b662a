"""Lines: everybody may look at them, administrators add and change them. Secrets go in and never come out."""

from __future__ import annotations

import secrets

from flask import Response, flash, g, request, url_for

from flowbuilder.core.standing import THROUGHPUTS
from flowbuilder.errors import Conflict, FlowBuilderError, Invalid
from flowbuilder.services.accounts import lines as service
from flowbuilder.services.accounts import news
from flowbuilder.services.accounts.secrets import FIELDS as secret_fields
from flowbuilder.services.inbound import aside
from flowbuilder.services.sending import tier
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render, toast

_META = "https://graph.facebook.com"
_ADDRESS = r"https://[^\s/?#@]+(/[^\s?#]*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s?#]*)?"


@bp.get("/lines", endpoint="lines")
@allow(Role.VIEWER)
def index() -> str:
    return render("accounts/lines.html", lines=service.of_workspace(g.workspace_id))


@bp.get("/lines/new")
@allow(Role.ADMIN)
def line_new() -> str:
    form = Form({"base_url": _META, "messages_per_second": "80", "holds_at_limit": "1", "verify_token": secrets.token_urlsafe(24)})
    return render("accounts/line_form.html", form=form, line=None, masked={})


@bp.post("/lines/new")
@allow(Role.ADMIN)
def line_add() -> str | tuple[str, int]:
    form = Form(request.form)
    try:
        line = service.add(g.workspace_id, _details(form), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        if is_htmx():
            return render("accounts/line_form.html", "faults", form=form, fields=[*_FIELDS, *secret_fields]), 422
        return render("accounts/line_form.html", form=form, line=None, masked={}), 422
    token, address = form.values["verify_token"].strip(), service.webhook_url(line)
    block = "content" if is_htmx() else None
    return render("accounts/line_added.html", block, line=line, address=address, token=token, in_place=is_htmx())


@bp.get("/lines/<line_id>")
@allow(Role.VIEWER)
def line(line_id: str) -> str:
    return _page(service.find(g.workspace_id, line_id))


@bp.get("/lines/<line_id>/edit")
@allow(Role.ADMIN)
def line_edit(line_id: str) -> str:
    line = service.find(g.workspace_id, line_id)
    values = {name: str(getattr(line, name)) for name in _FIELDS} | ({"holds_at_limit": "1"} if line.holds_at_limit else {})
    return render("accounts/line_form.html", form=Form(values), line=line, masked=service.masked(line))


@bp.post("/lines/<line_id>/edit")
@allow(Role.ADMIN)
def line_change(line_id: str) -> tuple[str, int] | Response:
    form, line = Form(request.form), service.find(g.workspace_id, line_id)
    try:
        service.change(g.workspace_id, line_id, _details(form), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return render("accounts/line_form.html", form=form, line=line, masked=service.masked(line)), 422
    flash("The line is saved. Check the connection to see that Meta agrees.", "success")
    return go(url_for("accounts.line", line_id=line_id))


@bp.post("/lines/<line_id>/check")
@allow(Role.DESIGNER)
def line_check(line_id: str) -> Response:
    line = service.check(g.workspace_id, line_id, user_id=g.user_id)
    failed = "error" in line.facts
    text = "The line does not answer as it should." if failed else "The line is connected."
    if is_htmx():
        return toast(_page(line, "facts"), text, "danger" if failed else "success")
    flash(text, "danger" if failed else "success")
    return go(url_for("accounts.line", line_id=line_id))


@bp.post("/lines/<line_id>/subscribe")
@allow(Role.ADMIN)
def line_subscribe(line_id: str) -> Response:
    level, text = "success", "Meta sends this line's events here now."
    service.find(g.workspace_id, line_id)
    try:
        service.subscribe(g.workspace_id, line_id, user_id=g.user_id)
    except FlowBuilderError as error:
        level, text = "danger", error.text
    if is_htmx():
        return toast("", text, level)
    flash(text, level)
    return go(url_for("accounts.line", line_id=line_id))


@bp.post("/lines/<line_id>/<any(disable, enable, remove):verb>")
@allow(Role.ADMIN)
def line_move(line_id: str, verb: str) -> Response:
    act = {"disable": service.disable, "enable": service.enable, "remove": service.remove}[verb]
    service.find(g.workspace_id, line_id)
    try:
        act(g.workspace_id, line_id, user_id=g.user_id)
    except Conflict as error:
        flash(error.text, "danger")
        return go(url_for("accounts.line", line_id=line_id))
    flash(_MOVED[verb], "success")
    return go(url_for("accounts.lines") if verb == "remove" else url_for("accounts.line", line_id=line_id))


_MOVED = {
    "disable": "The line is disabled: nothing leaves over it.",
    "enable": "The line is enabled again. Batches that stopped go on when they are resumed.",
    "remove": "The line is deleted.",
}


def _page(line: Line, block: str | None = None) -> str:
    return render(
        "accounts/line.html",
        block,
        line=line,
        limit=tier.of(db.session, line.id),
        history=news.history(line),
        throughputs=THROUGHPUTS,
        is_used=service.is_used(line),
        masked=service.masked(line),
        address=service.webhook_url(line),
        aside=aside.count(line.id),
    )


_FIELDS = ("name", "display_number", "phone_number_id", "waba_id", "app_id", "base_url", "messages_per_second")
_NUMBER = r"\+[\d ().-]{6,30}"
_NUMBER_HINT = "Write it with its country: +49 30 1234567."
_DIGITS = {"pattern": r"\d{5,32}", "hint": "This is a number of 5 to 32 digits; copy it from Meta's app dashboard."}


def _details(form: Form) -> service.LineDetails:
    details = service.LineDetails(
        name=form.text("name", "a name for the line", longest=60),
        display_number=form.text("display_number", "the phone number", longest=32, pattern=_NUMBER, hint=_NUMBER_HINT),
        phone_number_id=form.text("phone_number_id", "the phone number ID", **_DIGITS),
        waba_id=form.text("waba_id", "the WABA ID", **_DIGITS),
        app_id=form.text("app_id", "the app ID", **_DIGITS),
        base_url=form.text(
            "base_url", "the API base URL", pattern=_ADDRESS, hint="An address that begins with https://; http:// only on this machine."
        ).rstrip("/"),
        messages_per_second=form.number("messages_per_second", "the speed", least=1, most=1000, default=80),
        holds_at_limit=bool(form.value("holds_at_limit")),
        **{name: form.text(name, name, required=False, longest=1000) for name in ("app_secret", "access_token", "verify_token")},
    )
    form.check()
    return details
