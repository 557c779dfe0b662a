"""A chat as data for the page: bubbles, notes between them, and what the phone's owner may know."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from flowbuilder.simulator.codes import CODES
from flowbuilder.simulator.phones.numbers import pretty
from flowbuilder.simulator.sending.limits import WINDOW
from flowbuilder.simulator.store import Store
from flowbuilder.simulator.web.markup import plain

LAST = 120


def items(store: Store, wa_id: str) -> list[dict[str, Any]]:
    """The end of the chat, oldest first: days, bubbles, and notes about what did not arrive (yet)."""
    rows = store.rows("SELECT * FROM (SELECT * FROM message WHERE wa_id = ? ORDER BY id DESC LIMIT ?) ORDER BY id", (wa_id, LAST))
    quoted = {row["wamid"]: json.loads(row["content"]) for row in rows}
    result: list[dict[str, Any]] = []
    waiting, day = 0, ""
    for row in rows:
        if not row["inbound"] and row["status"] in ("accepted", "sent"):
            waiting += 1
            continue
        if (today := time.strftime("%A, %d %B", time.localtime(row["created_at"]))) != day:
            day = today
            result.append({"type": "day", "text": "Today" if day == time.strftime("%A, %d %B") else day})
        result.append(_failure(row) if row["status"] == "failed" else _bubble(row, quoted))
    if waiting:
        one = "1 message is" if waiting == 1 else f"{waiting} messages are"
        result.append({"type": "note", "text": f"{one} on the way."})
    return result


def _bubble(row: sqlite3.Row, quoted: dict[str, Any]) -> dict[str, Any]:
    content = json.loads(row["content"])
    return {
        "type": "bubble",
        "id": row["wamid"],
        "mine": bool(row["inbound"]),
        "content": content,
        "quoted": _quote(quoted.get(row["context"])) if row["inbound"] or row["kind"] != "reaction" else "",
        "tapped": row["tapped"],
        "status": row["status"],
        "time": time.strftime("%H:%M", time.localtime(row["created_at"])),
    }


def _quote(content: dict[str, Any] | None) -> str:
    return plain(content.get("body") or content.get("caption") or content["kind"].capitalize()) if content else ""


def _failure(row: sqlite3.Row) -> dict[str, Any]:
    title = CODES.get(row["fail_code"], (0, "It failed"))[1].rstrip(".")
    return {"type": "failure", "text": f"A message did not arrive here: {row['fail_code']} {title}."}


def header(store: Store, phone: sqlite3.Row, now: float) -> dict[str, Any]:
    """What stands above and beside the chat."""
    left = phone["wrote_at"] + WINDOW - now
    return {
        "wa_id": phone["wa_id"],
        "number": pretty(phone["wa_id"]),
        "dialled": pretty(phone["dialled"]) if phone["dialled"].isdigit() and phone["dialled"] != phone["wa_id"] else "",
        "name": phone["name"],
        "user_id": phone["user_id"],
        "username": phone["username"],
        "online": bool(phone["online"]),
        "blocked": bool(phone["blocked"]),
        "stopped": bool(phone["stopped"]),
        "window": f"open for {_duration(left)}" if left > 0 else "closed: only templates arrive",
        "is_open": left > 0,
        "messages": store.value("SELECT count(*) FROM message WHERE wa_id = ?", (phone["wa_id"],)),
    }


def _duration(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def list_item(phone: sqlite3.Row, now: float) -> dict[str, Any]:
    """A line in the list of chats."""
    at = time.localtime(phone["shown_at"])
    same_day = now - phone["shown_at"] < 86_400 and time.localtime(now)[7] == at[7]
    return {
        "wa_id": phone["wa_id"],
        "name": phone["name"],
        "number": pretty(phone["wa_id"]),
        "initials": "".join(word[0] for word in phone["name"].split()[:2]),
        "tint": int(phone["wa_id"][-2:]) % 6,
        "last": plain(phone["last_text"]) or "No messages yet",
        "mine": phone["last_status"] == "out",
        "unread": phone["unread_now"],
        "online": bool(phone["online"]),
        "blocked": bool(phone["blocked"]),
        "time": time.strftime("%H:%M" if same_day else "%d %b", at),
    }
