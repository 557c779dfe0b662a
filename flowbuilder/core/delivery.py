"""What can become of a message: its statuses and the only moves between them.

Evidence from Meta (accepted, sent, delivered, read, failed) may come in any order, twice or late. It moves a
message upwards only, by rank; delivery outranks a failure, so every order of the same evidence ends in the same status.
"""

from __future__ import annotations

from enum import StrEnum


class DeliveryStatus(StrEnum):
    """The values are what is stored. ``received`` is for what people say to us; all others are for what we say."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNCONFIRMED = "unconfirmed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    RECEIVED = "received"


_S = DeliveryStatus

_RANK = {
    _S.QUEUED: 0,
    _S.SENDING: 1,
    _S.UNKNOWN: 2,
    _S.UNCONFIRMED: 2,
    _S.ACCEPTED: 3,
    _S.SENT: 4,
    _S.FAILED: 5,
    _S.DELIVERED: 6,
    _S.READ: 7,
}

EVIDENCE = (_S.ACCEPTED, _S.SENT, _S.DELIVERED, _S.READ, _S.FAILED)
OPEN = (_S.QUEUED, _S.SENDING, _S.UNKNOWN)
UNSETTLED = (_S.SENDING, _S.UNKNOWN, _S.UNCONFIRMED)

_OURS = {
    _S.QUEUED: {_S.SENDING, _S.FAILED, _S.SKIPPED, _S.CANCELLED, _S.UNCONFIRMED},
    _S.SENDING: {_S.QUEUED, _S.UNKNOWN},
    _S.UNKNOWN: {_S.UNCONFIRMED},
    _S.UNCONFIRMED: {_S.QUEUED, _S.CANCELLED},
}


def below(status: DeliveryStatus) -> tuple[DeliveryStatus, ...]:
    """The statuses that evidence of ``status`` lifts."""
    return tuple(each for each, rank in _RANK.items() if rank < _RANK[status])


def settle(now: DeliveryStatus, evidence: DeliveryStatus) -> DeliveryStatus:
    """The status after Meta said ``evidence``: higher or unchanged. What never left (skipped, cancelled) stays."""
    if now not in _RANK or evidence not in EVIDENCE:
        return now
    return evidence if _RANK[evidence] > _RANK[now] else now


def may_move(now: DeliveryStatus, to: DeliveryStatus) -> bool:
    """Whether the arrow exists: by evidence, or by what we decide ourselves (claim, give back, give up, resend)."""
    if to in _OURS.get(now, ()):
        return True
    return to in EVIDENCE and now != to and settle(now, to) is to
