"""Answers to those who watch over us: alive at all, and ready to work. Nobody need be signed in."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from flowbuilder.services import health
from flowbuilder.web.policy import allow

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@allow(None)
def healthz() -> Response:
    """The process answers; nothing else is looked at."""
    return Response("ok", mimetype="text/plain")


@bp.get("/readyz")
@allow(None)
def readyz() -> tuple[Response, int]:
    """200 when everything that work needs is there, else 503; each condition with its reason."""
    found = health.conditions()
    is_ready = not any(condition.problem for condition in found)
    return jsonify(ready=is_ready, checks={condition.name: condition.problem or "ok" for condition in found}), 200 if is_ready else 503
