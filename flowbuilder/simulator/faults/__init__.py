"""What goes wrong, on purpose and by seed: the same seed and the same traffic fail in the same places.

Rules are in ``rules``, the words for people in ``presets``. Draws depend on the seed, the rule's kind and code, what the client
called the message (its callback data, else the number) and how often that was tried; never on threads.
"""

from __future__ import annotations

import json
import random
import threading
from dataclasses import asdict
from typing import Any

from flowbuilder.simulator.clock import Clock
from flowbuilder.simulator.faults.rules import Rule, clean
from flowbuilder.simulator.settings import Knobs
from flowbuilder.simulator.store import Store


class Faults:
    """The rules in force."""

    def __init__(self, store: Store, knobs: Knobs, clock: Clock) -> None:
        self._store, self._knobs, self._clock, self._lock = store, knobs, clock, threading.Lock()
        self._tries: dict[tuple[int, str], int] = {}
        self._used: dict[int, int] = {}
        self._spared: dict[int, int] = {}
        self._next_at: dict[int, float] = {}
        self._rules: tuple[Rule, ...] = ()
        self._load()

    def _load(self) -> None:
        rows = self._store.rows("SELECT id, rule, used FROM fault ORDER BY id")
        self._rules = tuple(Rule(id=row["id"], **clean(json.loads(row["rule"]), 0) | _made(row["rule"])) for row in rows)
        self._used = {row["id"]: row["used"] for row in rows}

    def list(self) -> list[dict[str, Any]]:
        return [asdict(rule) | {"used": self._used[rule.id]} for rule in self._rules]

    def set(self, rules: list[dict[str, Any]]) -> None:
        """Replace all rules; raises ValueError with one clear sentence."""
        ready = [clean(rule, self._clock.now()) for rule in rules]
        with self._store.write() as conn:
            conn.execute("DELETE FROM fault")
            conn.executemany("INSERT INTO fault (rule) VALUES (?)", [(json.dumps(rule),) for rule in ready])
        with self._lock:
            self._load()
            self._tries, self._spared, self._next_at = {}, {}, {}

    def add(self, rule: dict[str, Any]) -> None:
        """One more rule; raises ValueError with one clear sentence."""
        with self._store.write() as conn:
            conn.execute("INSERT INTO fault (rule) VALUES (?)", (json.dumps(clean(rule, self._clock.now())),))
        with self._lock:
            self._load()

    def remove(self, rule_id: int) -> None:
        with self._store.write() as conn:
            conn.execute("DELETE FROM fault WHERE id = ?", (rule_id,))
        with self._lock:
            self._load()

    def strike(self, kind: str, key: str, to: str = "") -> Rule | None:
        """The rule of this kind that hits now, if one does."""
        for rule in self._rules:
            if rule.kind == kind and (not rule.to or rule.to == to) and self._hits(rule, key):
                return rule
        return None

    def is_out(self) -> bool:
        """Whether nobody may connect now."""
        return any(rule.kind == "outage" and rule.is_on_at(self._clock.now()) for rule in self._rules)

    def is_holding(self) -> bool:
        """Whether webhooks are held back now."""
        return any(rule.kind == "webhook_hold" for rule in self._rules)

    def journeys(self, key: str) -> list[float]:
        """Delays of one webhook's copies: usually a single one at once."""
        if not self._rules:
            return [0.0]
        after = 0.0
        if rule := self.strike("webhook_delay", key):
            after += rule.seconds
        if rule := self.strike("webhook_reorder", key):
            after += rule.seconds * random.Random(f"{self._knobs['seed']}:late:{key}").random()
        return [after, after + 0.2] if self.strike("webhook_duplicate", key) else [after]

    def _hits(self, rule: Rule, key: str) -> bool:
        with self._lock:
            if not self._is_drawn(rule, key):
                return False
            self._used[rule.id] = self._used.get(rule.id, 0) + 1
        with self._store.write() as conn:
            conn.execute("UPDATE fault SET used = used + 1 WHERE id = ?", (rule.id,))
        return True

    def _is_drawn(self, rule: Rule, key: str) -> bool:
        tries = self._tries[rule.id, key] = self._tries.get((rule.id, key), 0) + 1
        if rule.times is not None and self._used.get(rule.id, 0) >= rule.times:
            return False
        if random.Random(f"{self._knobs['seed']}:{rule.kind}:{rule.code}:{key}:{tries}").random() >= rule.chance:
            return False
        if self._spared.get(rule.id, 0) < rule.skip:
            self._spared[rule.id] = self._spared.get(rule.id, 0) + 1
            return False
        return rule.kind != "throttle" or self._is_too_fast(rule)

    def _is_too_fast(self, rule: Rule) -> bool:
        """Evenly, with a quarter of a second's worth at once."""
        now = self._clock.now()
        at = max(self._next_at.get(rule.id, 0.0), now) + 1 / rule.rate
        if at - now > 0.25 + 1 / rule.rate:
            return True
        self._next_at[rule.id] = at
        return False


def _made(rule: str) -> dict[str, float]:
    return {"made_at": json.loads(rule).get("made_at", 0.0)}
