"""Where notes go when cards move: each stays beside the step that it lay next to, and on top of all when it lay nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowbuilder.core.flow import Flow, Point
from flowbuilder.core.nodes import KINDS

APART = 20
"""How far a note that has to give way stays from what was there."""

Box = tuple[int, int, int, int]


def beside(flow: Flow, places: Mapping[str, Point], heights: Mapping[str, int]) -> dict[str, Point]:
    """The places of the steps, with places for the notes; nothing lies on anything else."""
    found = dict(places)
    boxes = [_box(flow, id, at, heights) for id, at in places.items()]
    near = [(_box(flow, id, flow.layout[id], heights), id) for id in places if id in flow.layout]
    notes = [id for id, node in flow.nodes.items() if KINDS[node.kind].is_apart]
    left = min((x for x, _ in places.values()), default=0)
    for id in notes:
        if id in flow.layout:
            x, y = old = flow.layout[id]
            if near:
                step = min(near, key=lambda one: (_distance(_box(flow, id, old, heights), one[0]), one[1]))[1]
                (new_x, new_y), (old_x, old_y) = places[step], flow.layout[step]
                x, y = x + new_x - old_x, y + new_y - old_y
            found[id] = _free(_box(flow, id, (x, y), heights), boxes)
            boxes.append(_box(flow, id, found[id], heights))
    for id in notes:
        if id not in found:
            top = min((y for _, y, _, _ in boxes), default=0)
            found[id] = left, top - APART - heights[id]
            boxes.append(_box(flow, id, found[id], heights))
    return found


def _free(box: Box, boxes: Iterable[Box]) -> Point:
    """The place nearest to one, above or below it, where nothing lies."""
    x, y, wide, high = box
    inside = [(top, top + tall) for left, top, width, tall in boxes if left < x + wide and x < left + width]
    tries = [y, *(place for top, bottom in inside for place in (top - APART - high, bottom + APART))]
    free = (place for place in tries if all(bottom <= place or place + high <= top for top, bottom in inside))
    return x, min(free, key=lambda place: (abs(place - y), place))


def _distance(one: Box, other: Box) -> tuple[int, int]:
    """How far two boxes are from each other, and then their corners."""
    across = max(other[0] - one[0] - one[2], one[0] - other[0] - other[2], 0)
    down = max(other[1] - one[1] - one[3], one[1] - other[1] - other[3], 0)
    return across**2 + down**2, abs(one[0] - other[0]) + abs(one[1] - other[1])


def _box(flow: Flow, id: str, at: Point, heights: Mapping[str, int]) -> Box:
    return *at, KINDS[flow.nodes[id].kind].width(flow.nodes[id]), heights[id]
