"""News about the number and its account that Meta sends without being asked, for whoever wants to see what they do.

Shapes after Meta's webhook reference of these fields.
"""

from __future__ import annotations

import time
from typing import Any

from flowbuilder.simulator.network import events
from flowbuilder.simulator.world import World

KINDS = {
    "FLAGGED": "Quality is low (flagged)",
    "UNFLAGGED": "Quality is no longer low",
    "ALERT": "Alert: the limit can't be raised yet",
    "REVIEW_APPROVED": "Account review: approved",
    "REVIEW_REJECTED": "Account review: rejected",
    "VIOLATION": "The account broke a policy",
    "RESTRICTED": "May not begin conversations for a day",
    "DISABLED": "The account is closed",
    "REINSTATED": "The account is open again",
}


def announce(world: World, kind: str) -> None:
    """Queue it; ValueError for a kind that there is not."""
    if kind not in KINDS:
        raise ValueError(f"There is no news {kind!r}; there are {', '.join(KINDS)}.")
    field, value = _value(world, kind)
    with world.store.write() as conn:
        events.emit(world, conn, field, value)
    world.more_news.set()


def _value(world: World, kind: str) -> tuple[str, dict[str, Any]]:
    settings = world.settings
    match kind:
        case "FLAGGED" | "UNFLAGGED":
            tier = world.knobs["tier"]
            members = {"current_limit": tier, "max_daily_conversations_per_business": tier}
            return "phone_number_quality_update", {"display_phone_number": settings.number, "event": kind, **members}
        case "ALERT":
            info = {
                "alert_severity": "WARNING",
                "alert_status": "ACTIVE",
                "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED",
                "alert_description": "Messaging limits cannot be increased at this time. Send more, and better, messages first.",
            }
            return "account_alerts", {"entity_type": "BUSINESS", "entity_id": settings.waba_id, "alert_info": info}
        case "REVIEW_APPROVED" | "REVIEW_REJECTED":
            return "account_review_update", {"decision": kind.removeprefix("REVIEW_")}
        case "VIOLATION":
            return "account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SPAM"}}
        case "RESTRICTED":
            rule = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": int(world.clock.now()) + 86_400}
            return "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [rule]}
        case _:
            state = "DISABLE" if kind == "DISABLED" else "REINSTATE"
            day = time.strftime("%B %d, %Y", time.gmtime(world.clock.now()))
            return "account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state, "waba_ban_date": day}}
