"""Pages of accounts: ways in, one's own account, people, lines, test phones, workspace and audit log."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from flowbuilder.web.accounts import aside, lines, mail, people, prices, providers, restored, settings, signin, teams, vault, workspace  # noqa: E402, F401 - they hang their routes into bp
