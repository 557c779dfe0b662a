"""Where an outbound message stands with Meta: one table of allowed moves, and one of what Meta's words mean.

That a message is submitted only once is the absence of an arrow: nothing but ``draft`` leads to ``submitting``,
and only a submission that Meta provably did not take leads back. Meta's words may come late, twice and in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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

_NEWER: dict[ReviewStatus, frozenset[ReviewStatus]] = {
    _S.APPROVED: frozenset({_S.PENDING}),
    _S.REJECTED: frozenset({_S.PENDING, _S.PAUSED, _S.ARCHIVED, _S.LIMIT_EXCEEDED}),
    _S.PAUSED: frozenset({_S.PENDING, _S.LIMIT_EXCEEDED}),
    _S.IN_APPEAL: frozenset({_S.PENDING, _S.ARCHIVED, _S.LIMIT_EXCEEDED}),
    _S.DISABLED: frozenset({_S.PAUSED, _S.ARCHIVED}),
    _S.ARCHIVED: frozenset({_S.PENDING, _S.REJECTED, _S.IN_APPEAL}),
    _S.LIMIT_EXCEEDED: frozenset({_S.PAUSED, _S.DISABLED, _S.IN_APPEAL, _S.ARCHIVED}),
    _S.PENDING_DELETION: frozenset({_S.APPROVED, _S.REJECTED, _S.PAUSED, _S.DISABLED}),
}
"""Moves that only a word makes which is certainly newer than what we know, such as a review anew after an edit at Meta."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a word of Meta means: the status that it leads to (None: it is only a note), and a sentence for the history."""

    target: ReviewStatus | None
    text: str


EVENTS: dict[str, Event] = {
    "APPROVED": Event(_S.APPROVED, "Meta approved it."),
    "REJECTED": Event(_S.REJECTED, "Meta rejected it."),
    "PENDING": Event(_S.PENDING, "Meta is reviewing it."),
    "PAUSED": Event(_S.PAUSED, "Meta paused it because of its quality."),
    "DISABLED": Event(_S.DISABLED, "Meta disabled it for good."),
    "REINSTATED": Event(_S.APPROVED, "Meta allows it again."),
    "FLAGGED": Event(None, "Meta warns of its quality: it may be paused soon."),
    "IN_APPEAL": Event(_S.IN_APPEAL, "The decision is being looked at again."),
    "PENDING_DELETION": Event(_S.PENDING_DELETION, "Meta is deleting it."),
    "DELETED": Event(_S.DELETED, "It has been deleted at Meta."),
    "LIMIT_EXCEEDED": Event(_S.LIMIT_EXCEEDED, "The account has reached a limit of Meta."),
    "LOCKED": Event(None, "Meta has locked it: it cannot be changed at Meta."),
    "ARCHIVED": Event(_S.ARCHIVED, "Meta archived it because it was not used for a year."),
    "UNARCHIVED": Event(_S.APPROVED, "It is out of the archive."),
}
"""Page webhooks/reference/message_template_status_update."""

_PAUSES = {"FIRST_PAUSE": timedelta(hours=3), "SECOND_PAUSE": timedelta(hours=6)}
"""Page templates/template-pausing; the third time Meta disables the message."""
NAME_BLOCK = timedelta(days=30)
"""How long Meta keeps the name of a deleted message that had been approved from being used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One word of Meta about a review; ``at`` is Meta's own time of it, where it tells one."""

    event: str
    at: datetime | None = None
    reason: str = ""
    explanation: str = ""
    recommendation: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a review stands."""

    status: ReviewStatus
    told_at: datetime | None = None
    reason: str = ""
    explanation: str = ""
    recommendation: str = ""
    paused_until: datetime | None = None


def hear(standing: Standing, said: Said) -> Standing:
    """How the review stands after this word. The same object when the word changes nothing: unknown, late, or known already."""
    target = status_for(said.event)
    if target is None or (said.at and standing.told_at and said.at < standing.told_at):
        return standing
    is_newer = bool(said.at and standing.told_at and said.at > standing.told_at)
    if target is standing.status:
        return _heard_again(standing, said, is_newer)
    if not may_move(standing.status, target, is_newer=is_newer):
        return standing
    explained = said.explanation or (reason_in_words(said.reason) if target is ReviewStatus.REJECTED or said.reason else "")
    return Standing(
        status=target,
        told_at=said.at or standing.told_at,
        reason=said.reason,
        explanation=explained,
        recommendation=said.recommendation,
        paused_until=_pause_end(said) if target is ReviewStatus.PAUSED else None,
    )


def _heard_again(standing: Standing, said: Said, is_newer: bool) -> Standing:
    """The status is known; a webhook may still tell why, or a second pause when the first has ended."""
    if is_newer:
        standing = replace(standing, told_at=said.at)
    if standing.status is ReviewStatus.PAUSED and is_newer and said.note:
        explanation, advice = said.explanation or standing.explanation, said.recommendation or standing.recommendation
        return replace(standing, explanation=explanation, recommendation=advice, paused_until=_pause_end(said))
    if said.recommendation and not standing.recommendation:
        return replace(standing, explanation=said.explanation, recommendation=said.recommendation)
    return standing


def _pause_end(said: Said) -> datetime | None:
    length = _PAUSES.get(said.note.upper())
    return said.at + length if length and said.at else None


def ask_at(status: ReviewStatus, asks: int, now: datetime, paused_until: datetime | None = None) -> datetime | None:
    """When to ask Meta if no webhook comes: soon, then ever rarer; None where nothing is expected."""
    first = _ASK_AFTER.get(status)
    if first is None:
        return None
    if status is ReviewStatus.PAUSED and paused_until and paused_until > now:
        return paused_until + timedelta(minutes=1)
    return now + min(first * 2 ** min(asks, 12), timedelta(hours=12))


_ASK_AFTER = {
    _S.SUBMITTING: timedelta(minutes=1),
    _S.PENDING: timedelta(minutes=3),
    _S.IN_APPEAL: timedelta(minutes=30),
    _S.PAUSED: timedelta(minutes=30),
    _S.LIMIT_EXCEEDED: timedelta(hours=1),
    _S.PENDING_DELETION: timedelta(hours=6),
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
    "SCAM": "Meta considers the message deceptive.",
    "TAG_CONTENT_MISMATCH": "The text does not fit its language or its category.",
    "CATEGORY_NOT_AVAILABLE": "This category is not available for your account.",
}


def status_for(event: str) -> ReviewStatus | None:
    """The status that Meta's word (of a webhook or an answer) means; None for words that change no status."""
    known = EVENTS.get(event.upper())
    return known.target if known else None


def in_words(event: str) -> str:
    """A sentence for the history; a word that Meta has invented since is shown as it is."""
    known = EVENTS.get(event.upper())
    return known.text if known else f"Meta says: {event.replace('_', ' ').lower()}."


def may_move(status: ReviewStatus, target: ReviewStatus, *, is_newer: bool = False) -> bool:
    return target in MOVES[status] or (is_newer and target in _NEWER.get(status, ()))


def is_waiting(status: str) -> bool:
    """Whether Meta has still to decide, so that a page that shows it keeps asking."""
    return status in (_S.SUBMITTING, _S.PENDING, _S.IN_APPEAL)


def reason_in_words(reason: str) -> str:
    return REASONS.get(reason, f"Meta's reason is {reason}." if reason else "Meta gave no reason.")
