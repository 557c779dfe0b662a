"""Wait: goes on after a time, or at an hour on the next day that counts, in the time zone of people or of an office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flowbuilder.core import card
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.moments import span_words, zones
from flowbuilder.core.nodes.base import NEXT, ON, Context, NodeKind, Stay, name_of
from flowbuilder.core.nodes.moves import Move, Wait
from flowbuilder.core.run import Input

DAYS = {
    "mon_fri": ("Monday to Friday", (0, 1, 2, 3, 4)),
    "mon_sat": ("Monday to Saturday", (0, 1, 2, 3, 4, 5)),
    "sun_thu": ("Sunday to Thursday", (6, 0, 1, 2, 3)),
    "every": ("every day", (0, 1, 2, 3, 4, 5, 6)),
}
_LONGEST = 4 * 24 * 3600 + 3600
"""Until an hour: over a weekend, and an hour more when clocks change."""


class WaitKind(NodeKind):
    name = "wait"
    label = "Wait"
    icon = "hourglass"
    tone = "olive"
    group = "Logic"
    order = 40
    waits = True
    waits_for = "time"

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (NEXT,)

    def blank(self) -> dict[str, Any]:
        return {"mode": "for", "seconds": 3600, "time": "09:00", "days": "mon_fri", "zone": "UTC"}

    days = DAYS

    def day_words(self, node: Node) -> str:
        return DAYS[node.data["days"]][0]

    def texts(self, node: Node) -> tuple[str, ...]:
        return ()

    def summary(self, node: Node) -> str:
        data = node.data
        if data["mode"] == "for":
            return span_words(data["seconds"])
        return f"until {data['time']}, {self.day_words(node)}"

    def height(self, node: Node) -> int:
        return card.HEAD + card.words(self.summary(node)) + card.TITLE

    def enter(self, node: Node, context: Context) -> Move:
        return Wait(until=moment(node, context.now))

    def take(self, node: Node, input: Input, context: Context) -> Move:
        return ON

    def lasts(self, node: Node, port: str) -> Stay:
        seconds = node.data["seconds"]
        return Stay(seconds, seconds) if node.data["mode"] == "for" else Stay(0, _LONGEST)

    def limits(self, node: Node) -> Iterator[Finding]:
        if node.data["mode"] == "until" and node.data["zone"] not in zones():
            text = f"{name_of(self, node)}: the time zone “{node.data['zone'][:40]}” is not known. Choose one from the list."
            yield Finding("unknown_zone", text, node=node.id, field="zone")


def moment(node: Node, now: datetime) -> datetime:
    """When the conversation goes on. A clock time that is skipped in the night when clocks go forward comes as much later,
    one that comes twice counts the first time.
    """
    data = node.data
    if data["mode"] == "for":
        return now + timedelta(seconds=data["seconds"])
    zone = ZoneInfo(data["zone"] if data["zone"] in zones() else "UTC")
    today, clock = now.astimezone(zone).date(), time.fromisoformat(data["time"])
    days = (today + timedelta(days=ahead) for ahead in range(9))
    moments = (datetime.combine(day, clock, zone).astimezone(UTC) for day in days if day.weekday() in DAYS[data["days"]][1])
    return next(at for at in moments if at > now)


KIND = WaitKind()
