"""POST /{number}/messages: sends, read marks and typing, with the faults that befall them."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Response, request

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.graph_api import body, graph, reply, unknown
from flowbuilder.simulator.network import statuses
from flowbuilder.simulator.sending.accept import accept, mark_read
from flowbuilder.simulator.world import World, world


@graph.post("/<int:node>/messages")
def messages(node: int) -> Response:
    here = world()
    if str(node) != here.settings.number_id:
        raise unknown(str(node))
    document = body()
    if "status" in document:
        return reply(mark_read(here, document))
    key, to = _key(document), "".join(c for c in str(document.get("to") or "") if c.isdigit())
    if rule := here.faults.strike("delay", key, to):
        time.sleep(rule.seconds)
    if rule := here.faults.strike("error", key, to):
        raise GraphError(rule.code, "")
    answer = accept(here, document)
    return _spoiled(here, answer, key, to) or reply(answer)


def _key(document: dict[str, Any]) -> str:
    return str(document.get("biz_opaque_callback_data") or document.get("to") or document.get("recipient") or "")


def _spoiled(here: World, answer: dict[str, Any], key: str, to: str) -> Response | None:
    """What becomes of the answer to a message that was accepted, if a fault hits it."""
    if rule := here.faults.strike("webhook_first", key, to):
        _tell_now(here, answer["messages"][0]["id"])
        time.sleep(rule.seconds)
    if here.faults.strike("drop_answer", key, to):
        return _hang_up(b"")
    if here.faults.strike("half_answer", key, to):
        raw = json.dumps(answer).encode()
        return _hang_up(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw[: len(raw) // 2]
        )
    if rule := here.faults.strike("error_after", key, to):
        raise GraphError(rule.code, "")
    return None


def _hang_up(first_bytes: bytes) -> Response:
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
