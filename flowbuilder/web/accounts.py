"""Listens for accounts."""

from __future__ import annotations

from flask import Blueprint

from flowbuilder.store.accounts import Role
from flowbuilder.web.policy import allow

bp = Blueprint("accounts", __name__)
for _name, _path, _role in (
    ("signin", "/signin", None),
    ("lines", "/lines", Role.VIEWER),
    ("people", "/people", Role.ADMIN),
    ("account", "/account", Role.VIEWER),
    ("password", "/password", Role.VIEWER),
    ("workspace", "/workspace", Role.ADMIN),
    ("log", "/audit-log", Role.ADMIN),
):
    bp.add_url_rule(_path, _name, allow(_role)(lambda: ""))
bp.add_url_rule("/signout", "signout", allow(Role.VIEWER)(lambda: ""), methods=["POST"])
