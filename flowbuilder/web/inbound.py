"""Listens to Meta: the address that each line's webhooks are sent to. No pages."""

from __future__ import annotations

from flask import Blueprint, Response, request

from flowbuilder.services.inbound import intake
from flowbuilder.web.policy import allow

bp = Blueprint("inbound", __name__)


@bp.get("/webhooks/<line_id>", endpoint="verify")
@allow(None)
def verify(line_id: str) -> Response:
    """Meta asks whether this address is ours before it sends anything."""
    asked = request.args
    answer = intake.shake_hands(line_id, asked.get("hub.mode", ""), asked.get("hub.verify_token", ""), asked.get("hub.challenge", ""))
    return Response(answer, mimetype="text/plain")


@bp.post("/webhooks/<line_id>")
@allow(None, csrf=False, max_bytes=intake.MAX_BYTES)
def webhook(line_id: str) -> Response:
    intake.receive(line_id, request.get_data(cache=False), request.headers.get("X-Hub-Signature-256"))
    return Response(status=200)
