"""Two designers at one flow on the server of the product: random gestures of both at once, and what of them is lost."""

from __future__ import annotations

import re
import time

import requests

from flowbuilder.core.flow import Flow
from tests.bench import _editor
from tests.bench.figure import Figure
from tests.fixtures.designer import Designer, all_at_once, lost

GESTURES = 500


def run() -> list[Figure]:
    flow = Flow.from_json({"schema": 1, "name": "Two at once", "nodes": [{"id": "n1", "kind": "you_send_it", "data": {}}], "edges": []})
    with _editor.served(flow) as (url, cookie):
        page = requests.get(url + _editor.PATH, headers={"Cookie": f"flowbuilder={cookie}"}, timeout=60)
        cookie = page.cookies.get("flowbuilder", cookie)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
        assert token
        designers = [Designer(url + _editor.PATH, cookie, name, GESTURES) for name in ("ann", "ben")]
        for designer in designers:
            designer.http.headers["X-CSRFToken"] = token[1]
        begun = time.perf_counter()
        all_at_once(designers)
        took = time.perf_counter() - begun
        document = requests.get(url + _editor.PATH + "/export", headers={"Cookie": f"flowbuilder={cookie}"}, timeout=60).json()
    found = list(lost(Flow.from_json(document), designers))
    note = f"in {took:.0f} s; first of the lost: {found[0]}" if found else f"in {took:.0f} s"
    return [Figure(f"two designers, {GESTURES} random gestures each at once: lost, or seen differently", len(found), "", 0, 0, note=note)]
