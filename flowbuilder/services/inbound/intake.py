"""Taking a webhook in: verified over its raw bytes, durable before it is answered, read later by the worker."""

from __future__ import annotations

import hmac

from flask import Flask, current_app

from flowbuilder import clock, queue
from flowbuilder.errors import NotAllowed, NotFound
from flowbuilder.services.accounts import lines
from flowbuilder.services.inbound.pen import Pen
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.whatsapp import signature

MAX_BYTES = 3_500_000
_SECRET_SECONDS = 60.0
_KEY = "flowbuilder.intake"


class Intake:
    """One process's way in. It needs no app context, unless a line's secret has to be read again."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._secrets: dict[str, tuple[float, str]] = {}
        with app.app_context():
            self.pen = Pen(db.engine)
        self._bell = queue.bell(app)

    def receive(self, line_id: str, body: bytes, signed: str | None) -> None:
        """Keep this post; once this returns it is durable. NotFound for a line we don't have, NotAllowed for a stranger."""
        if not signature.verify(body, signed, self._secret(line_id)):
            raise NotAllowed("This webhook is not signed with the app secret of its line.")
        self.pen.write({"line_id": line_id, "received_at": clock.now(), "body": body, "status": "pending", "error": ""})
        self._bell.wish(queue.REPLIES, "converse")

    def _secret(self, line_id: str) -> str:
        """The line's app secret, read once a minute."""
        until, secret = self._secrets.get(line_id, (0.0, ""))
        if clock.monotonic() < until:
            return secret
        with self._app.app_context():
            line = db.session.get(Line, line_id, populate_existing=True)
            if line is None:
                raise NotFound()
            secret = lines.app_secret(line)
        self._secrets[line_id] = (clock.monotonic() + _SECRET_SECONDS, secret)
        return secret


def of(app: Flask) -> Intake:
    found: Intake | None = app.extensions.get(_KEY)
    return found or app.extensions.setdefault(_KEY, Intake(app))


def receive(line_id: str, body: bytes, signed: str | None) -> None:
    of(current_app._get_current_object()).receive(line_id, body, signed)


def shake_hands(line_id: str, mode: str, token: str, challenge: str) -> str:
    """The answer to Meta's question whether this address is ours."""
    line = db.session.get(Line, line_id)
    if line is None:
        raise NotFound()
    if mode != "subscribe" or not hmac.compare_digest(token.encode(), lines.verify_token(line).encode()):
        raise NotAllowed("The verify token is not the one of this line.")
    return challenge[:200]
