"""Reads of the phone number, the business account and the app, and the calls that hang on their ids."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from flowbuilder.simulator.graph_api import app_token, body, chosen, graph, reply, templates, unknown, uploads
from flowbuilder.simulator.graph_api.subscriptions import override
from flowbuilder.simulator.world import world

_NUMBER_DEFAULT = (
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "webhook_configuration",
)


@graph.get("/<int:node>")
def read(node: int) -> Response:
    """One object by its id, whichever it is."""
    settings = world().settings
    name = str(node)
    if name == settings.number_id:
        return reply(chosen(number(), _NUMBER_DEFAULT))
    if name == settings.waba_id:
        return reply(chosen(account(), ("name", "timezone_id", "message_template_namespace")))
    if name == settings.app_id:
        return reply(chosen({"id": settings.app_id, "name": "FlowBuilder Simulator", "link": "http://127.0.0.1/"}))
    return templates.read_one(node) or uploads.read_media(name)


@graph.post("/<int:node>")
def write(node: int) -> Response:
    """Settings of the number, or an edit of a template."""
    settings = world().settings
    if str(node) == settings.number_id:
        configuration = body().get("webhook_configuration")
        if isinstance(configuration, dict):
            override(settings.number_id, configuration)
        return reply({"success": True})
    if str(node) == settings.waba_id:
        return reply({"success": True})
    return templates.edit_one(node)


@graph.delete("/<int:node>")
def remove(node: int) -> Response:
    return uploads.delete_media(str(node))


@graph.get("/<int:node>/phone_numbers")
def phone_numbers(node: int) -> Response:
    _account_only(node)
    data = [chosen(number(), _NUMBER_DEFAULT)]
    return reply({"data": data, "paging": {"cursors": {"before": "QVFI", "after": "QVFI"}}})


@graph.post("/<int:node>/register")
@graph.post("/<int:node>/deregister")
def register_number(node: int) -> Response:
    if str(node) != world().settings.number_id:
        raise unknown(str(node))
    return reply({"success": True})


@graph.get("/<int:node>/whatsapp_business_profile")
def business_profile(node: int) -> Response:
    if str(node) != world().settings.number_id:
        raise unknown(str(node))
    profile = {"messaging_product": "whatsapp", "about": "A business that only exists on your desk.", "websites": [], "vertical": "OTHER"}
    return reply({"data": [profile]})


@graph.get("/debug_token")
def debug_token() -> Response:
    settings = world().settings
    data = {"app_id": settings.app_id, "type": "SYSTEM_USER", "application": "FlowBuilder Simulator", "expires_at": 0, "is_valid": True}
    return reply({"data": data | {"scopes": ["whatsapp_business_management", "whatsapp_business_messaging"]}})


@graph.get("/oauth/access_token", endpoint="app_access_token")
def access_token() -> Response:
    return reply({"access_token": app_token(), "token_type": "bearer"})


def number() -> dict[str, Any]:
    here = world()
    settings, knobs = here.settings, here.knobs
    level = "HIGH" if knobs["throughput"] > 80 else "STANDARD"
    row = here.store.row("SELECT url FROM subscription WHERE node = ?", (settings.number_id,))
    return {
        "id": settings.number_id,
        "display_phone_number": settings.display_number,
        "verified_name": settings.verified_name,
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": level},
        "account_mode": "SANDBOX" if knobs["allowed_recipients"] else "LIVE",
        "is_official_business_account": False,
        "is_pin_enabled": False,
        "whatsapp_business_manager_messaging_limit": knobs["tier"],
        "messaging_limit_tier": knobs["tier"],
        "webhook_configuration": {"phone_number": row["url"]} if row else {},
        "health_status": {"can_send_message": "AVAILABLE", "entities": _health()},
    }


def account() -> dict[str, Any]:
    settings = world().settings
    return {
        "id": settings.waba_id,
        "name": settings.verified_name,
        "timezone_id": "1",
        "currency": "USD",
        "message_template_namespace": "b4a1c0de_5eed_4f10_9a11_000000000001",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "whatsapp_business_manager_messaging_limit": world().knobs["tier"],
        "health_status": {"can_send_message": "AVAILABLE", "entities": _health()},
    }


def _health() -> list[dict[str, str]]:
    settings = world().settings
    entities = (("PHONE_NUMBER", settings.number_id), ("WABA", settings.waba_id), ("APP", settings.app_id))
    return [{"entity_type": kind, "id": node, "can_send_message": "AVAILABLE"} for kind, node in entities]


def _account_only(node: int) -> None:
    if str(node) != world().settings.waba_id:
        raise unknown(str(node))


@graph.errorhandler(404)
def nothing_here(error: Exception) -> Response:
    raise unknown(request.path)
