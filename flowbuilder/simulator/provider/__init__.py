"""Plays a provider of validations: what FlowBuilder calls, signed both ways. What the person sees is in ``web.persons``.

    GET  /provider                  who it is and what it checks
    POST /provider/validations      start one; the same reference again is the same validation

This is a second reading of the contract, so nothing of the product is used. The signature is that of Standard Webhooks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request, url_for

from flowbuilder.simulator.world import World, world

provider = Blueprint("provider", __name__, url_prefix="/provider")

KINDS = {
    "document": ("Document", ("the front of your document", "the back of your document")),
    "document_and_face": ("Document and face", ("the front of your document", "the back of your document", "your face")),
    "face": ("Face", ("your face",)),
    "signature": ("Signature", ("your signature",)),
    "background": ("Background check", ("the front of your document",)),
}
_WINDOW = 300


def register(app: Flask) -> None:
    app.register_blueprint(provider)


def signature(secret: str, id: str, at: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, b".".join([id.encode(), at.encode(), body]), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


@provider.before_request
def _only_signed() -> tuple[Response, int] | None:
    secret, headers = world().settings.provider_secret, request.headers
    id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not secret or not id or not at.isdecimal():
        return _problem(401, "The call is not signed.")
    if abs(time.time() - int(at)) > _WINDOW:
        return _problem(401, "The signature is too old.")
    given = headers.get("webhook-signature", "").split()
    if signature(secret, id, at, request.get_data()) not in given:
        return _problem(401, "The signature does not fit.")
    return None


@provider.get("")
def about() -> Response:
    return jsonify(name="FlowBuilder simulator", checks=list(KINDS))


@provider.post("/validations")
def start() -> tuple[Response, int]:
    document = request.get_json(silent=True)
    if not isinstance(document, dict):
        return _problem(400, "Send a JSON object.")
    missing = [name for name in ("reference", "check", "expires_at", "callback_url") if not isinstance(document.get(name), str)]
    if missing:
        return _problem(422, f"{missing[0]} is missing.")
    if document["check"] not in KINDS:
        return _problem(422, f"There is no check {document['check']!r}.")
    if request.headers.get("Idempotency-Key") != document["reference"]:
        return _problem(422, "The Idempotency-Key must be the reference.")
    try:
        row, is_new = _begun(world(), document)
    except ValueError:
        return _problem(422, "expires_at is no moment.")
    return jsonify(id=row["id"], link=url_for("persons.validation", id=row["id"], _external=True)), 201 if is_new else 200


def _begun(here: World, document: dict[str, Any]) -> tuple[Any, bool]:
    ends = datetime.fromisoformat(document["expires_at"]).timestamp()
    values = (secrets.token_hex(12), document["reference"], document["check"], document["callback_url"], ends, time.time())
    with here.store.write() as conn:
        made = conn.execute(
            "INSERT INTO validation (id, reference, kind, callback, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (reference) DO NOTHING",
            values,
        )
        row = conn.execute("SELECT * FROM validation WHERE reference = ?", (document["reference"],)).fetchone()
    return row, made.rowcount == 1


def show(here: World, id: str) -> None:
    """The person hands in the next thing."""
    with here.store.write() as conn:
        conn.execute("UPDATE validation SET shown = shown + 1 WHERE id = ? AND status = 'waiting'", (id,))


def decide(here: World, id: str, status: str, reason: str) -> bool:
    """Decide it once; the courier tells. False when it was decided before."""
    now = time.time()
    with here.store.write() as conn:
        done = conn.execute(
            "UPDATE validation SET status = ?, reason = ?, decided_at = ?, due_at = ? WHERE id = ? AND status = 'waiting'",
            (status, reason[:500], now, now, id),
        )
    here.more_results.set()
    return done.rowcount == 1


def _problem(status: int, sentence: str) -> tuple[Response, int]:
    return jsonify(detail=sentence), status
