"""Listens to browsers and to Meta: one blueprint per area, and what holds for all of them.

A view reads its form, calls one service and renders a block or answers 303. Who may call it is
declared with ``policy.allow``; a route that declares nothing is refused.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask

AREAS = (
    "accounts",
    "flows",
    "outbound",
    "sending",
    "conversations",
    "inbox",
    "received",
    "contacts",
    "inbound",
    "developers",
    "api",
    "health",
    "patterns",
    "joined",
)


def register(app: Flask) -> None:
    """Hang every blueprint into ``app``, behind the policy, the error pages and the security headers."""
    from flowbuilder.web import access, assets, errors, icons, identity, policy, render, repeats, security

    access.init_app(app)
    security.init_app(app)
    assets.init_app(app)
    icons.init_app(app)
    identity.init_app(app)
    policy.init_app(app)
    render.init_app(app)
    errors.init_app(app)
    repeats.init_app(app)
    for area in AREAS:
        app.register_blueprint(import_module(f"flowbuilder.web.{area}").bp)
    app.add_url_rule("/", "root", render.to_start)
