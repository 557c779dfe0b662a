"""POST /{number}/messages: sends, read marks and typing. What befalls them is in ``spoiling``."""

from __future__ import annotations

from typing import Any

from flask import Response

from flowbuilder.simulator.graph_api import body, graph, reply, spoiling, unknown
from flowbuilder.simulator.sending.accept import accept, mark_read
from flowbuilder.simulator.world import world


@graph.post("/<int:node>/messages")
def messages(node: int) -> Response:
    here = world()
    if str(node) != here.settings.number_id:
        raise unknown(str(node))
    document = body()
    if "status" in document:
        return reply(mark_read(here, document))
    key, to = _key(document), "".join(c for c in str(document.get("to") or "") if c.isdigit())
    if answer := spoiling.before(here, document, key, to):
        return answer
    accepted = accept(here, document)
    return spoiling.after(here, accepted, key, to) or reply(accepted)


def _key(document: dict[str, Any]) -> str:
    return str(document.get("biz_opaque_callback_data") or document.get("to") or document.get("recipient") or "")
