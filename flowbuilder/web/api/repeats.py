"""Idempotency-Key: what an operation that makes or moves something does once, however often it is called."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, request

from flowbuilder.core.finding import Finding
from flowbuilder.errors import Invalid
from flowbuilder.services.api import once as service
from flowbuilder.store import new_id

KEY = r"[!-~]{1,255}"


@dataclass(frozen=True, slots=True)
class Making:
    """How what is made is shown. It gets a new id of ``prefix``, handed to the view as ``made``, or is named by ``path`` or ``of``."""

    show: Callable[[str], Any]
    prefix: str = ""
    path: str = ""
    of: Callable[[dict[str, Any]], str] | None = None

    def subject(self, values: dict[str, Any]) -> str:
        if self.of:
            return self.of(values)
        return str(values[self.path]) if self.path else new_id(self.prefix)


def once(making: Making, view: Callable[..., Any], values: dict[str, Any], status: int) -> tuple[int, Any]:
    """The status and body of the answer."""
    subject = making.subject(values)
    arguments = {**values, "made": subject} if making.prefix else values
    key = request.headers.get("Idempotency-Key")
    if key is None:
        view(**arguments)
        return status, making.show(subject)
    if not re.fullmatch(KEY, key):
        text = "An Idempotency-Key has 1 to 255 printable ASCII characters and no blanks, such as a UUID."
        raise Invalid(findings=[Finding("key", text, field="Idempotency-Key")])
    wish = service.Wish(g.token.token_id, key, _digest(values), subject)
    return service.fulfil(wish, lambda: view(**arguments), making.show, status)


def _digest(values: dict[str, Any]) -> str:
    """Stands for the whole call: method, address, body, and the content of an uploaded file."""
    parts = [request.method, request.path, json.dumps(values.get("body"), sort_keys=True)]
    if "file" in values:
        parts.append(_digest_of(values["file"]))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _digest_of(file: Any) -> str:
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()
    file.stream.seek(0)
    return digest
