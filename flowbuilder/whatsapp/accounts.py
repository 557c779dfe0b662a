"""What Meta tells of a number or an account by webhook, read into ``events.AccountNews``.

Sources: webhook reference of phone_number_quality_update, business_capability_update, account_alerts, account_update
and account_review_update.
"""

from __future__ import annotations

from typing import Any

from flowbuilder.whatsapp.events import AccountNews
from flowbuilder.whatsapp.incoming import first, integer, moment, object_in, objects_in, text_in

_TIERS = {50: "TIER_50", 250: "TIER_250", 1_000: "TIER_1K", 2_000: "TIER_2K", 10_000: "TIER_10K", 100_000: "TIER_100K"}


def _number(waba_id: str, value: dict[str, Any], at: int | None) -> AccountNews:
    """``current_limit`` is on its way out in favour of the other; both may be missing."""
    limit = tier(value.get("max_daily_conversations_per_business")) or tier(value.get("current_limit"))
    number = "".join(filter(str.isdecimal, text_in(value, "display_phone_number")))
    return AccountNews(waba_id=waba_id, field="number", event=text_in(value, "event").upper(), number=number, limit=limit, at=at)


def _capability(waba_id: str, value: dict[str, Any], at: int | None) -> AccountNews:
    limit = tier(value.get("max_daily_conversations_per_business"))
    return AccountNews(waba_id=waba_id, field="limit", event="LIMIT", limit=limit, at=at)


def _alert(waba_id: str, value: dict[str, Any], at: int | None) -> AccountNews:
    info = object_in(value, "alert_info") or value
    return AccountNews(
        waba_id=waba_id, field="alert", event=text_in(info, "alert_type").upper(), level=text_in(info, "alert_severity").upper(),
        status=text_in(info, "alert_status").upper(), text=text_in(info, "alert_description"), at=at,
    )  # fmt: skip


def _account(waba_id: str, value: dict[str, Any], at: int | None) -> AccountNews:
    ban, violation = object_in(value, "ban_info"), object_in(value, "violation_info")
    restrictions = objects_in(value, "restriction_info")
    ends = [end for each in restrictions if (end := moment(each.get("expiration")))]
    return AccountNews(
        waba_id=waba_id, field="account", event=text_in(value, "event").upper(), at=at, until=max(ends, default=None),
        status=text_in(ban, "waba_ban_state").upper() or text_in(first(restrictions), "restriction_type").upper(),
        text=text_in(violation, "violation_type"),
    )  # fmt: skip


def _review(waba_id: str, value: dict[str, Any], at: int | None) -> AccountNews:
    return AccountNews(waba_id=waba_id, field="review", event=text_in(value, "decision").upper(), at=at)


FIELDS = {
    "phone_number_quality_update": _number,
    "business_capability_update": _capability,
    "account_alerts": _alert,
    "account_update": _account,
    "account_review_update": _review,
}


def tier(value: Any) -> str:
    """Meta's name of a messaging limit, given as a name or as a number of people; empty when there is none."""
    if isinstance(value, str) and not value.lstrip("-").isdecimal():
        name = value.upper().removeprefix("TIER_")
        return "" if name in ("", "NOT_SET") else f"TIER_{name}"
    number = integer(int(value) if isinstance(value, str) and len(value) < 12 else value)
    if number is None:
        return ""
    return "TIER_UNLIMITED" if number < 0 or number > 100_000 else _TIERS.get(number, "")
