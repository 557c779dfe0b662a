"""What a person does with the phone; the business learns of it by webhook, as it would."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from flowbuilder.simulator.network import events, statuses
from flowbuilder.simulator.phones import book
from flowbuilder.simulator.phones.numbers import account_of, new_wamid
from flowbuilder.simulator.world import World

Content = dict[str, Any]
_LOOK = 3.0
"""Seconds that a look at a chat lasts; a page that is seen looks again every 1.2."""


class Refused(Exception):
    """The person cannot do that; the sentence says why."""


def open_phone(world: World, number: str) -> str:
    """Take a phone into the hand, new or known; returns its account."""
    wa_id = account_of(number if number.startswith("+") else f"+{number}")
    if wa_id == world.settings.number:
        raise Refused("This is the number of the business itself; choose another one.")
    with world.store.write() as conn:
        book.reach(conn, wa_id, number, world.clock.now())
    return wa_id


def say(world: World, wa_id: str, text: str, *, quoting: str | None = None) -> str:
    """Type and send a text."""
    text = text.strip()
    if not 1 <= len(text) <= 4096:
        raise Refused("Type a message of at most 4096 characters.")
    members: Content = {"type": "text", "text": {"body": text}}
    return send(world, wa_id, {"kind": "text", "body": text}, members, quoting)


def tap(world: World, wa_id: str, wamid: str, choice: str) -> str:
    """Tap a quick reply, a reply button or a row of a list, by its title or its id."""
    row = world.store.row("SELECT * FROM message WHERE wamid = ? AND wa_id = ? AND inbound = 0", (wamid, wa_id))
    if row is None:
        raise Refused("That message is not in this chat.")
    content = json.loads(row["content"])
    reply, shown = _reply(content, choice)
    sent = send(world, wa_id, shown, reply, wamid)
    with world.store.write() as conn:
        conn.execute("UPDATE message SET tapped = ? WHERE id = ?", (shown["body"], row["id"]))
    return sent


def tap_latest(world: World, wa_id: str, choice: str) -> str:
    """Tap what the newest message that offers this choice offers."""
    rows = world.store.rows("SELECT wamid, content FROM message WHERE wa_id = ? AND inbound = 0 ORDER BY id DESC LIMIT 50", (wa_id,))
    for row in rows:
        try:
            _reply(json.loads(row["content"]), choice)
        except Refused:
            continue
        return tap(world, wa_id, row["wamid"], choice)
    raise Refused(f"No message in this chat offers {choice!r}.")


def _reply(content: Content, choice: str) -> tuple[Content, Content]:
    """The webhook's members and the person's own bubble for one choice."""
    for button in content.get("buttons", ()):
        if choice not in (button["text"], button.get("id"), button.get("payload")):
            continue
        if button["type"] == "quick_reply":
            return {"type": "button", "button": {"payload": button["payload"], "text": button["text"]}}, {
                "kind": "tap",
                "body": button["text"],
            }
        if button["type"] == "reply":
            reply = {"type": "button_reply", "button_reply": {"id": button["id"], "title": button["text"]}}
            return {"type": "interactive", "interactive": reply}, {"kind": "tap", "body": button["text"]}
    for row in (row for section in content.get("sections", ()) for row in section["rows"]):
        if choice in (row["title"], row["id"]):
            chosen = {name: row[name] for name in ("id", "title", "description") if row.get(name)}
            shown = {"kind": "tap", "body": row["title"], "description": row.get("description", "")}
            return {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": chosen}}, shown
    raise Refused(f"That message does not offer {choice!r}.")


def share_location(world: World, wa_id: str, latitude: float, longitude: float, name: str = "") -> str:
    place = {"latitude": latitude, "longitude": longitude} | ({"name": name} if name else {})
    return send(world, wa_id, {"kind": "location", "body": "", **place}, {"type": "location", "location": place}, None)


def react(world: World, wa_id: str, wamid: str, emoji: str) -> str:
    reaction = {"message_id": wamid} | ({"emoji": emoji} if emoji else {})
    return send(world, wa_id, {"kind": "reaction", "target": wamid, "body": emoji}, {"type": "reaction", "reaction": reaction}, None)


def send_unsupported(world: World, wa_id: str) -> str:
    """Send something the API has no words for (a poll, for one)."""
    error = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}
    error["error_data"] = {"details": "Message type is currently not supported."}
    members = {"type": "unsupported", "errors": [error], "unsupported": {"type": "poll"}}
    return send(world, wa_id, {"kind": "unsupported", "body": "Poll"}, members, None)


def send(world: World, wa_id: str, content: Content, members: Content, quoting: str | None) -> str:
    """Put what the person said into the chat, and tell the business of it."""
    now = world.clock.now()
    wamid = new_wamid(wa_id, inbound=True)
    with world.store.write() as conn:
        phone = _phone(conn, wa_id)
        if phone["blocked"]:
            raise Refused("This phone has blocked the business. Unblock it to write.")
        if not phone["online"]:
            raise Refused("This phone is offline. Switch it online to write.")
        if quoting:
            members = {"context": {"from": world.settings.number, "id": quoting}} | members
        conn.execute(
            "INSERT INTO message (wamid, wa_id, inbound, kind, content, context, status, created_at) VALUES (?, ?, 1, ?, ?, ?, 'sent', ?)",
            (wamid, wa_id, content["kind"], json.dumps(content, ensure_ascii=False), quoting, now),
        )
        conn.execute(
            "UPDATE phone SET wrote_at = ?, shown_at = ?, last_text = ?, last_status = 'out' WHERE wa_id = ?",
            (now, now, statuses.preview(content), wa_id),
        )
        statuses.read_all(world, conn, wa_id, now)  # who answers has read
        value = events.inbound(world, phone, wamid, now, members)
        for after in world.faults.journeys(f"{wa_id}:{members['type']}"):
            events.emit(world, conn, "messages", value, after=after)
    world.more_due.set()
    world.more_news.set()
    return wamid


def block(world: World, wa_id: str, *, blocked: bool) -> None:
    """Meta tells nobody; the business only sees that nothing arrives."""
    with world.store.write() as conn:
        _phone(conn, wa_id)
        conn.execute("UPDATE phone SET blocked = ? WHERE wa_id = ?", (int(blocked), wa_id))


def stop_marketing(world: World, wa_id: str, *, stopped: bool) -> None:
    """Stop or resume offers and announcements."""
    with world.store.write() as conn:
        phone = _phone(conn, wa_id)
        conn.execute("UPDATE phone SET stopped = ? WHERE wa_id = ?", (int(stopped), wa_id))
        value = events.preference(world, phone, "stop" if stopped else "resume", world.clock.now())
        events.emit(world, conn, "user_preferences", value)
    world.more_news.set()


def go_online(world: World, wa_id: str, *, online: bool) -> None:
    """Offline phones get nothing; what waited arrives when they are back."""
    with world.store.write() as conn:
        _phone(conn, wa_id)
        conn.execute("UPDATE phone SET online = ? WHERE wa_id = ?", (int(online), wa_id))
        if online:
            statuses.deliver_waiting(conn, wa_id, world.clock.now())
    world.more_due.set()


def name_user(world: World, wa_id: str, username: str) -> None:
    """People with a username keep their number to themselves: webhooks then carry the user id alone."""
    with world.store.write() as conn:
        _phone(conn, wa_id)
        conn.execute("UPDATE phone SET username = ? WHERE wa_id = ?", (username.strip()[:64], wa_id))


def watch(world: World, phone: sqlite3.Row) -> None:
    """Somebody looks at the chat: what lies there, and what arrives in the next moments, is read at once."""
    now = world.clock.now()
    if phone["watched_until"] > now + _LOOK / 2:
        return
    with world.store.write() as conn:
        conn.execute("UPDATE phone SET watched_until = ? WHERE wa_id = ?", (now + _LOOK, phone["wa_id"]))
        if phone["online"]:
            statuses.read_all(world, conn, phone["wa_id"], now)
    world.more_due.set()


def _phone(conn: sqlite3.Connection, wa_id: str) -> sqlite3.Row:
    row = conn.execute("SELECT * FROM phone WHERE wa_id = ?", (wa_id,)).fetchone()
    if row is None:
        raise Refused("There is no such phone; open it first.")
    return row
