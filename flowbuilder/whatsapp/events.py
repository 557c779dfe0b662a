"""What Meta can tell us by webhook, one frozen value per thing. No reading of JSON here: that is ``webhooks.parse``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """Something that a person wrote, tapped or sent.

    Match the person by ``user_id`` first, then by ``wa_id``: either may be missing. ``content`` is the JSON of
    ``core.message``; ``kind`` is Meta's word for the type; ``quoted`` the wamid of the message that it answers.
    """

    wamid: str
    waba_id: str
    phone_number_id: str
    user_id: str | None
    wa_id: str | None
    parent_user_id: str | None
    name: str
    username: str
    kind: str
    timestamp: int | None
    quoted: str | None
    content: dict[str, Any]


class StatusUpdate(NamedTuple):
    """How far a message of ours has come: sent, delivered, read, failed (or a word that Meta has invented since).

    A tuple, since thousands of them come in a second.
    """

    wamid: str
    waba_id: str
    phone_number_id: str
    status: str
    timestamp: int | None
    callback: str | None
    wa_id: str | None
    user_id: str | None
    error_code: int | None
    error_title: str
    error_details: str
    pricing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStatus:
    """A step of a template's review; ``event`` is Meta's word in capitals, ``at`` Meta's time of it in Unix seconds."""

    waba_id: str
    meta_id: str
    name: str
    language: str
    event: str
    reason: str
    category: str
    explanation: str
    recommendation: str
    note: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateQuality:
    waba_id: str
    meta_id: str
    name: str
    language: str
    previous: str
    score: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCategory:
    """``category`` is the present one; ``announced`` the one that Meta will change it to at ``due``, or None when it is done."""

    waba_id: str
    meta_id: str
    name: str
    language: str
    category: str
    announced: str | None
    due: int | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateWords:
    """Somebody changed the words of a template at Meta; which they are now, Meta is asked."""

    waba_id: str
    meta_id: str
    name: str
    language: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPreference:
    """A person stops or resumes marketing messages."""

    waba_id: str
    phone_number_id: str
    wa_id: str | None
    user_id: str | None
    category: str
    value: str
    timestamp: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNews:
    """Something about a number or an account; ``field`` is number, limit, alert, account or review, ``event`` Meta's word.

    ``limit`` is Meta's name of the messaging limit, ``number`` the digits of the one concerned, ``until`` the end of a restriction.
    """

    waba_id: str
    field: str
    event: str
    number: str = ""
    limit: str = ""
    level: str = ""
    status: str = ""
    text: str = ""
    until: int | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything that we do not act on; the beginning of its JSON is kept for people to read."""

    waba_id: str
    field: str
    kind: str
    excerpt: str
    phone_number_id: str = ""


TemplateItem = TemplateStatus | TemplateQuality | TemplateCategory | TemplateWords
Item = InboundMessage | StatusUpdate | TemplateItem | UserPreference | AccountNews | Unknown
