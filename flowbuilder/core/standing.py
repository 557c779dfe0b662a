"""How a line stands with Meta, in words: limit, throughput and quality, and what each piece of news about them means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

LIMITS = {"TIER_50": 50, "TIER_250": 250, "TIER_1K": 1_000, "TIER_2K": 2_000, "TIER_10K": 10_000, "TIER_100K": 100_000}
"""Meta's names of the messaging limits; TIER_UNLIMITED, and names that are not known here, mean none."""
THROUGHPUTS = {"STANDARD": "80 messages a second", "HIGH": "1,000 messages a second"}


@dataclass(frozen=True, slots=True)
class News:
    """``facts`` are what is known now of the number; ``stops`` is why nothing more can be sent, ``goes_on`` lifts that."""

    tone: str
    text: str
    facts: Mapping[str, str]
    stops: bool = False
    goes_on: bool = False


def limit_words(limit: str) -> str:
    if limit == "TIER_UNLIMITED":
        return "no limit"
    return f"{LIMITS[limit]:,} people in 24 hours" if limit in LIMITS else limit or "unknown"


def news(field: str, event: str, *, limit: str = "", level: str = "", status: str = "", text: str = "", until: int | None = None) -> News:
    """What Meta told, as a sentence, and what follows from it."""
    match field:
        case "number":
            return _of_number(event, limit)
        case "limit":
            known = {"limit": limit} if limit else {}
            return News("info", f"The messaging limit is now: {limit_words(limit)}.", known)
        case "alert":
            return _of_alert(event, level, status, text)
        case "account":
            return _of_account(event, status, text, until)
        case "review":
            return _of_review(event)
    return News("info", f"Meta told something that is not understood here: {field} {event}.", {})


def _of_number(event: str, limit: str) -> News:
    facts = {"limit": limit} if limit else {}
    reach = f" The messaging limit is {limit_words(limit)}." if limit else ""
    match event:
        case "THROUGHPUT_UPGRADE":
            text = "The number may now send 1,000 messages a second. Raise “Messages per second” to use that."
            return News("good", text + reach, {**facts, "throughput": "HIGH"})
        case "ONBOARDING":
            return News("info", "The number is registered." + reach, {**facts, "throughput": "STANDARD"})
        case "UPGRADE":
            return News("good", "The messaging limit was raised." + reach, facts)
        case "DOWNGRADE":
            return News("warn", "The messaging limit was lowered." + reach, facts)
        case "FLAGGED":
            text = "The quality of the number is low: people blocked or reported it. Send less, and only what people want."
            return News("bad", text + reach, {**facts, "quality": "RED"})
        case "UNFLAGGED":
            return News("good", "The quality of the number is no longer low." + reach, {**facts, "quality": "UNKNOWN"})
    return News("info", f"The number changed: {_plain(event)}." + reach, facts)


def _of_alert(event: str, level: str, status: str, text: str) -> News:
    tone = "good" if status in ("NONE", "RESOLVED") else {"CRITICAL": "bad", "WARNING": "warn"}.get(level, "info")
    return News(tone, text or f"{_plain(event).capitalize()}.", {})


def _of_account(event: str, status: str, text: str, until: int | None) -> News:
    ends = f" until {datetime.fromtimestamp(until, UTC):%d %b %Y, %H:%M} UTC" if until else ""
    if event == "DISABLED_UPDATE":
        if status == "REINSTATE":
            return News("good", "Meta has opened the account again.", {}, goes_on=True)
        return News("bad", "Meta has closed the account: nothing can be sent. Appeal in Meta's Business Support.", {}, stops=True)
    if event == "ACCOUNT_RESTRICTION":
        stops = "BIZ_INITIATED" in status
        text = "Meta does not let the account begin conversations" if stops else f"Meta restricts the account: {_plain(status)}"
        return News("bad", f"{text}{ends}.", {}, stops=stops)
    if event == "ACCOUNT_VIOLATION":
        return News("bad", f"The account broke Meta's policy: {_plain(text) or 'no reason is given'}. More of this closes it.", {})
    if event == "ACCOUNT_DELETED":
        return News("bad", "The WhatsApp account was deleted at Meta: nothing can be sent.", {}, stops=True)
    return News("info", f"The account changed: {_plain(event)}.", {})


def _of_review(decision: str) -> News:
    if decision == "APPROVED":
        return News("good", "Meta has approved the account.", {})
    if decision == "REJECTED":
        return News("bad", "Meta has rejected the account. See the reason in Meta's Business Support.", {})
    return News("info", f"Meta's review of the account: {_plain(decision)}.", {})


def _plain(word: str) -> str:
    return word.replace("_", " ").lower()
