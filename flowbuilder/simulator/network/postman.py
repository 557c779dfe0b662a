"""Carries what is queued to the business: several changes per post, signed over the raw bytes, until it says 200."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import sqlite3
import time
from typing import Any
from urllib.parse import urlsplit

from flowbuilder.simulator.network.events import TIMED
from flowbuilder.simulator.network.subscriptions import callback, connect
from flowbuilder.simulator.world import World

TIMEOUT = 10
# Seconds before each further attempt; the last one repeats until a week has passed.
RETRIES = (0, 0.5, 1, 2, 4, 8, 15, 30, 60, 300, 900, 3600)
GIVE_UP = 7 * 86_400
KEEP_POSTED = 500


def body_of(changes: list[tuple[str, dict[str, Any]]], waba_id: str, now: float) -> bytes:
    """The bytes of one post: escaped ASCII with escaped slashes, so that whoever signs anything but raw bytes fails."""
    plain, timed = [], []
    for field, value in changes:
        last = plain[-1]["value"] if plain else {}
        if field == "messages" and _may_join(value, last):
            last["statuses"] += value["statuses"]
            last["contacts"] += [who for who in value["contacts"] if who not in last["contacts"]]
        elif field in TIMED:
            timed.append({"id": waba_id, "time": int(now), "changes": [{"field": field, "value": value}]})
        else:
            plain.append({"field": field, "value": value})
    entries = ([{"id": waba_id, "changes": plain}] if plain else []) + timed
    document = {"object": "whatsapp_business_account", "entry": entries}
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def _may_join(value: dict[str, Any], last: dict[str, Any]) -> bool:
    """Meta sends several statuses in one value at times."""
    return "statuses" in value and "contacts" in value and "contacts" in last and 0 < len(last.get("statuses", ())) < 20


def sign(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def carry(world: World) -> None:
    """Post until told to stop; one post at a time, so that an undisturbed network keeps the order."""
    line = _Line(world)
    while not world.stopping.is_set():
        world.more_news.clear()
        rows = _next(world)
        if not rows:
            world.more_news.wait(timeout=_pause(world))
            continue
        if not line.post(rows) and line.is_down:
            world.stopping.wait(line.patience())


def _next(world: World) -> list[sqlite3.Row]:
    """What goes into the next post: all that is due, but something that failed twice travels alone."""
    if world.faults.is_holding():
        return []
    rows = world.store.rows(
        "SELECT * FROM webhook WHERE at <= ? ORDER BY at, id LIMIT ?", (world.clock.now(), world.knobs["webhook_batch"])
    )
    if rows and rows[0]["attempts"] >= 2:
        return rows[:1]
    return [row for row in rows if row["attempts"] < 2]


def _pause(world: World) -> float:
    if world.faults.is_holding():
        return 0.2
    at = world.store.value("SELECT min(at) FROM webhook")
    return 5.0 if at is None else min(5.0, max(0.01, at - world.clock.now()))


class _Line:
    """A kept connection to the callback."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._url, self._conn, self._path = "", None, ""
        self._failures = 0
        self.is_down = False

    def patience(self) -> float:
        """Seconds to leave an endpoint alone where nobody listens; what is queued keeps its order meanwhile."""
        return min(2.0, 0.1 * 2 ** min(self._failures, 6))

    def post(self, rows: list[sqlite3.Row]) -> bool:
        """Send one post and record how it went."""
        world = self._world
        body = body_of([(row["field"], json.loads(row["value"])) for row in rows], world.settings.waba_id, world.clock.now())
        problem = self._send(body)
        with world.store.write() as conn:
            if problem and self.is_down:
                conn.executemany("UPDATE webhook SET problem = ? WHERE id = ?", [(problem[:200], row["id"]) for row in rows])
            elif problem:
                _put_back(world, conn, rows, problem)
            else:
                _put_away(world, conn, rows)
        self._failures = self._failures + 1 if self.is_down else 0
        return not problem

    def _send(self, body: bytes) -> str:
        """Empty when the business said 200, else what happened."""
        url = callback(self._world.store, self._world.settings)
        self.is_down = False
        if url is None:
            return ""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": sign(body, self._world.settings.app_secret),
        }
        try:
            if self._conn is None or url != self._url:
                self._url, (self._conn, self._path) = url, connect(url, TIMEOUT)
            self._conn.request("POST", self._path, body, headers)
            answer = self._conn.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.is_down = isinstance(error, ConnectionRefusedError)
            self._hang_up()
            return f"{urlsplit(url).netloc} did not answer: {error or type(error).__name__}"
        if answer.will_close:
            self._hang_up()
        return "" if answer.status == 200 else f"HTTP status {answer.status}"

    def _hang_up(self) -> None:
        if self._conn is not None:
            self._conn.close()
        self._conn = None


def _put_away(world: World, conn: sqlite3.Connection, rows: list[sqlite3.Row]) -> None:
    """Keep the last few for the page, forget the rest."""
    now = world.clock.now()
    conn.executemany("DELETE FROM webhook WHERE id = ?", [(row["id"],) for row in rows])
    conn.executemany(
        "INSERT INTO posted (field, value, attempts, at) VALUES (?, ?, ?, ?)",
        [(row["field"], row["value"], row["attempts"] + 1, now) for row in rows],
    )
    arrived = [one["id"] for row in rows if row["field"] == "messages" for one in json.loads(row["value"]).get("messages", ())]
    conn.executemany("UPDATE message SET status = 'delivered' WHERE wamid = ? AND status = 'sent'", [(wamid,) for wamid in arrived])
    conn.execute("DELETE FROM posted WHERE id <= (SELECT max(id) FROM posted) - ?", (KEEP_POSTED,))


def _put_back(world: World, conn: sqlite3.Connection, rows: list[sqlite3.Row], problem: str) -> None:
    """Try again later, ever more rarely; after a week Meta drops it."""
    now = world.clock.now()
    for row in rows:
        wait = RETRIES[min(row["attempts"], len(RETRIES) - 1)]
        if now - row["created_at"] > GIVE_UP:
            conn.execute("DELETE FROM webhook WHERE id = ?", (row["id"],))
        else:
            conn.execute(
                "UPDATE webhook SET attempts = attempts + 1, at = ?, problem = ? WHERE id = ?", (now + wait, problem[:200], row["id"])
            )


def wait_until_carried(world: World, seconds: float) -> bool:
    """Whether nothing was left to carry within the time; for tests."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not world.store.value("SELECT count(*) FROM webhook"):
            return True
        time.sleep(0.02)
    return False
