"""Taking a webhook in: verified over its raw bytes, durable before it is answered, read later.

Requests that come at the same time are written in one transaction by whichever of them holds the pen, so that
all pay for one commit.
"""

from __future__ import annotations

import hmac
import threading
from collections import deque
from typing import Any

from flask import current_app
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock, queue
from flowbuilder.errors import NotAllowed, NotFound
from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.inbound import Webhook
from flowbuilder.whatsapp import signature

MAX_BYTES = 3_500_000
_SECRET_SECONDS = 60.0
_MOST_AT_ONCE = 200


def receive(line_id: str, body: bytes, signed: str | None) -> None:
    """Keep this post; once this returns it is durable. Raises NotFound for a line we don't have, NotAllowed for a stranger."""
    secret = _secret(line_id)
    if not signature.verify(body, signed, secret):
        raise NotAllowed("This webhook is not signed with the app secret of its line.")
    _pen().write({"line_id": line_id, "received_at": clock.now(), "body": body, "status": "pending", "error": ""})
    queue.ring_soon(queue.REPLIES, "apply_webhooks")


def shake_hands(line_id: str, mode: str, token: str, challenge: str) -> str:
    """The answer to Meta's question whether this address is ours."""
    line = db.session.get(Line, line_id)
    if line is None:
        raise NotFound()
    if mode != "subscribe" or not hmac.compare_digest(token.encode(), lines.verify_token(line).encode()):
        raise NotAllowed("The verify token is not the one of this line.")
    return challenge[:200]


def _secret(line_id: str) -> str:
    """The line's app secret, read once a minute."""
    known: dict[str, tuple[float, str]] = current_app.extensions.setdefault("flowbuilder.secrets", {})
    until, secret = known.get(line_id, (0.0, ""))
    if clock.monotonic() < until:
        return secret
    line = db.session.get(Line, line_id, populate_existing=True)
    if line is None:
        raise NotFound()
    secret = lines.app_secret(line)
    db.session.rollback()
    known[line_id] = (clock.monotonic() + _SECRET_SECONDS, secret)
    return secret


def forget_secrets() -> None:
    current_app.extensions.pop("flowbuilder.secrets", None)


def _pen() -> _Pen:
    pen = current_app.extensions.get("flowbuilder.pen")
    return pen or current_app.extensions.setdefault("flowbuilder.pen", _Pen())


class _Waiting:
    __slots__ = ("error", "is_written", "row")

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.is_written = False
        self.error: Exception | None = None


class _Pen:
    """Only one thread writes; it takes along what the others have put down meanwhile."""

    def __init__(self) -> None:
        self._held = threading.Lock()
        self._waiting: deque[_Waiting] = deque()

    def write(self, row: dict[str, Any]) -> None:
        mine = _Waiting(row)
        self._waiting.append(mine)
        with self._held:
            while not mine.is_written:
                self._write_waiting()
        if mine.error is not None:
            raise mine.error

    def _write_waiting(self) -> None:
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < _MOST_AT_ONCE:
            batch.append(self._waiting.popleft())
        try:
            _insert([each.row for each in batch])
        except IntegrityError:
            self._write_each(batch)
        except Exception as error:
            for each in batch:
                each.error = error
        for each in batch:
            each.is_written = True

    def _write_each(self, batch: list[_Waiting]) -> None:
        """One of them can't be written, such as that of a line just deleted; the others must not suffer for it."""
        for each in batch:
            try:
                _insert([each.row])
            except IntegrityError:
                each.error = NotFound()


def _insert(rows: list[dict[str, Any]]) -> None:
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(insert(Webhook.__table__), rows)
