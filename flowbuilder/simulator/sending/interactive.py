"""Interactive messages: reply buttons, lists, link buttons, flows and requests for a location."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.sending.media import media_of
from flowbuilder.simulator.sending.shapes import invalid, items, link, members, missing, text, unique
from flowbuilder.simulator.store import Store

Content = dict[str, Any]


def interactive(store: Store, value: Content) -> Content:
    """Read an interactive object of any kind."""
    kind = text(value.get("type"), "interactive.type", 64)
    if kind not in _ACTIONS:
        raise GraphError(131009, f"Interactive type {kind} is not supported.")
    longest = 4096 if kind == "list" else 1024
    content: Content = {
        "kind": kind,
        "body": text(members(value.get("body"), "interactive.body").get("text"), "interactive.body.text", longest),
    }
    if value.get("header") is not None:
        content["header"] = _header(store, kind, members(value["header"], "interactive.header"))
    if value.get("footer") is not None:
        content["footer"] = text(members(value["footer"], "interactive.footer").get("text"), "interactive.footer.text", 60)
    return content | _ACTIONS[kind](members(value.get("action"), "interactive.action"))


def _header(store: Store, kind: str, header: Content) -> Content:
    shape = text(header.get("type"), "interactive.header.type", 20)
    if shape == "text":
        return {"kind": "text", "body": text(header.get("text"), "interactive.header.text", 60)}
    if kind == "list" or shape not in ("image", "video", "document"):
        raise invalid(f"Header type {shape} is not allowed in interactive type {kind}.")
    return media_of(store, shape, members(header.get(shape), f"interactive.header.{shape}"))


def _buttons(action: Content) -> Content:
    buttons = items(action.get("buttons"), "interactive.action.buttons")
    if not 1 <= len(buttons) <= 3:
        raise invalid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
    replies = []
    for button in buttons:
        if members(button, "button").get("type", "reply") != "reply":
            raise invalid("Button type must be reply.")
        reply = members(button.get("reply"), "button.reply")
        title = text(reply.get("title"), "button.reply.title", 10_000)
        if len(title) > 20:
            raise invalid("Button title exceeds 20 characters")
        replies.append({"type": "reply", "id": text(reply.get("id"), "button.reply.id", 256), "text": title})
    unique([reply["id"] for reply in replies], "button id")
    unique([reply["text"] for reply in replies], "button title")
    return {"buttons": replies}


def _list(action: Content) -> Content:
    sections = items(action.get("sections"), "interactive.action.sections")
    if not 1 <= len(sections) <= 10:
        raise invalid("Invalid sections count. Min allowed sections: 1, Max allowed sections: 10")
    read = [_section(members(section, "section"), titled=len(sections) > 1) for section in sections]
    rows = [row for section in read for row in section["rows"]]
    if len(rows) > 10:
        raise invalid("Total row count exceed max allowed count: 10")
    unique([row["id"] for row in rows], "row id")
    return {"button": text(action.get("button"), "interactive.action.button", 20), "sections": read}


def _section(section: Content, *, titled: bool) -> Content:
    title = text(section.get("title"), "section.title", 24, required=titled)
    rows = [members(row, "row") for row in items(section.get("rows"), "section.rows")]
    if not rows:
        raise missing("section.rows")
    return {
        "title": title,
        "rows": [
            {
                "id": text(row.get("id"), "row.id", 200),
                "title": text(row.get("title"), "row.title", 24),
                "description": text(row.get("description"), "row.description", 72, required=False),
            }
            for row in rows
        ],
    }


def _cta_url(action: Content) -> Content:
    parameters = members(action.get("parameters"), "interactive.action.parameters")
    label = text(parameters.get("display_text"), "parameters.display_text", 20)
    return {"buttons": [{"type": "url", "text": label, "url": link(parameters.get("url"), "parameters.url")}]}


def _flow(action: Content) -> Content:
    parameters = members(action.get("parameters"), "interactive.action.parameters")
    if not (parameters.get("flow_id") or parameters.get("flow_name")):
        raise missing("parameters.flow_id")
    if parameters.get("flow_action", "navigate") not in ("navigate", "data_exchange"):
        raise invalid("flow_action must be navigate or data_exchange.")
    return {"buttons": [{"type": "flow", "text": text(parameters.get("flow_cta"), "parameters.flow_cta", 30)}]}


def _location_request(action: Content) -> Content:
    if action.get("name") != "send_location":
        raise invalid("action.name must be send_location.")
    return {"buttons": [{"type": "location", "text": "Send location"}]}


_ACTIONS: dict[str, Callable[[Content], Content]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _cta_url,
    "flow": _flow,
    "location_request_message": _location_request,
}
