"""Who may call which route: declared on the view, refused where nothing is declared.

The answer to a stranger is the sign-in page, to a role that does not suffice 403, to the wrong
workspace 404 (services look rows up by workspace, so that they do not exist). Below /api/v1 nobody is known by a
cookie: there a bearer token must carry the scope that the route declares, and no page can be tricked into sending one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_login import current_user
from flask_wtf.csrf import ValidationError, validate_csrf

from flowbuilder.core.scope import WORDS, Scope
from flowbuilder.errors import NotAllowed, NotKnown
from flowbuilder.services import restored
from flowbuilder.services.accounts import audit
from flowbuilder.services.api import throttle, tokens
from flowbuilder.store.accounts import Role
from flowbuilder.web import problems, security

View = TypeVar("View", bound=Callable[..., Any])

_ORDER = list(Role)
_SAFE = {"GET", "HEAD", "OPTIONS"}
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route asks for: at least ``role`` (None: nobody need be signed in), a CSRF token, a body of at most ``max_bytes``.

    With ``scope`` it is one of the API, and asks for a bearer token of that scope instead.
    """

    role: Role | None
    csrf: bool = True
    max_bytes: int = 4 * _MEGABYTE
    scope: Scope | None = None

    def admits(self, role: Role | None) -> bool:
        if self.role is None:
            return True
        return role is not None and _ORDER.index(role) <= _ORDER.index(self.role)


def allow(role: Role | None, *, csrf: bool = True, max_bytes: int = 4 * _MEGABYTE) -> Callable[[View], View]:
    """Declare who may call a view. ``csrf=False`` is for callers that are not browsers and prove themselves otherwise."""

    def declare(view: View) -> View:
        view.policy = Policy(role, csrf, max_bytes)  # type: ignore[attr-defined]
        return view

    return declare


def bearer(scope: Scope, *, max_bytes: int = _MEGABYTE) -> Callable[[View], View]:
    """Declare that a view is for programs whose token has ``scope``."""

    def declare(view: View) -> View:
        view.policy = Policy(None, csrf=False, max_bytes=max_bytes, scope=scope)  # type: ignore[attr-defined]
        return view

    return declare


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """What ``endpoint`` declares; None means that nobody is let through."""
    return getattr(app.view_functions[endpoint], "policy", None)


def init_app(app: Flask) -> None:
    app.before_request(_enforce)


def _enforce() -> Response | None:
    _know(None) if problems.are_wanted() else _know(current_user if current_user.is_authenticated else None)
    if request.endpoint is None:
        return None
    policy = policy_of(current_app, request.endpoint)
    if policy is None:
        raise NotAllowed("This page is closed: it does not say who may see it.")
    request.max_content_length = policy.max_bytes
    if policy.scope or problems.are_wanted():
        _admit_bearer(policy.scope)
        return None
    if g.role is None and policy.role is not None:
        return _ask_to_sign_in()
    if not policy.admits(g.role):
        raise NotAllowed()
    if policy.csrf and request.method not in _SAFE:
        _check_origin()
    return None


def _know(person: Any) -> None:
    audit.through.set("")
    g.person = person
    g.user_id = person.user_id if person else None
    g.workspace_id = person.workspace_id if person else None
    g.role = person.role if person else None
    g.is_held = person is not None and restored.is_held_now()


def _admit_bearer(scope: Scope | None) -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = tokens.find(token.strip()) if kind.lower() == "bearer" else None
    if found is None:
        raise NotKnown()
    g.token, g.workspace_id, g.user_id = found, found.workspace_id, found.user_id
    audit.through.set(found.name)
    if scope is None or scope not in found.scopes:
        text = f"This token may not do that: it lacks the scope {scope} ({WORDS[scope].lower()})." if scope else None
        raise NotAllowed(text)
    throttle.count(found.token_id)


def _ask_to_sign_in() -> Response:
    """The sign-in page, which leads back here; a fragment of htmx can't be led, so the whole browser is."""
    if request.headers.get("HX-Request") == "true":
        return Response("Sign in again to go on.", 401, {"HX-Redirect": url_for("accounts.signin"), "Content-Type": "text/plain"})
    back = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("accounts.signin", next=back), 303)


def _check_origin() -> None:
    """A page of another site may neither send the form (Sec-Fetch-Site, Origin) nor know the token."""
    if not security.is_from_our_pages(request):
        raise NotAllowed("This came from another site, so nothing was changed. Open the page here and try again.")
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or request.form.get("csrf_token"))
    except ValidationError:
        raise NotAllowed("This page was open while you signed in or out. Reload it and try again; nothing was changed.") from None
