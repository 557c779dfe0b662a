"""Where webhooks shall go: ``subscribed_apps`` of the account, ``subscriptions`` of the app, overrides of a number."""

from __future__ import annotations

from typing import Any

from flask import Response

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.graph_api import body, graph, reply, unknown
from flowbuilder.simulator.network.subscriptions import subscribe, unsubscribe
from flowbuilder.simulator.world import world


@graph.post("/<int:node>/subscribed_apps")
def subscribe_app(node: int) -> Response:
    _account_only(node)
    document = body()
    if document.get("override_callback_uri"):
        override(str(node), document)
    else:
        unsubscribe(world().store, str(node))
    return reply({"success": True})


@graph.get("/<int:node>/subscribed_apps")
def subscribed_apps(node: int) -> Response:
    _account_only(node)
    here = world()
    app = {"id": here.settings.app_id, "name": "FlowBuilder", "link": "http://127.0.0.1/"}
    entry: dict[str, Any] = {"whatsapp_business_api_data": app}
    row = here.store.row("SELECT url FROM subscription WHERE node = ?", (str(node),))
    if row is not None and row["url"]:
        entry["override_callback_uri"] = row["url"]
    return reply({"data": [entry]})


@graph.delete("/<int:node>/subscribed_apps")
def unsubscribe_app(node: int) -> Response:
    _account_only(node)
    unsubscribe(world().store, str(node))
    return reply({"success": True})


@graph.post("/<int:node>/subscriptions")
def subscribe_fields(node: int) -> Response:
    """The app's own callback, the last in precedence."""
    here = world()
    if str(node) != here.settings.app_id:
        raise unknown(str(node))
    document = body()
    if document.get("object") != "whatsapp_business_account":
        raise GraphError(100, "Param object must be whatsapp_business_account.")
    override(str(node), {"override_callback_uri": document.get("callback_url"), "verify_token": document.get("verify_token")})
    return reply({"success": True})


@graph.get("/<int:node>/subscriptions")
def subscriptions(node: int) -> Response:
    here = world()
    if str(node) != here.settings.app_id:
        raise unknown(str(node))
    row = here.store.row("SELECT url FROM subscription WHERE node = ?", (str(node),))
    data = [{"object": "whatsapp_business_account", "callback_url": row["url"], "active": True, "fields": []}] if row else []
    return reply({"data": data})


def override(node: str, document: dict[str, Any]) -> None:
    """Set or (by an empty address) take back the callback of a node; the handshake comes first."""
    url, token = document.get("override_callback_uri") or "", document.get("verify_token") or ""
    if not isinstance(url, str) or not isinstance(token, str):
        raise GraphError(100, "override_callback_uri and verify_token must be strings.")
    if not url:
        unsubscribe(world().store, node)
        return
    if not token:
        raise GraphError(100, "Param verify_token is required with a callback URL.")
    subscribe(world().store, node, url, token)


def _account_only(node: int) -> None:
    if str(node) != world().settings.waba_id:
        raise unknown(str(node))
