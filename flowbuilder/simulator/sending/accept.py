"""The one way in for messages: checks in Meta's order, then the message is on record before the answer leaves."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.network import statuses
from flowbuilder.simulator.phones import book
from flowbuilder.simulator.phones.numbers import account_of, new_wamid
from flowbuilder.simulator.sending import free_form, template_send
from flowbuilder.simulator.sending.limits import WINDOW
from flowbuilder.simulator.sending.shapes import members, text
from flowbuilder.simulator.store import tally
from flowbuilder.simulator.world import World

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A send whose shape is right."""

    kind: str
    dialled: str
    wa_id: str
    user_id: str
    callback: str | None
    context: str | None


def accept(world: World, body: Body) -> Body:
    """Take a message for delivery; raises the refusal instead. The answer means accepted, not delivered."""
    outgoing = _shape(world, body)
    _recipient(world, outgoing)
    world.limits.take_throughput()
    template = template_send.find(world.store, members(body.get("template"), "template")) if outgoing.kind == "template" else None
    content = _content(world, outgoing, template, body)
    if template is not None and template["category"] == "AUTHENTICATION" and outgoing.user_id:
        raise GraphError(131062, "Authentication templates cannot be sent to a business-scoped user ID.")
    with world.store.write() as conn:
        wamid = _record(world, conn, outgoing, template, content)
        if template is not None and (called := template_send.called(body["template"])):
            book.rename(conn, outgoing.wa_id, called)
    world.more_due.set()
    return _answer(outgoing, wamid, is_template=template is not None)


def _shape(world: World, body: Body) -> Outgoing:
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "(#100) The parameter messaging_product is required.")
    if body.get("recipient_type", "individual") != "individual":
        raise GraphError(100, "recipient_type must be individual.")
    kind = body.get("type") or "text"
    if not isinstance(kind, str):
        raise GraphError(100, "Param type must be a string.")
    callback = body.get("biz_opaque_callback_data")
    if callback is not None:
        text(callback, "biz_opaque_callback_data", 512)
    context = body.get("context")
    quoted = text(members(context, "context").get("message_id"), "context.message_id", 512) if context else None
    dialled, user_id = body.get("to"), body.get("recipient")
    if user_id and not dialled:
        phone = world.store.row("SELECT wa_id FROM phone WHERE user_id = ?", (text(user_id, "recipient", 160),))
        if phone is None:
            raise GraphError(131009, f"recipient {user_id} is not a known business-scoped user ID.")
        return Outgoing(kind=kind, dialled=user_id, wa_id=phone["wa_id"], user_id=user_id, callback=callback, context=quoted)
    if isinstance(dialled, int) and not isinstance(dialled, bool):
        dialled = str(dialled)
    dialled = text(dialled, "to", 64)
    return Outgoing(kind=kind, dialled=dialled, wa_id=account_of(dialled), user_id="", callback=callback, context=quoted)


def _recipient(world: World, outgoing: Outgoing) -> None:
    if outgoing.wa_id == world.settings.number:
        raise GraphError(131021, "Recipient phone number cannot be the sender's phone number.")
    allowed = world.knobs["allowed_recipients"]
    if allowed and outgoing.wa_id not in {account_of(f"+{str(number).removeprefix('+')}") for number in allowed}:
        raise GraphError(131030, "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.")


def _content(world: World, outgoing: Outgoing, template: sqlite3.Row | None, body: Body) -> Body:
    if template is not None:
        return template_send.fill(world.store, template, body["template"])
    if outgoing.kind == "contacts":
        return free_form.read_contacts(body)
    return free_form.read(world.store, outgoing.kind, body)


def _record(world: World, conn: sqlite3.Connection, outgoing: Outgoing, template: sqlite3.Row | None, content: Body) -> str:
    now = world.clock.now()
    phone = book.reach(conn, outgoing.wa_id, outgoing.dialled, now)
    world.limits.take_pair(conn, phone)
    is_open = phone["wrote_at"] > now - WINDOW
    if template is None and not is_open and world.knobs["outside_window"] == "refused":
        raise GraphError(131047, "More than 24 hours have passed since the recipient last replied to the sender number.")
    if template is not None and not is_open:
        world.limits.take_reach(conn, phone)
    category = template["category"] if template is not None else "service"
    code = _verdict(world, phone, template, outgoing, is_open=is_open)
    wamid = new_wamid(outgoing.wa_id, inbound=False)
    row = conn.execute(
        "INSERT INTO message (wamid, wa_id, inbound, kind, content, dialled, callback, context, category, free, status, fail_code, "
        "created_at) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, 'accepted', ?, ?)",
        (
            *(wamid, outgoing.wa_id, content["kind"], json.dumps(content, ensure_ascii=False), outgoing.dialled),
            *(outgoing.callback, outgoing.context, category, int(is_open and category != "MARKETING"), code, now),
        ),
    )
    first = "failed" if code == 131047 else "sent"
    statuses.plan(conn, row.lastrowid, first, now + world.knobs["sent_after"])
    if content["kind"] != "reaction" and code is None:
        conn.execute(
            "UPDATE phone SET shown_at = ?, last_text = ?, last_status = 'in' WHERE wa_id = ?",
            (now, statuses.preview(content), outgoing.wa_id),
        )
    tally(conn, "accepted")
    return wamid


def _verdict(world: World, phone: sqlite3.Row, template: sqlite3.Row | None, outgoing: Outgoing, *, is_open: bool) -> int | None:
    """The code a message will fail with although it is accepted, if it will."""
    if template is None and not is_open:
        return 131047
    if rule := world.faults.strike("fail", outgoing.callback or outgoing.dialled, outgoing.wa_id):
        return rule.code
    if phone["blocked"]:
        return 131026
    if template is not None and template["category"] == "MARKETING" and phone["stopped"]:
        return 131050
    return None


def _answer(outgoing: Outgoing, wamid: str, *, is_template: bool) -> Body:
    contact = {"input": outgoing.dialled} | ({"user_id": outgoing.user_id} if outgoing.user_id else {"wa_id": outgoing.wa_id})
    message = {"id": wamid} | ({"message_status": "accepted"} if is_template else {})
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}


def mark_read(world: World, body: Body) -> Body:
    """The business has read (and perhaps is typing an answer to) a message from a person."""
    if body.get("status") != "read":
        raise GraphError(100, "Param status must be one of {read}.")
    wamid = text(body.get("message_id"), "message_id", 512)
    typing = body.get("typing_indicator")
    if typing is not None and members(typing, "typing_indicator").get("type") != "text":
        raise GraphError(131009, "typing_indicator.type must be text.")
    with world.store.write() as conn:
        done = conn.execute("UPDATE message SET status = 'read', read_at = ? WHERE wamid = ? AND inbound = 1", (world.clock.now(), wamid))
        if not done.rowcount:
            raise GraphError(131009, f"Message {wamid} was not found.")
    return {"success": True}
