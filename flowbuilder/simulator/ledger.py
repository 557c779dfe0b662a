"""The truth about what was accepted: counts for tests that look for lost and doubled messages."""

from __future__ import annotations

from typing import Any

from flowbuilder.simulator.store import Store


def summary(store: Store) -> dict[str, Any]:
    """How much was accepted, refused (by code) and how far it came."""
    tallies = {row["name"]: row["count"] for row in store.rows("SELECT name, count FROM tally")}
    return {
        "accepted": store.value("SELECT count(*) FROM message WHERE inbound = 0"),
        "received": store.value("SELECT count(*) FROM message WHERE inbound = 1"),
        "recipients": store.value("SELECT count(DISTINCT wa_id) FROM message WHERE inbound = 0"),
        "statuses": {row[0]: row[1] for row in store.rows("SELECT status, count(*) FROM message WHERE inbound = 0 GROUP BY status")},
        "refused": {name.removeprefix("refused "): count for name, count in sorted(tallies.items()) if name.startswith("refused ")},
        "webhooks_waiting": store.value("SELECT count(*) FROM webhook"),
        "doubled": len(counts(store, "callback", doubled=True)),
    }


def counts(store: Store, by: str, *, doubled: bool = False) -> dict[str, int]:
    """Accepted messages by what the client called them (``callback``) or by recipient (``wa_id``); ``doubled``: only more than one."""
    column = {"callback": "callback", "recipient": "wa_id"}[by]
    having = "HAVING count(*) > 1" if doubled else ""
    rows = store.rows(
        f"SELECT {column}, count(*) FROM message WHERE inbound = 0 AND {column} IS NOT NULL GROUP BY {column} {having} ORDER BY {column}"
    )
    return {row[0]: row[1] for row in rows}


def messages(store: Store, *, after: int = 0, limit: int = 500, search: str = "") -> list[dict[str, Any]]:
    """Accepted messages in the order of acceptance."""
    where, values = "", []
    if search:
        where, values = "AND (instr(wa_id, ?) OR callback = ? OR wamid = ?)", [search.lstrip("+"), search, search]
    rows = store.rows(
        "SELECT id, wamid, wa_id, dialled, kind, callback, category, status, fail_code, created_at FROM message "
        f"WHERE inbound = 0 AND id > ? {where} ORDER BY id LIMIT ?",
        [after, *values, limit],
    )
    return [dict(row) for row in rows]


def latest(store: Store, *, before: int | None, search: str, limit: int) -> list[dict[str, Any]]:
    """Accepted messages for the page, the newest first."""
    where, values = "", []
    if before:
        where, values = "AND id < ?", [before]
    if search:
        where += " AND (instr(wa_id, ?) OR callback = ? OR wamid = ?)"
        values += [search.lstrip("+").replace(" ", ""), search, search]
    rows = store.rows(f"SELECT * FROM message WHERE inbound = 0 {where} ORDER BY id DESC LIMIT ?", [*values, limit])
    return [dict(row) for row in rows]
