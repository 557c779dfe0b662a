"""Webhooks verified and durably stored per second, beside an empty Flask view on the same server with the same settings."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from flowbuilder.store import db
from flowbuilder.store.inbound import Webhook
from tests import worlds
from tests.bench._world import World, load, process, world
from tests.bench.figure import Figure
from tests.fixtures.servers import answers, free_port, stop, until

SECONDS, ROUNDS, CONNECTIONS = 5, 3, 64
_EMPTY = """
import sys
from pathlib import Path
from flask import Flask
from flowbuilder.config import Config
from flowbuilder.up import web
app = Flask("empty")
app.post("/webhooks/empty")(lambda: "")
web.serve(app, Config(home=Path("."), port=int(sys.argv[1])))
"""
_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Hub-Signature-256"] = "{signature}"
wrk.body = [==[{body}]==]
"""


def run() -> list[Figure]:
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed; apt-get install wrk")
    with world() as here, process(here, "web"):
        port = free_port()
        empty = subprocess.Popen([sys.executable, "-c", _EMPTY, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: answers(port), within=20)
            rounds = [(_ours(here), _rate(here.home, f"http://127.0.0.1:{port}/webhooks/empty")) for _ in range(ROUNDS)]
        finally:
            stop(empty)
        ratio = statistics.median(ours / bare for ours, bare in rounds)
        note = "; ".join(f"{ours:,.0f}/s against {bare:,.0f}/s" for ours, bare in rounds)
    return [
        Figure(
            "webhooks verified and durably stored per second / an empty Flask view", ratio, "", 0.40, 0.60, "higher", f"{note}; {load()}"
        )
    ]


def _ours(here: World) -> float:
    db.session.rollback()
    before = db.session.query(Webhook).count()
    rate = _rate(here.home, f"http://127.0.0.1:{here.port}/webhooks/{here.line_id}")
    db.session.rollback()
    assert db.session.query(Webhook).count() - before >= rate * SECONDS * 0.99
    return rate


def _rate(home: Path, url: str) -> float:
    body = worlds.status("wamid.HBgLNDkxNTEyMzQ1Njc4FQIAERgSQkQ5", "delivered", callback=123456, pricing={"category": "marketing"})
    script = home / "post.lua"
    script.write_text(_SCRIPT.format(signature=worlds.signed(body), body=body.decode()))
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in said, said
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))
