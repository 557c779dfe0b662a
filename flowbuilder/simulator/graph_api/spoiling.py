"""What the faults do to a send: before it is taken, and to the answer of one that was accepted."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Response, request

from flowbuilder.simulator import catalog
from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.network import statuses
from flowbuilder.simulator.world import World

_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def before(here: World, document: dict[str, Any], key: str, to: str) -> Response | None:
    """Raises the refusal, or gives an answer that was no API's; in both cases nothing is accepted."""
    if rule := here.faults.strike("delay", key, to):
        time.sleep(rule.seconds)
    if here.faults.strike("pause_template", key, to):
        _pause(here, document)
    if here.faults.strike("throttle", key, to):
        raise GraphError(130429, "Cloud API message throughput has been reached.")
    if rule := here.faults.strike("error", key, to):
        raise GraphError(rule.code, "")
    if here.faults.strike("gateway", key, to):
        return _page("502 Bad Gateway", 502)
    if here.faults.strike("redirect", key, to):
        answer = _page("302 Found", 302)
        answer.headers["Location"] = request.url_root + "elsewhere"
        return answer
    return None


def after(here: World, answer: dict[str, Any], key: str, to: str) -> Response | None:
    """What becomes of the answer to a message that was accepted, if a fault hits it."""
    if rule := here.faults.strike("webhook_first", key, to):
        _tell_now(here, answer["messages"][0]["id"])
        time.sleep(rule.seconds)
    if rule := here.faults.strike("slow", key, to):
        time.sleep(rule.seconds)
    if here.faults.strike("drop_answer", key, to):
        return hang_up(b"")
    raw = json.dumps(answer).encode()
    if here.faults.strike("half_answer", key, to):
        return hang_up(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw[: len(raw) // 2])
    if here.faults.strike("bad_json", key, to):
        return Response(raw[:-2], content_type="application/json")
    if here.faults.strike("no_id", key, to):
        return Response(json.dumps(answer | {"messages": [{}]}), content_type="application/json")
    if here.faults.strike("gateway_after", key, to):
        return _page("504 Gateway Time-out", 504)
    if rule := here.faults.strike("error_after", key, to):
        raise GraphError(rule.code, "")
    return None


def _page(title: str, status: int) -> Response:
    return Response(_HTML.format(title), status, content_type="text/html")


def _pause(here: World, document: dict[str, Any]) -> None:
    """The template of this send, as Meta pauses one for its quality."""
    asked = document.get("template")
    name = asked.get("name") if isinstance(asked, dict) else None
    with here.store.write() as conn:
        row = conn.execute("SELECT * FROM template WHERE name = ? AND status = 'APPROVED' AND deleted_at IS NULL", (name,)).fetchone()
        if row:
            catalog.move(here, conn, row, "PAUSED")
    here.more_news.set()


def hang_up(first_bytes: bytes) -> Response:
    handler = request.environ.get("simulator.handler")
    if handler is not None:
        handler.hang_up(first_bytes)
    return Response(status=499)


def _tell_now(here: World, wamid: str) -> None:
    with here.store.write() as conn:
        # Once it was sent, its next step is planned already: that plan must stay.
        row = conn.execute("SELECT id FROM message WHERE wamid = ? AND status = 'accepted'", (wamid,)).fetchone()
        if row:
            statuses.plan(conn, row["id"], "sent", here.clock.now())
    here.more_due.set()
