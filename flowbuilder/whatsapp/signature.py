"""Whether a webhook really comes from Meta: HMAC-SHA256 of the raw bytes with the app secret."""

from __future__ import annotations

import hashlib
import hmac
import re

_FORM = re.compile(r"sha256=[0-9a-f]{64}\Z")


def sign(body: bytes, secret: str) -> str:
    """The value that ``X-Hub-Signature-256`` must have."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(body: bytes, header: str | None, secret: str) -> bool:
    """Whether ``header`` is the signature of exactly these bytes; an empty secret signs nothing."""
    if not secret or not header or not _FORM.match(header):
        return False
    return hmac.compare_digest(sign(body, secret), header)
