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
from typing import Any

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


def example(kind: Happening) -> dict[str, Any]:
    """What such an event is about, with invented values: for a receiver that is being tried."""
    group, _, status = kind.partition(".")
    data = {**_EXAMPLES[group], "status": _STATUSES.get(kind, status)}
    if kind is Happening.MESSAGE_FAILED:
        data["error"] = {"code": 131026, "text": "Message undeliverable"}
    return data


_STATUSES = {Happening.MESSAGE_ANSWERED: "read", Happening.BATCH_STARTED: "running", Happening.CONVERSATION_STARTED: "in_progress"}
"""Where the event is not called as the status that it leads to."""
_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "message": {"message_id": 1, "batch_id": None, "outbound_id": "out_example", "phone": "+15550100001"},
    "batch": {"batch_id": "bat_example", "outbound_id": "out_example", "name": "example.csv", "reason": ""},
    "outbound": {"outbound_id": "out_example", "name": "Example", "reason": "", "explanation": ""},
    "conversation": {
        "conversation_id": "cnv_example", "flow_id": "flw_example", "contact_id": "con_example", "message_id": None, "is_trial": False,
    },
}  # fmt: skip


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
