"""Calling other programs for a flow: what a step HTTP request asks, with the secrets that it names, and what came back."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowbuilder.errors import Invalid
from flowbuilder.outside.call import Answer, call
from flowbuilder.services.accounts import vault
from flowbuilder.services.outgoing.webhooks import may_loop_back
from flowbuilder.store import db

_MOST_BYTES = 1024 * 1024
_KEPT_CHARACTERS = 4000
_READS = ("GET", "HEAD")
_PATIENCE, _WORTH_A_TRY = 9.0, 3.0
"""Seconds for all tries together: whoever waits in the chat hears within ten. Another try needs some of them."""
MASK = "••••"


@dataclass(frozen=True, slots=True)
class Ready:
    """A call as a thread needs it, without the database."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    secrets: tuple[str, ...]
    loopback: bool


def prepare(workspace_id: str, content: Mapping[str, Any]) -> Ready:
    """Raises Invalid when a secret that is named does not exist."""
    headers, used = {"User-Agent": "FlowBuilder", "Accept": "application/json"}, []
    body = content.get("body") or None
    if body is not None:
        headers["Content-Type"] = "application/json"
    for one in content.get("headers", ()):
        value = one.get("value", "")
        if name := one.get("secret"):
            secret = vault.open_(workspace_id, name)
            used.append(secret)
            value += secret
        if not value.isascii() or not value.isprintable():
            raise Invalid(f"The header {one['name']} would hold signs that no header may hold.")
        headers[one["name"]] = value
    return Ready(content["method"], content["url"], headers, body.encode() if body else None, tuple(used), may_loop_back(workspace_id))


def act(ready: Ready) -> dict[str, Any]:
    """The result as the flow hears it: ``status`` and ``json``, or ``error``. What only reads is tried twice where the first try
    failed early."""
    began = time.monotonic()
    answer = _call(ready, _PATIENCE)
    left = began + _PATIENCE - time.monotonic()
    if answer.status is None and ready.method in _READS and left >= _WORTH_A_TRY:
        answer = _call(ready, left)
    body = _masked(answer.body, ready.secrets)
    result: dict[str, Any] = {"status": answer.status, "body": body, "milliseconds": answer.milliseconds}
    if answer.error:
        return result | {"error": answer.error}
    if not answer.is_whole:
        return result | {"error": f"Its answer is longer than 1 MB, or took longer than {_PATIENCE:.0f} seconds."}
    try:
        return result | {"json": json.loads(body)}
    except (ValueError, RecursionError):
        return result


def try_(workspace_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The same at once, for a designer who looks. Raises Invalid when a secret that is named does not exist."""
    ready = prepare(workspace_id, content)
    db.session.rollback()
    return act(ready)


def may_repeat(content: Mapping[str, Any]) -> bool:
    return content.get("method") in _READS


def kept(result: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of a result later."""
    shown = {key: value for key, value in result.items() if key != "json"}
    return shown | ({"body": result["body"][:_KEPT_CHARACTERS]} if "body" in result else {})


def _call(ready: Ready, within: float) -> Answer:
    return call(ready.method, ready.url, ready.body, ready.headers, loopback=ready.loopback, most=_MOST_BYTES, within=within)


def _masked(text: str, secrets: tuple[str, ...]) -> str:
    """A program may send back what it was sent."""
    for secret in secrets:
        text = text.replace(secret, MASK).replace(json.dumps(secret)[1:-1], MASK)
    return text
