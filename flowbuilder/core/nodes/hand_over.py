"""Hand over to a person: the conversation lies in the inbox of a team until a colleague gives it back to the flow or finishes it.

Nobody took it means: so long after it came, or after the person's last message where a colleague put it back. Who puts it back
later still leaves it to others for as long; but when they do not take it either it ends without another word, which might come
after the 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import Context, NodeKind, Stay, name_of
from flowbuilder.core.nodes.limits import text_limit
from flowbuilder.core.nodes.moves import End, Expire, HandOver, Leave, Move, Wait
from flowbuilder.core.run import Input, InputKind

GIVEN_BACK = Port("given_back", "Given back")
FINISHED = Port("finished", "Finished", must_lead=False)
NOBODY = Port("nobody", "Nobody took it", must_lead=False)

TAKEN, RELEASED, CLOSED = "taken", "released", "closed"
"""Closed is finished without another word, since WhatsApp would take none any more."""

GIVES_BACK_WITHIN = 12 * 3600
"""Seconds after the person's last message in which it leaves through a port: so the flow has half of the 24 hours to go on in."""

NOTE_MAX = 2000


class HandOverToPerson(NodeKind):
    name = "hand_over"
    label = "Hand over to a person"
    icon = "headset"
    tone = "pink"
    group = "Connected"
    order = 90
    waits = True
    waits_for = "colleague"
    within = GIVES_BACK_WITHIN

    def ports(self, node: Node) -> tuple[Port, ...]:
        return GIVEN_BACK, FINISHED, NOBODY

    def blank(self) -> dict[str, Any]:
        return {"note": "", "text": "One moment please, somebody will answer you here.", "after": 12 * 3600}

    def texts(self, node: Node) -> tuple[str, ...]:
        return node.data["text"], node.data["note"]

    def team(self, node: Node) -> str:
        return node.data.get("team") or ""

    def height(self, node: Node) -> int:
        return card.HEAD + card.words(node.data["text"] or node.data["note"])

    def enter(self, node: Node, context: Context) -> Move:
        if node.data["text"].strip():
            context.say(message.Text(context.fill(node.data["text"])))
        return HandOver(self.team(node), context.fill(node.data["note"]), _due(node, context))

    def take(self, node: Node, input: Input, context: Context) -> Move:
        if input.kind is InputKind.TIMER:
            return Expire() if _is_late(node, context) else Leave(NOBODY.id, unled=Expire())
        match input.option:
            case GIVEN_BACK.id:
                return Leave(GIVEN_BACK.id)
            case FINISHED.id:
                return Leave(FINISHED.id, unled=End("neutral"))
            case "closed":
                return End("neutral")
        return Wait(_again(node, context) if input.option == RELEASED else None)

    def lasts(self, node: Node, port: str) -> Stay:
        if port == NOBODY.id:
            return Stay(0, node.data["after"], hears=True, unheard=node.data["after"])
        return Stay(0, node.data["after"], within=GIVES_BACK_WITHIN)

    def heard(self, node: Node, port: Port) -> str:
        return {GIVEN_BACK.id: "a colleague gives it back", FINISHED.id: "a colleague finishes it"}.get(port.id, "nobody takes it")

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        yield from text_limit(node, owner, "text", "the text to the person", data["text"], message.TEXT_MAX)
        yield from text_limit(node, owner, "note", "the note", data["note"], NOTE_MAX)


def _due(node: Node, context: Context) -> datetime:
    """When nobody has taken it; until then the flow may speak."""
    return context.since + timedelta(seconds=node.data["after"])


def _again(node: Node, context: Context) -> datetime:
    """When nobody has taken it that was put back."""
    due = _due(node, context)
    until = due if due > context.now else context.now + timedelta(seconds=node.data["after"])
    context.scratch["until"] = until.isoformat()
    return until


def _is_late(node: Node, context: Context) -> bool:
    until = context.scratch.get("until")
    return until is not None and datetime.fromisoformat(until) > _due(node, context)


KIND = HandOverToPerson()
