"""What Meta tells a business: the ``value`` of every webhook field that the simulator emits, and how one is queued."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from flowbuilder.simulator.codes import status_error
from flowbuilder.simulator.network.subscriptions import is_subscribed
from flowbuilder.simulator.phones.book import contact
from flowbuilder.simulator.sending.limits import TIERS
from flowbuilder.simulator.settings import Settings
from flowbuilder.simulator.world import World

if TYPE_CHECKING:
    from flowbuilder.simulator.reviewer.definition import Definition

# These fields carry the entry's time; messages and user_preferences do not.
TIMED = frozenset(
    {
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
        "template_correct_category_detection",
        "phone_number_quality_update",
        "business_capability_update",
        "account_alerts",
        "account_review_update",
        "account_update",
    }
)


def emit(world: World, conn: sqlite3.Connection, field: str, value: dict[str, Any], *, after: float = 0) -> None:
    """Queue one change for the business; nobody is told when nobody has subscribed. Ring ``more_news`` after the commit."""
    if not is_subscribed(conn):
        return
    now = world.clock.now()
    conn.execute("INSERT INTO webhook (field, value, at, created_at) VALUES (?, ?, ?, ?)", (field, json.dumps(value), now + after, now))


def envelope(settings: Settings) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": settings.number, "phone_number_id": settings.number_id},
    }


def status(world: World, message: sqlite3.Row, name: str, now: float) -> dict[str, Any]:
    """A ``messages`` value with one status; ``message`` is joined with its phone."""
    user_ids = world.knobs["user_ids"]
    entry: dict[str, Any] = {"id": message["wamid"], "status": name, "timestamp": str(int(now)), "recipient_id": message["wa_id"]}
    if user_ids:
        entry["recipient_user_id"] = message["user_id"]
    if message["callback"] is not None:
        entry["biz_opaque_callback_data"] = message["callback"]
    if name in ("sent", "delivered"):
        entry["pricing"] = _pricing(message)
    if name == "failed":
        entry["errors"] = [status_error(message["fail_code"])]
    value = envelope(world.settings)
    if name != "failed" or world.knobs["contacts_on_failed"]:
        value["contacts"] = [contact(message, user_ids=user_ids)]
    value["statuses"] = [entry]
    return value


def _pricing(message: sqlite3.Row) -> dict[str, Any]:
    kind = "free_customer_service" if message["free"] else "regular"
    return {"billable": not message["free"], "pricing_model": "PMP", "type": kind, "category": message["category"].lower()}


def inbound(world: World, phone: sqlite3.Row, wamid: str, now: float, members: dict[str, Any]) -> dict[str, Any]:
    """A ``messages`` value with one message from a person; ``members`` holds type, the type's object and context."""
    user_ids = world.knobs["user_ids"]
    message: dict[str, Any] = {}
    if not (user_ids and phone["username"]):
        message["from"] = phone["wa_id"]
    if user_ids:
        message["from_user_id"] = phone["user_id"]
    message |= {"id": wamid, "timestamp": str(int(now))} | members
    return envelope(world.settings) | {"contacts": [contact(phone, user_ids=user_ids)], "messages": [message]}


def preference(world: World, phone: sqlite3.Row, value: str, now: float) -> dict[str, Any]:
    """A ``user_preferences`` value: a person stops or resumes marketing messages."""
    who = contact(phone, user_ids=world.knobs["user_ids"])
    who.pop("profile")
    detail = f"User requested to {value} marketing messages"
    choice = {"detail": detail, "category": "marketing_messages", "value": value, "timestamp": int(now)}
    return envelope(world.settings) | {"contacts": [who], "user_preferences": [who | choice]}


def template(row: sqlite3.Row, **members: Any) -> dict[str, Any]:
    """The members that every template field begins with. Ids are integers here, strings in answers."""
    return {
        "message_template_id": row["id"],
        "message_template_name": row["name"],
        "message_template_language": row["language"],
    } | members


def components(row: sqlite3.Row, definition: Definition) -> dict[str, Any]:
    """The words of a template after an edit was approved."""
    value = template(row, message_template_element=definition.body)
    header = definition.component("HEADER") or {}
    if header.get("text"):
        value["message_template_title"] = header["text"]
    if definition.footer:
        value["message_template_footer"] = definition.footer
    keys = (("type", "type"), ("text", "text"), ("url", "url"), ("phone_number", "phone_number"))
    buttons = [{f"message_template_button_{to}": button[key] for key, to in keys if button.get(key)} for button in definition.buttons]
    return value | ({"message_template_buttons": buttons} if buttons else {})


def account(world: World, conn: sqlite3.Connection, before: dict[str, Any]) -> None:
    """Tell what changed about the number's speed and reach since ``before``."""
    now, settings = world.knobs.all(), world.settings
    if (now["throughput"] > 80) != (before["throughput"] > 80):
        event = "THROUGHPUT_UPGRADE" if now["throughput"] > 80 else "ONBOARDING"
        value = {"display_phone_number": settings.number, "event": event, "max_daily_conversations_per_business": now["tier"]}
        emit(world, conn, "phone_number_quality_update", value | {"current_limit": now["tier"]})
    if now["tier"] != before["tier"]:
        most = TIERS[now["tier"]]
        value = {"max_daily_conversations_per_business": -1 if most is None else most, "max_phone_numbers_per_waba": 25}
        emit(world, conn, "business_capability_update", value)
