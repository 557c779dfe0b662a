"""The mail server of the workspace: entered, changed and tried."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, current_app, flash, g, request, url_for

from flowbuilder.errors import Invalid
from flowbuilder.services.accounts import mail as service
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

_SHOWN = ("host", "port", "encryption", "user_name", "from_address", "from_name")


@bp.get("/mail")
@allow(Role.ADMIN)
def mail() -> str:
    return _page(_kept())


@bp.post("/mail")
@allow(Role.ADMIN)
def mail_put() -> tuple[str, int] | Response:
    form = Form(request.form)
    try:
        service.put(g.workspace_id, _details(form), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return _page(form), 422
    flash("The mail server is saved. Send a test mail to see whether it works.", "success")
    return go(url_for("accounts.mail"))


@bp.post("/mail/test")
@allow(Role.ADMIN)
def mail_test() -> tuple[str, int] | Response:
    form = _kept()
    form.values["to"] = request.form.get("to", "").strip()
    try:
        problem = service.send_test(g.workspace_id, form.values["to"])
    except Invalid as error:
        form.take(error)
        return _page(form), 422
    if problem:
        form.refuse("to", "not_sent", problem)
        return _page(form), 422
    flash(f"The mail server took the test mail for {form.values['to']}.", "success")
    return go(url_for("accounts.mail"))


def _details(form: Form) -> service.MailDetails:
    details = service.MailDetails(
        host=form.text("host", "the name of the mail server", longest=253).lower(),
        port=form.number("port", "the port", least=1, most=65535),
        encryption=form.choice("encryption", "the encryption", service.ENCRYPTIONS),
        user_name=form.text("user_name", "the user name", required=False, longest=254),
        password=str(form.value("password")),
        from_address=form.email("from_address"),
        from_name=form.text("from_name", "the name", required=False, longest=120),
    )
    form.check()
    return details


def _kept() -> Form:
    row = service.of(g.workspace_id)
    if row is None:
        first = asdict(service.of_simulator()) if service.may_reach_simulator(g.workspace_id) else {"encryption": "starttls", "port": 587}
        return Form({name: str(value) for name, value in first.items()})
    return Form({name: str(getattr(row, name)) for name in _SHOWN})


def _page(form: Form) -> str:
    row = service.of(g.workspace_id)
    form.values.pop("password", None)
    form.values.setdefault("to", g.person.email)
    mailbox = f"{current_app.extensions['flowbuilder'].simulator_url}/mailbox"
    return render(
        "accounts/mail.html",
        form=form,
        row=row,
        encryptions=list(service.ENCRYPTIONS.items()),
        mailbox=mailbox,
        is_own=form.value("host") == "127.0.0.1",
    )
