"""The ways in and out, and choosing a password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import Response, current_app, flash, g, make_response, request, url_for
from itsdangerous import BadData, URLSafeSerializer

from flowbuilder.errors import Invalid, TooMany
from flowbuilder.services.accounts import sessions, signin
from flowbuilder.store.accounts import Role
from flowbuilder.web import identity
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

_DEVICE = "flowbuilder_device"
_KEPT_FOR = timedelta(days=180)


@bp.get("/signin", endpoint="signin")
@allow(None)
def ask() -> str | Response:
    if g.person:
        return go(url_for("root"))
    return render("accounts/signin.html", form=Form(), next=_safe(request.args.get("next")))


@bp.post("/signin")
@allow(None)
def with_password() -> tuple[str, int] | Response:
    form = Form(request.form)
    email, target = form.email(), _safe(request.form.get("next"))
    try:
        form.check()
        ip, browser = identity.caller()
        begun = signin.with_password(email, form.values.get("password", ""), ip=ip, user_agent=browser, device=_known_device(email))
    except (Invalid, TooMany) as error:
        form.take(error)
        return render("accounts/signin.html", form=form, next=target), 429 if isinstance(error, TooMany) else 422
    return _remember_device(_enter(begun, target), email)


@bp.get("/signin/link/<token>")
@allow(None)
def link(token: str) -> str | Response:
    """A browser that was led here is let in at once; whatever only looks ahead at links (chats, mail scanners) uses nothing up."""
    owner = signin.owner_of_link(token)
    if request.headers.get("Sec-Fetch-Dest") == "document" and request.method == "GET":
        return follow_link(token)
    return render("accounts/link.html", owner=owner)


@bp.post("/signin/link/<token>")
@allow(None)
def follow_link(token: str) -> Response:
    ip, browser = identity.caller()
    return _enter(signin.with_link(token, ip=ip, user_agent=browser), url_for("accounts.password"))


@bp.post("/signout")
@allow(Role.VIEWER)
def signout() -> Response:
    sessions.end(g.person.session_id)
    identity.end()
    return go(url_for("accounts.signin"))


@bp.get("/password", endpoint="password")
@allow(Role.VIEWER)
def ask_password() -> str:
    return render("accounts/password.html", form=Form())


@bp.post("/password")
@allow(Role.VIEWER)
def set_password() -> tuple[str, int] | Response:
    form = Form(request.form)
    current, new = form.values.get("current", ""), form.values.get("password", "")
    try:
        begun = signin.set_password(g.user_id, g.person.session_id, current=current, new=new)
    except (Invalid, TooMany) as error:
        form.take(error)
        return render("accounts/password.html", form=form), 422
    flash("Your password is set. Other browsers were signed out.", "success")
    return _remember_device(_enter(begun, url_for("root")), g.person.email)


def _enter(session_id: str, target: str) -> Response:
    person = sessions.find(session_id)
    if person is None:
        raise Invalid("This account is closed. Ask an administrator.")
    identity.begin(person)
    return go(target or url_for("root"))


def _safe(target: str | None) -> str:
    """``target`` if it is a path of ours; anything that could lead elsewhere is dropped."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return ""
    return target if target.isprintable() and "\\" not in target else ""


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt="device")


def _known_device(email: str) -> str:
    """The name of this browser, if the owner of ``email`` has signed in with it before."""
    try:
        name, owner = _signer().loads(request.cookies.get(_DEVICE, ""))
    except (BadData, ValueError, TypeError):
        return ""
    return name if owner == _digest(email) else ""


def _remember_device(response: Response, email: str) -> Response:
    response = make_response(response)
    name = _known_device(email) or secrets.token_hex(16)
    response.set_cookie(
        _DEVICE, _signer().dumps([name, _digest(email)]), max_age=_KEPT_FOR, httponly=True, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response


def _digest(email: str) -> str:
    return hashlib.sha256(email.casefold().encode()).hexdigest()[:32]
