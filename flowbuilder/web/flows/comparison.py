"""Two flows in one drawing: the new one, with the steps and connections of the old one that are gone laid beneath it."""

from __future__ import annotations

from typing import Any

from flask import g

from flowbuilder.core.diff import Difference
from flowbuilder.core.flow import Point
from flowbuilder.services import flows
from flowbuilder.web.flows.cards import all_cards, cards

MARKS = {"added": "Added", "removed": "Removed", "changed": "Changed", "moved": "Moved"}
ROOM = (280, 250)


def comparison(difference: Difference) -> dict[str, Any]:
    """What ``flows/_drawing.html`` draws."""
    old, new = difference.old, difference.new
    places = [new.layout.get(id, (0, 0)) for id in new.nodes]
    removed = cards(old, difference.removed, flows.template_of(old, g.workspace_id))
    shown = [*all_cards(new, flows.template_of(new, g.workspace_id)), *(_beside(card, places) for card in removed)]
    return {
        "cards": [card | {"mark": mark, "mark_text": MARKS.get(mark, "")} for card in shown for mark in [difference.mark(card["id"])]],
        "edges": [[edge.source, edge.port, edge.target] for edge in new.connections()],
        "lit_edges": [],
        "has_light": False,
        "added": [list(place) for place in difference.connections if place in new.edges],
        "removed": [[*place, old.edges[place]] for place in difference.connections if place in old.edges],
        "legend": [(mark, MARKS[mark], count) for mark in MARKS if (count := sum(difference.mark(id) == mark for id in _ids(difference)))],
    }


def _ids(difference: Difference) -> set[str]:
    return set(difference.old.nodes) | set(difference.new.nodes)


def _beside(card: dict[str, Any], taken: list[Point]) -> dict[str, Any]:
    """The card lower, until it covers no other."""
    x, y = card["x"], card["y"]
    while any(abs(x - other[0]) < ROOM[0] and abs(y - other[1]) < ROOM[1] for other in taken):
        y += ROOM[1] // 4
    taken.append((x, y))
    return card | {"y": y}
