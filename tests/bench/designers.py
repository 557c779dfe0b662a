"""Two designers at the same steps of one flow on the server of the product: random gestures of both at once, and what of them is lost."""

from __future__ import annotations

import re
import sqlite3
import time

import requests

from flowbuilder.core.flow import Flow
from tests.bench import _editor
from tests.bench.figure import Figure
from tests.fixtures.designer import Designer, all_at_once, lost

GESTURES = 500


def run() -> list[Figure]:
    flow = Flow.from_json({"schema": 1, "name": "Two at once", "nodes": [{"id": "n1", "kind": "you_send_it", "data": {}}], "edges": []})
    with _editor.served(flow, people=2) as editor:
        url = editor.url + _editor.PATH
        designers = [_signed_in(url, cookie, name) for cookie, name in zip(editor.cookies, ("ann", "ben"), strict=True)]
        begun = time.perf_counter()
        all_at_once(designers)
        took = time.perf_counter() - begun
        document = designers[0].http.get(url + "/export", timeout=60).json()
        with sqlite3.connect(editor.database) as database:
            saved = [key for (key,) in database.execute("select client_key from flow_change order by revision")]
        found = list(lost(Flow.from_json(document), saved, designers))
    refused = sum(designer.refused for designer in designers)
    note = f"in {took:.0f} s; {len(saved)} saved, {refused} refused because their step was gone"
    note += f"; first of the lost: {found[0]}" if found else ""
    return [Figure(f"two designers, {GESTURES} random gestures each at once: lost, or seen differently", len(found), "", 0, 0, note=note)]


def _signed_in(url: str, cookie: str, name: str) -> Designer:
    page = requests.get(url, headers={"Cookie": f"flowbuilder={cookie}"}, timeout=60)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token
    designer = Designer(url, page.cookies.get("flowbuilder", cookie), name, GESTURES)
    designer.http.headers["X-CSRFToken"] = token[1]
    return designer
