"""The way of a message that was accepted: sent, delivered, read, or failed; each step told to the business."""

from __future__ import annotations

import random
import sqlite3

from flowbuilder.simulator.network import events
from flowbuilder.simulator.world import World

_AT_ONCE = 400
_RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 9}

_DUE = """
SELECT m.id, m.wamid, m.wa_id, m.callback, m.category, m.free, m.status, m.fail_code, m.kind, m.dialled,
       d.step, d.at, p.user_id, p.name, p.username, p.online, p.watched_until
FROM due d JOIN message m ON m.id = d.message_id JOIN phone p ON p.wa_id = m.wa_id
WHERE d.at <= ? ORDER BY d.at, d.message_id LIMIT ?
"""


def plan(conn: sqlite3.Connection, message_id: int, step: str, at: float) -> None:
    """Say what happens to a message next; a message has one next step at most."""
    conn.execute("INSERT OR REPLACE INTO due (message_id, at, step) VALUES (?, ?, ?)", (message_id, at, step))


def pause(world: World) -> float:
    """Seconds until something is due, for the beat to sleep."""
    status_at = world.store.value("SELECT min(at) FROM due")
    review_at = world.store.value("SELECT min(review_at) FROM template WHERE review_at IS NOT NULL")
    at = min((value for value in (status_at, review_at) if value is not None), default=None)
    return 2.0 if at is None else min(2.0, max(0.005, at - world.clock.now()))


def move_due(world: World) -> int:
    """Take every message whose time has come one step on; returns how many there were."""
    now = world.clock.now()
    if not world.store.row("SELECT 1 FROM due WHERE at <= ?", (now,)):
        return 0
    with world.store.write() as conn:
        rows = conn.execute(_DUE, (now, _AT_ONCE)).fetchall()
        for row in rows:
            _move(world, conn, row, now)
    world.more_news.set()
    return len(rows)


def _move(world: World, conn: sqlite3.Connection, row: sqlite3.Row, now: float) -> None:
    step = row["step"]
    conn.execute("DELETE FROM due WHERE message_id = ?", (row["id"],))
    if _RANK[row["status"]] >= _RANK[step]:
        return
    if step == "delivered" and not row["online"]:
        return  # stays "sent"; coming online plans it anew
    if step == "failed":
        conn.execute("UPDATE message SET status = 'failed' WHERE id = ?", (row["id"],))
    else:
        conn.execute(f"UPDATE message SET status = ?, {step}_at = ? WHERE id = ?", (step, now, row["id"]))
    tell(world, conn, row, step, now)
    if follow := _next(world, row, step, now):
        plan(conn, row["id"], *follow)


def _next(world: World, row: sqlite3.Row, step: str, now: float) -> tuple[str, float] | None:
    knobs = world.knobs
    if step == "sent":
        return ("failed", now) if row["fail_code"] else ("delivered", now + knobs["delivered_after"])
    if step != "delivered":
        return None
    if row["watched_until"] > now:
        return "read", now
    chance = random.Random(f"{knobs['seed']}:read:{row['callback'] or row['dialled']}:{row['kind']}").random()
    return ("read", now + knobs["read_after"]) if chance < knobs["auto_read"] else None


def tell(world: World, conn: sqlite3.Connection, row: sqlite3.Row, step: str, now: float) -> None:
    """Queue the webhook of one status, as often and as late as the faults want."""
    value = events.status(world, row, step, now)
    for after in world.faults.journeys(f"{row['callback'] or row['dialled']}:{step}"):
        events.emit(world, conn, "messages", value, after=after)


def read_all(world: World, conn: sqlite3.Connection, wa_id: str, now: float) -> None:
    """Somebody looks at the chat: whatever has arrived is read now."""
    conn.execute(
        "INSERT OR REPLACE INTO due (message_id, at, step) "
        "SELECT id, ?, 'read' FROM message WHERE wa_id = ? AND inbound = 0 AND status = 'delivered'",
        (now, wa_id),
    )


def deliver_waiting(conn: sqlite3.Connection, wa_id: str, now: float) -> None:
    """A phone comes online: what waited for it is delivered."""
    conn.execute(
        "INSERT OR REPLACE INTO due (message_id, at, step) "
        "SELECT id, ?, 'delivered' FROM message WHERE wa_id = ? AND inbound = 0 AND status = 'sent' AND fail_code IS NULL",
        (now, wa_id),
    )


def preview(content: dict) -> str:
    """One line of a message for the list of chats."""
    text = content.get("body") or content.get("caption") or content.get("name") or f"[{content['kind']}]"
    return " ".join(str(text).split())[:90]
