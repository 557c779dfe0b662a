"""What goes wrong, on purpose and by seed: the same seed and the same traffic fail in the same places.

A rule is JSON: ``{"kind": …, "chance": 0..1, "times": most often, "to": number, "code": …, "seconds": …}``. Draws depend on the seed,
the rule, what the client called the message (its callback data, else the number) and how often that was tried; never on threads.
"""

from __future__ import annotations

import json
import random
import threading
from dataclasses import dataclass
from typing import Any

from flowbuilder.simulator.codes import CODES
from flowbuilder.simulator.settings import Knobs
from flowbuilder.simulator.store import Store

KINDS = {
    "error": "refuses a send with a Graph error (code)",
    "delay": "answers a send later (seconds)",
    "drop_answer": "accepts a send and hangs up without an answer",
    "half_answer": "accepts a send and hangs up in the middle of the answer",
    "error_after": "accepts a send and answers with a Graph error all the same (code)",
    "webhook_first": "tells that a message was sent before its send is answered (seconds between)",
    "fail": "accepts a send that later fails (code)",
    "template_error": "refuses a call about templates with a Graph error (code)",
    "webhook_duplicate": "tells a status twice",
    "webhook_reorder": "tells a status late, so that others overtake it (seconds at most)",
    "webhook_delay": "tells a status later (seconds)",
}
_FIELDS = {"kind", "chance", "times", "to", "code", "seconds"}


@dataclass(frozen=True, slots=True)
class Rule:
    id: int
    kind: str
    chance: float
    times: int | None
    to: str
    code: int
    seconds: float


class Faults:
    """The rules in force."""

    def __init__(self, store: Store, knobs: Knobs) -> None:
        self._store, self._knobs, self._lock = store, knobs, threading.Lock()
        self._tries: dict[tuple[int, str], int] = {}
        self._used: dict[int, int] = {}
        self._rules: tuple[Rule, ...] = ()
        self._load()

    def _load(self) -> None:
        rows = self._store.rows("SELECT id, rule, used FROM fault ORDER BY id")
        self._rules = tuple(Rule(id=row["id"], **json.loads(row["rule"])) for row in rows)
        self._used = {row["id"]: row["used"] for row in rows}
        self._tries = {}

    def list(self) -> list[dict[str, Any]]:
        return [{name: getattr(rule, name) for name in Rule.__slots__} | {"used": self._used[rule.id]} for rule in self._rules]

    def set(self, rules: list[dict[str, Any]]) -> None:
        """Replace all rules; raises ValueError with one clear sentence."""
        clean = [_clean(rule) for rule in rules]
        with self._store.write() as conn:
            conn.execute("DELETE FROM fault")
            conn.executemany("INSERT INTO fault (rule) VALUES (?)", [(json.dumps(rule),) for rule in clean])
        with self._lock:
            self._load()

    def strike(self, kind: str, key: str, to: str = "") -> Rule | None:
        """The rule of this kind that hits now, if one does."""
        for rule in self._rules:
            if rule.kind == kind and (not rule.to or rule.to == to) and self._hits(rule, key):
                return rule
        return None

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
            tries = self._tries[rule.id, key] = self._tries.get((rule.id, key), 0) + 1
            used = self._used.get(rule.id, 0)
            if rule.times is not None and used >= rule.times:
                return False
            if random.Random(f"{self._knobs['seed']}:{rule.kind}:{key}:{tries}").random() >= rule.chance:
                return False
            self._used[rule.id] = used + 1
        with self._store.write() as conn:
            conn.execute("UPDATE fault SET used = used + 1 WHERE id = ?", (rule.id,))
        return True


def _clean(rule: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(rule, dict) or rule.get("kind") not in KINDS:
        raise ValueError(f"A fault needs a kind out of {', '.join(KINDS)}.")
    if unknown := set(rule) - _FIELDS:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(_FIELDS))}.")
    chance, seconds, code, times = rule.get("chance", 1), rule.get("seconds", 1), rule.get("code", 131000), rule.get("times")
    if not isinstance(chance, int | float) or not 0 <= chance <= 1:
        raise ValueError("chance must be a number from 0 to 1.")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
        raise ValueError("seconds must be a number from 0 to 600.")
    if code not in CODES:
        raise ValueError(f"code must be one of {', '.join(map(str, CODES))}.")
    if times is not None and (not isinstance(times, int) or times < 1):
        raise ValueError("times must be a whole number from 1, or be left out.")
    to = "".join(c for c in str(rule.get("to") or "") if c.isdigit())
    return {"kind": rule["kind"], "chance": float(chance), "times": times, "to": to, "code": code, "seconds": float(seconds)}
