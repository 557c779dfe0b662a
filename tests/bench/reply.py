"""An answer's way on an idle system: from the webhook that brings it to the next question at Meta."""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

import requests

from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.sending import Message
from tests import worlds
from tests.bench._world import World, load, process, world
from tests.bench.figure import Figure
from tests.stub import Stub, accept

ANSWERS, PAUSE = 30, 0.4


def run() -> list[Figure]:
    arrived: dict[str, float] = {}
    came = threading.Event()

    def note(payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        arrived[payload["to"]] = time.perf_counter()
        came.set()
        return accept(payload)

    with world() as here, Stub(note) as meta:
        here.line.base_url = meta.url
        db.session.commit()
        wamids = _openers(here)
        with process(here, "web"), process(here, "worker"):
            time.sleep(3)
            times = [_one(here, number, wamid, arrived, came) for number, wamid in enumerate(wamids)][3:]
    note_ = f"{len(times)} answers, p95 {sorted(times)[int(len(times) * 0.95)]:.0f} ms; {load()}"
    return [Figure("a reply's way from webhook to answer sent, idle, median", statistics.median(times), "ms", 100, 40, note=note_)]


def _openers(here: World) -> list[str]:
    batch = worlds.batch(here.line, worlds.template(here.line), ANSWERS, version_id=worlds.version(here.line).id, status="finished")
    with transaction() as session:
        for row in session.query(Message).filter_by(batch_id=batch.id):
            row.status, row.wamid = "read", f"wamid.open.{row.number - 2}"
    return [f"wamid.open.{number}" for number in range(ANSWERS)]


def _one(here: World, number: int, wamid: str, arrived: dict[str, float], came: threading.Event) -> float:
    """Milliseconds from posting the tap to the question at Meta."""
    phone = f"+4915{number:09}"
    tap = {"payload": "continue", "text": "Continue"}
    body = worlds.said_to_us(f"wamid.in.{number}", wa_id=phone[1:], quoted=wamid, button=tap)
    headers = {"X-Hub-Signature-256": worlds.signed(body)}
    time.sleep(PAUSE)
    came.clear()
    began = time.perf_counter()
    requests.post(f"http://127.0.0.1:{here.port}/webhooks/{here.line_id}", data=body, headers=headers, timeout=10).raise_for_status()
    assert came.wait(15), "no answer"
    return (arrived[phone] - began) * 1000
