"""Note: words for designers on the canvas. No part of the graph: nothing leads to it, nothing runs it."""

from __future__ import annotations

from typing import Any

from flowbuilder.core import card
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import Context, NodeKind
from flowbuilder.core.nodes.moves import Move

SIZES = {"small": "Small", "medium": "Medium", "large": "Large"}
_WIDTHS = {"small": 220, "medium": 340, "large": 520}
_AROUND = 28
STEP = 20
WIDTHS, HEIGHTS = range(160, 1001, STEP), range(60, 1001, STEP)
"""What a note can be drawn to, along the canvas's grid."""
COLOURS = {"yellow": "Yellow", "blue": "Blue", "green": "Green", "pink": "Pink", "grey": "Grey"}


class Note(NodeKind):
    name = "note"
    label = "Note"
    icon = "note"
    tone = "olive"
    group = "Notes"
    is_apart = True
    colours, sizes, widths, heights = COLOURS, SIZES, WIDTHS, HEIGHTS

    def height(self, node: Node) -> int:
        return max(card.words(node.data["text"], width=self.width(node) - _AROUND, most=None) + 24, card.MEDIUM, node.data.get("height", 0))

    def width(self, node: Node) -> int:
        return node.data.get("width") or _WIDTHS[node.data["size"]]

    def ports(self, node: Node) -> tuple[Port, ...]:
        return ()

    def blank(self) -> dict[str, Any]:
        return {"text": "", "colour": "yellow", "size": "small"}

    def texts(self, node: Node) -> tuple[str, ...]:
        return ()

    def enter(self, node: Node, context: Context) -> Move:
        raise TypeError("a note is never entered")


KIND = Note()
