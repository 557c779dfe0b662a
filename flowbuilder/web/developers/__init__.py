"""Pages for those who connect other programs: guide, a page to try the API, tokens, outgoing webhooks."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("developers", __name__, url_prefix="/api")

from flowbuilder.web.developers import guide, tokens, webhooks  # noqa: E402, F401 - they hang their routes into bp
