"""The phone book: one row for every person that was ever written to or opened."""

from __future__ import annotations

import sqlite3
from typing import Any

from flowbuilder.simulator.phones.numbers import account_of, name_of, user_id_of
from flowbuilder.simulator.store import Store


def reach(conn: sqlite3.Connection, wa_id: str, dialled: str, now: float) -> sqlite3.Row:
    """The phone of an account; it is there from the first moment that somebody asks for it."""
    row = conn.execute("SELECT * FROM phone WHERE wa_id = ?", (wa_id,)).fetchone()
    if row is not None:
        return row
    conn.execute(
        "INSERT INTO phone (wa_id, dialled, user_id, name, shown_at) VALUES (?, ?, ?, ?, ?)",
        (wa_id, "".join(c for c in dialled if c.isdigit()), user_id_of(wa_id), name_of(wa_id), now),
    )
    return conn.execute("SELECT * FROM phone WHERE wa_id = ?", (wa_id,)).fetchone()


def rename(conn: sqlite3.Connection, wa_id: str, called: str) -> None:
    """People here are made up: whom a business calls by name has that name, so that a conversation is tried as one person."""
    conn.execute("UPDATE phone SET name = ? WHERE wa_id = ?", (name_of(wa_id, called), wa_id))


def find(store: Store, number: str) -> sqlite3.Row | None:
    """A phone by its account or by the number that people dial."""
    row = store.row("SELECT * FROM phone WHERE wa_id = ?", (number,))
    return row or store.row("SELECT * FROM phone WHERE wa_id = ?", (account_of(f"+{number.removeprefix('+')}"),))


def of_user(conn: sqlite3.Connection, user_id: str) -> sqlite3.Row | None:
    return conn.execute("SELECT * FROM phone WHERE user_id = ?", (user_id,)).fetchone()


def page(store: Store, *, search: str = "", limit: int) -> list[sqlite3.Row]:
    """Phones, the last to move first."""
    wanted, values = [], []
    digits = "".join(c for c in search if c.isdigit())
    if digits:
        wanted.append("(instr(wa_id, ?) OR instr(dialled, ?))")
        values += [digits, digits]
    elif search.strip():
        wanted.append("name LIKE ?")
        values.append(f"%{search.strip()}%")
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    return store.rows(f"SELECT phone.*, {_UNREAD} AS unread_now FROM phone {where} ORDER BY shown_at DESC LIMIT ?", [*values, limit])


_UNREAD = "(SELECT count(*) FROM message m WHERE m.wa_id = phone.wa_id AND m.inbound = 0 AND m.status = 'delivered')"
"""What lies on the phone and was not reported read."""


def contact(phone: sqlite3.Row | dict[str, Any], *, user_ids: bool) -> dict[str, Any]:
    """The member of ``contacts`` that webhooks carry. A person with a username keeps the number to themselves."""
    profile: dict[str, Any] = {"name": phone["name"]}
    hidden = user_ids and phone["username"]
    if hidden:
        profile["username"] = phone["username"]
    result: dict[str, Any] = {"profile": profile}
    if not hidden:
        result["wa_id"] = phone["wa_id"]
    if user_ids:
        result["user_id"] = phone["user_id"]
    return result
