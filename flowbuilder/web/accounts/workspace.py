"""The test phones and audit log of the workspace; and the account of whoever is signed in."""

from __future__ import annotations

import hashlib

from flask import Response, flash, g, request, url_for

from flowbuilder.core import phone as phones
from flowbuilder.errors import Invalid
from flowbuilder.services.accounts import people, sessions, workspaces
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux"))


@bp.get("/audit-log")
@allow(Role.ADMIN)
def log() -> str:
    page = max(1, request.args.get("page", 1, type=int))
    events, last = workspaces.log(g.workspace_id, page=page)
    return render("accounts/log.html", events=events, page=min(page, last), last=last)


@bp.get("/test-phones", endpoint="phones")
@allow(Role.VIEWER)
def test_phones() -> str:
    return render("accounts/phones.html", phones=workspaces.test_phones(g.workspace_id), form=Form())


@bp.post("/test-phones")
@allow(Role.DESIGNER)
def phone_add() -> tuple[str, int] | Response:
    form = Form(request.form)
    number, name = _phone(form), form.text("name", "whose phone it is", longest=120)
    try:
        form.check()
        workspaces.add_test_phone(g.workspace_id, number, name, user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return render("accounts/phones.html", phones=workspaces.test_phones(g.workspace_id), form=form), 422
    flash("Added. Drafts may now be tried on this phone.", "success")
    return go(url_for("accounts.phones"))


@bp.post("/test-phones/<int:phone_id>/remove")
@allow(Role.DESIGNER)
def phone_remove(phone_id: int) -> Response:
    workspaces.remove_test_phone(g.workspace_id, phone_id, user_id=g.user_id)
    flash("Removed from the list.", "success")
    return go(url_for("accounts.phones"))


@bp.get("/account", endpoint="account")
@allow(Role.VIEWER)
def account() -> str:
    return _account(Form({"name": g.person.name}))


@bp.post("/account")
@allow(Role.VIEWER)
def rename() -> tuple[str, int] | Response:
    form = Form(request.form)
    name = form.text("name", "your name", longest=120)
    if form.findings:
        return _account(form), 422
    people.rename(g.user_id, g.workspace_id, name)
    flash("Your name is saved.", "success")
    return go(url_for("accounts.account"))


@bp.post("/account/sessions/<mark>/end")
@allow(Role.VIEWER)
def end_session(mark: str) -> Response:
    """``mark`` names the session without being it."""
    for session in sessions.of_user(g.user_id):
        if _mark(session.id) == mark:
            sessions.end_of_user(g.user_id, session.id)
            flash("That browser is signed out.", "success")
    return go(url_for("accounts.account"))


@bp.post("/account/workspaces/<workspace_id>")
@allow(Role.VIEWER)
def enter_workspace(workspace_id: str) -> Response:
    people.enter(g.user_id, g.person.session_id, workspace_id)
    return go(url_for("root"))


def _account(form: Form) -> str:
    mine = sessions.of_user(g.user_id)
    living = [(_mark(session.id), session, _browser(session.user_agent), session.id == g.person.session_id) for session in mine]
    return render("accounts/account.html", form=form, sessions=living, workspaces=people.workspaces_of(g.user_id))


def _mark(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()[:16]


def _browser(user_agent: str) -> str:
    """A browser as people call it, such as "Firefox on Windows"."""
    name = next((name for mark, name in _BROWSERS if mark in user_agent), "Unknown browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{name} on {system}" if system else name


def _phone(form: Form) -> str:
    number = form.text("phone", "the phone number", longest=40)
    if not number:
        return ""
    read = phones.read("", number)
    if isinstance(read, phones.Phone):
        return read.e164
    form.refuse("phone", read, read.text)
    return ""
