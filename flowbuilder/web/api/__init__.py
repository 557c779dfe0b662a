"""The API, below /api/v1: one small file per resource, all over the services that the pages use.

What each operation takes and gives is declared by ``operation.operation``; the schemas are in ``flows_schema/api``.
"""

from __future__ import annotations

from flask import Blueprint

from flowbuilder.web.problems import ROOT

bp = Blueprint("api", __name__, url_prefix=ROOT)

from flowbuilder.web.api import batches, contacts, files, lines, messages, outbounds, recipients, webhooks  # noqa: E402, F401 - they hang their routes into bp
