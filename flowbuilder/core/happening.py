"""What we tell other programs of, as outgoing webhooks: kinds of events, how each post is signed, when it is tried again.

The signature is that of the Standard Webhooks specification, for which libraries exist in most languages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from enum import StrEnum

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
SECRET_PREFIX = "whsec_"
_WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
"""Seconds after each failure: ten more tries in a little under 24 hours."""


class Happening(StrEnum):
    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_READ = "message.read"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_ANSWERED = "message.answered"
    BATCH_STARTED = "batch.started"
    BATCH_PAUSED = "batch.paused"
    BATCH_STOPPED = "batch.stopped"
    BATCH_FINISHED = "batch.finished"
    BATCH_CANCELLED = "batch.cancelled"
    OUTBOUND_PENDING = "outbound.pending"
    OUTBOUND_APPROVED = "outbound.approved"
    OUTBOUND_REJECTED = "outbound.rejected"
    OUTBOUND_PAUSED = "outbound.paused"
    OUTBOUND_DISABLED = "outbound.disabled"
    OUTBOUND_DELETED = "outbound.deleted"
    CONVERSATION_STARTED = "conversation.started"
    CONVERSATION_WITH_PERSON = "conversation.with_person"
    CONVERSATION_FINISHED = "conversation.finished"
    CONVERSATION_CANCELLED = "conversation.cancelled"
    CONVERSATION_EXPIRED = "conversation.expired"
    CONVERSATION_FAILED = "conversation.failed"


GROUPS: Mapping[str, tuple[Happening, ...]] = {
    "Single messages and recipients of batches": tuple(kind for kind in Happening if kind.startswith("message.")),
    "Batches": tuple(kind for kind in Happening if kind.startswith("batch.")),
    "Outbound messages": tuple(kind for kind in Happening if kind.startswith("outbound.")),
    "Conversations": tuple(kind for kind in Happening if kind.startswith("conversation.")),
}


def named(group: str, status: str) -> Happening | None:
    """The event that a status of a batch, an outbound message or a conversation is told as, if it is."""
    name = f"{group}.{status}"
    return Happening(name) if name in set(Happening) else None


def wait_after(failures: int) -> int | None:
    """Seconds until the next try; None: enough."""
    return _WAITS[failures - 1] if failures <= len(_WAITS) else None


def sign(event_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> str:
    """The header: one signature for each secret that is still valid."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()}" for secret in secrets)


def _key(secret: str) -> bytes:
    text = secret.removeprefix(SECRET_PREFIX)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text.encode()
