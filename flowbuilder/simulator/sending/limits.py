"""How fast and how far the business may send: throughput of the line, pace per person, messaging tier."""

from __future__ import annotations

import sqlite3
import threading

from flowbuilder.simulator.clock import Clock
from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.settings import Knobs
from flowbuilder.simulator.store import Store

WINDOW = 86_400
_PAIR_EVERY, _PAIR_BURST = 6.0, 45
TIERS = {"TIER_250": 250, "TIER_2K": 2_000, "TIER_10K": 10_000, "TIER_100K": 100_000, "TIER_UNLIMITED": None}


class Limits:
    """Counts in memory what needs no memory (a second of throughput) and in rows what does (hours and days)."""

    def __init__(self, knobs: Knobs, clock: Clock, store: Store) -> None:
        self._knobs, self._clock, self._store = knobs, clock, store
        self._lock = threading.Lock()
        self._line_at = 0.0
        self._reached, self._reached_until = 0, 0.0

    def take_throughput(self) -> None:
        """One message of the line's rate, or 130429. A second's worth may come at once."""
        now, every = self._clock.now(), 1 / self._knobs["throughput"]
        with self._lock:
            at = max(self._line_at, now) + every
            if at - now > 1 + every / 2:
                raise GraphError(130429, "Cloud API message throughput has been reached.")
            self._line_at = at

    def take_pair(self, conn: sqlite3.Connection, phone: sqlite3.Row) -> None:
        """One message to one person each six seconds; up to 45 may be borrowed from the time to come. Else 131056."""
        if not self._knobs["pair_limit"]:
            return
        now = self._clock.now()
        at = max(phone["pair_tat"], now) + _PAIR_EVERY
        if at - now > _PAIR_EVERY * _PAIR_BURST:
            details = "Message failed to send because there were too many messages sent from this phone number to the same phone number."
            raise GraphError(131056, details)
        conn.execute("UPDATE phone SET pair_tat = ? WHERE wa_id = ?", (at, phone["wa_id"]))

    def take_reach(self, conn: sqlite3.Connection, phone: sqlite3.Row) -> None:
        """One more person reached outside the service window within 24 hours, or 131048 naming the tier."""
        now = self._clock.now()
        if phone["reached_at"] > now - WINDOW:
            return
        most = TIERS[self._knobs["tier"]]
        if most is not None and self.reached() >= most:
            raise GraphError(131048, f"Messaging limit reached: {self._knobs['tier']} allows {most} people in 24 hours.")
        conn.execute("UPDATE phone SET reached_at = ? WHERE wa_id = ?", (now, phone["wa_id"]))
        with self._lock:
            self._reached += 1

    def reached(self) -> int:
        """People reached in the last 24 hours; counted anew every few seconds."""
        now = self._clock.now()
        with self._lock:
            if now >= self._reached_until:
                self._reached = self._store.value("SELECT count(*) FROM phone WHERE reached_at > ?", (now - WINDOW,))
                self._reached_until = now + 5
            return self._reached
