"""Where an outbound message stands with Meta: one table of allowed moves.

That a message is submitted only once is the absence of an arrow: nothing but ``draft`` leads to ``submitting``,
and only a submission that Meta provably did not take leads back.
"""

from __future__ import annotations

from enum import StrEnum


class ReviewStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTING = "submitting"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAUSED = "paused"
    DISABLED = "disabled"
    IN_APPEAL = "in_appeal"
    ARCHIVED = "archived"
    LIMIT_EXCEEDED = "limit_exceeded"
    PENDING_DELETION = "pending_deletion"
    DELETED = "deleted"


_S = ReviewStatus
_GONE = {_S.PENDING_DELETION, _S.DELETED}
MOVES: dict[ReviewStatus, frozenset[ReviewStatus]] = {
    status: frozenset(targets)
    for status, targets in {
        _S.DRAFT: {_S.SUBMITTING},
        _S.SUBMITTING: {_S.DRAFT, _S.PENDING, _S.APPROVED, _S.REJECTED, _S.LIMIT_EXCEEDED, _S.IN_APPEAL, _S.DISABLED, _S.PAUSED} | _GONE,
        _S.PENDING: {_S.APPROVED, _S.REJECTED, _S.LIMIT_EXCEEDED, _S.IN_APPEAL, _S.DISABLED, _S.PAUSED, _S.ARCHIVED} | _GONE,
        _S.APPROVED: {_S.REJECTED, _S.PAUSED, _S.DISABLED, _S.IN_APPEAL, _S.ARCHIVED, _S.LIMIT_EXCEEDED} | _GONE,
        _S.REJECTED: {_S.IN_APPEAL, _S.APPROVED, _S.DISABLED} | _GONE,
        _S.PAUSED: {_S.APPROVED, _S.REJECTED, _S.DISABLED, _S.IN_APPEAL, _S.ARCHIVED} | _GONE,
        _S.DISABLED: {_S.APPROVED, _S.IN_APPEAL, _S.REJECTED} | _GONE,
        _S.IN_APPEAL: {_S.APPROVED, _S.REJECTED, _S.DISABLED, _S.PAUSED} | _GONE,
        _S.ARCHIVED: {_S.APPROVED, _S.PAUSED, _S.DISABLED} | _GONE,
        _S.LIMIT_EXCEEDED: {_S.PENDING, _S.APPROVED, _S.REJECTED} | _GONE,
        _S.PENDING_DELETION: {_S.DELETED},
        _S.DELETED: set(),
    }.items()
}

_EVENTS = {
    "APPROVED": _S.APPROVED,
    "REINSTATED": _S.APPROVED,
    "UNARCHIVED": _S.APPROVED,
    "REJECTED": _S.REJECTED,
    "PENDING": _S.PENDING,
    "PAUSED": _S.PAUSED,
    "DISABLED": _S.DISABLED,
    "IN_APPEAL": _S.IN_APPEAL,
    "ARCHIVED": _S.ARCHIVED,
    "LIMIT_EXCEEDED": _S.LIMIT_EXCEEDED,
    "PENDING_DELETION": _S.PENDING_DELETION,
    "DELETED": _S.DELETED,
}

WORDS: dict[ReviewStatus, str] = {
    _S.DRAFT: "Draft",
    _S.SUBMITTING: "Being submitted",
    _S.PENDING: "In review",
    _S.APPROVED: "Approved",
    _S.REJECTED: "Rejected",
    _S.PAUSED: "Paused by Meta",
    _S.DISABLED: "Disabled by Meta",
    _S.IN_APPEAL: "In appeal",
    _S.ARCHIVED: "Archived",
    _S.LIMIT_EXCEEDED: "Limit exceeded",
    _S.PENDING_DELETION: "Being deleted",
    _S.DELETED: "Deleted",
}

REASONS: dict[str, str] = {
    "ABUSIVE_CONTENT": "Meta found the content abusive: threatening, asking for private data, or against its policies.",
    "INVALID_FORMAT": "Meta found a fault in the form: variables, formatting, spelling or links.",
    "INCORRECT_CATEGORY": "The text does not fit the message category.",
    "PROMOTIONAL": "The text is promotional; choose the category Marketing for it.",
    "SCAM": "Meta holds the message for deceptive.",
    "TAG_CONTENT_MISMATCH": "The text does not fit its language or its category.",
    "CATEGORY_NOT_AVAILABLE": "This category is not available for your account.",
}


def status_for(event: str) -> ReviewStatus | None:
    """The status that Meta's word (of a webhook or an answer) means; None for words that change no status."""
    return _EVENTS.get(event.upper())


def may_move(status: ReviewStatus, target: ReviewStatus) -> bool:
    return target in MOVES[status]


def is_waiting(status: str) -> bool:
    """Whether Meta has still to decide, so that a page that shows it keeps asking."""
    return status in (_S.SUBMITTING, _S.PENDING, _S.IN_APPEAL)


def reason_in_words(reason: str) -> str:
    return REASONS.get(reason, f"Meta's reason is {reason}." if reason else "Meta gave no reason.")
