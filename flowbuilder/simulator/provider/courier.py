"""Carries results of validations to who asked for them, again and ever more rarely until they are taken, for a day."""

from __future__ import annotations

import json
import time

import requests

from flowbuilder.simulator.provider import signature
from flowbuilder.simulator.world import World

_WAITS = (2, 5, 15, 60, 300, 1800)
_GIVE_UP = 86_400
_IDLE = 1.0


def carry(world: World) -> None:
    """Carry what is due, then sleep until something is decided or may be tried again."""
    world.more_results.clear()
    rows = world.store.rows("SELECT * FROM validation WHERE due_at <= ? ORDER BY due_at LIMIT 50", (time.time(),))
    for row in rows:
        problem = _post(world, row)
        values = (_next(row, problem), problem, row["id"])
        with world.store.write() as conn:
            conn.execute("UPDATE validation SET due_at = ?, attempts = attempts + 1, problem = ? WHERE id = ?", values)
    if not rows:
        is_waiting = world.store.value("SELECT count(*) FROM validation WHERE due_at IS NOT NULL")
        world.more_results.wait(timeout=_IDLE if is_waiting else 30)


def _next(row: dict, problem: str) -> float | None:
    now = time.time()
    if not problem or now - row["decided_at"] > _GIVE_UP:
        return None
    return now + _WAITS[min(row["attempts"], len(_WAITS) - 1)]


def _post(world: World, row: dict) -> str:
    """What kept it from being taken; empty when it was."""
    body = json.dumps({"id": row["id"], "reference": row["reference"], "status": row["status"], "reason": row["reason"]}).encode()
    event, at = f"evt_{row['id']}", str(int(time.time()))
    headers = {
        "Content-Type": "application/json", "webhook-id": event, "webhook-timestamp": at,
        "webhook-signature": signature(world.settings.provider_secret, event, at, body),
    }  # fmt: skip
    try:
        answer = requests.post(row["callback"], data=body, headers=headers, timeout=(3, 10), allow_redirects=False)
    except requests.RequestException as error:
        return f"It did not answer: {type(error).__name__}"
    return "" if answer.status_code == 200 else f"HTTP status {answer.status_code}"
