"""A flow as a list that is read from top to bottom: every step once, indented by the answer that leads to it.

A step with one way out goes on below it without indenting; each answer of a step with several opens a level. What
another answer leads to already is only named. Also what moving a step up or down in that list means, as a command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowbuilder.core.flow import Flow, Node, Place, Port
from flowbuilder.core.layout import height
from flowbuilder.core.marks import named
from flowbuilder.core.nodes import KINDS, name_of, ports, starts
from flowbuilder.core.nodes.finish import USUAL

DEEPEST = 8
COLUMN, AIR = 280, 20
HEADING = 160


@dataclass(frozen=True, slots=True)
class Way:
    """One answer of a step; ``opens`` means that its step is listed below as what comes next."""

    port: Port
    target: str | None
    opens: bool


@dataclass(frozen=True, slots=True)
class Row:
    """``via`` is the answer by which the list comes here; None for the opening and for what nothing leads to."""

    number: int
    node: Node
    depth: int
    via: Place | None
    ways: tuple[Way, ...]


def outline(flow: Flow) -> tuple[Row, ...]:
    """From the opening along the answers, then what nothing leads to, from left to right."""
    first = [node.id for node in starts(flow)]
    led_to = set(flow.edges.values())
    rest = sorted(flow.nodes, key=lambda id: (id in led_to, flow.layout.get(id, (0, 0)), id))
    rows: list[Row] = []
    seen: set[str] = set()
    for id in (*first, *rest):
        if id not in seen:
            rows.extend(_walk(flow, id, seen, len(rows)))
    return tuple(rows)


def _walk(flow: Flow, first: str, seen: set[str], count: int) -> Iterator[Row]:
    open_: list[tuple[str, int, Place | None]] = [(first, 0, None)]
    while open_:
        id, depth, via = open_.pop()
        if id in seen:
            continue
        seen.add(id)
        count += 1
        node = flow.nodes[id]
        answers = ports(node)
        ways, below = [], []
        for port in answers:
            target = flow.target(id, port.id)
            opens = target is not None and target not in seen and all(target != one for one, *_ in (*open_, *below))
            ways.append(Way(port, target, opens))
            if opens and target is not None:
                below.append((target, min(depth + (len(answers) > 1), DEEPEST), (id, port.id)))
        open_ += reversed(below)
        yield Row(count, node, depth, via, tuple(ways))


def names(rows: Iterable[Row]) -> dict[str, str]:
    """What to call each step of the list; those that would read alike, as a copy does, are counted: “Message (2)”.

    They keep their numbers wherever they come in the list: ids of later steps sort after those of earlier ones.
    """
    seen: Counter[str] = Counter()
    found = {}
    for row in sorted(rows, key=lambda row: row.node.id):
        name = name_of(row.node)
        seen[name] += 1
        found[row.node.id] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return found


def headings(names: Mapping[str, str], flow: Flow) -> dict[str, str]:
    """The same names at the head of each step, with words that they cut."""
    whole = {id: (named(KINDS[node.kind].label, KINDS[node.kind].summary(node), HEADING), name_of(node)) for id, node in flow.nodes.items()}
    return {id: long + names[id].removeprefix(short) for id, (long, short) in whole.items()}


def after(flow: Flow, place: Place, node: Mapping[str, Any]) -> dict[str, Any]:
    """The command that adds a step at an answer. What the answer led to comes after the new step, where that has a way out; but what
    others lead to, too, stays theirs alone."""
    source, port = place
    x, y = flow.layout.get(source, (0, 0))
    if node["kind"] == "finish" and (outcome := _usual(flow, place)):
        node = {**node, "data": {**node["data"], "outcome": outcome}}
    commands: list[dict[str, Any]] = [
        {"kind": "add_node", "node": node, "at": list(_free(flow, Node.from_json(node), x + 350, y))},
        {"kind": "connect", "source": source, "port": port, "target": node["id"]},
    ]
    onward = next(iter(ports(Node.from_json(node))), None)
    target = flow.target(source, port)
    if target is not None and onward is not None and [*flow.edges.values()].count(target) == 1:
        commands.append({"kind": "connect", "source": node["id"], "port": onward.id, "target": target})
    return {"kind": "all", "commands": commands, "words": f"Added {KINDS[node['kind']].label}"}


def _usual(flow: Flow, place: Place) -> str | None:
    """What a new Finish counts as by the answer at which it is added, or that leads to the steps before it that only go on."""
    source, port = place
    for _ in flow.nodes:
        ways = [way for way, target in flow.edges.items() if target == source]
        if len(ports(flow.nodes[source])) != 1 or len(ways) != 1:
            break
        source, port = ways[0]
    return None if flow.nodes[source].kind == "condition" else USUAL.get(port)


def copied(flow: Flow, id: str, new: str) -> dict[str, Any]:
    """The command that lays a copy of a step beside it, to which nothing leads yet."""
    node, (x, y) = flow.nodes[id], flow.layout.get(id, (0, 0))
    step = {"id": new, "kind": node.kind, "data": dict(node.data)}
    command = {"kind": "add_node", "node": step, "at": list(_free(flow, node, x + 40, y + 40))}
    return {"kind": "all", "commands": [command], "words": f"Duplicated {name_of(node)}"}


def _free(flow: Flow, node: Node, x: int, y: int) -> tuple[int, int]:
    """The nearest place downwards where the card covers no other."""
    tall = height(node) + AIR
    taken = [(left, top, height(flow.nodes[id]) + AIR) for id, (left, top) in flow.layout.items() if id in flow.nodes]
    for _ in range(200):
        if not any(abs(left - x) < COLUMN and top < y + tall and y < top + high for left, top, high in taken):
            break
        y += 40
    return x, y


def fixed(flow: Flow) -> dict[str, tuple[str, str]]:
    """Why each step that leads on cannot change places with the one before it, and with the one after it; empty where it can."""
    into: dict[str, list[str]] = {}
    for (source, _), target in flow.edges.items():
        into.setdefault(target, []).append(source)
    first = {id: _fixed_after(flow, into.get(id, [])) for id in flow.nodes}
    found = {}
    for id in flow.nodes:
        onward = _onward(flow, id)
        if onward is not None and not KINDS[flow.nodes[id].kind].is_start:
            found[id] = first[id], _fixed_before(flow, flow.target(id, onward), first)
    return found


def _fixed_after(flow: Flow, leading: list[str]) -> str:
    if len(leading) != 1:
        return "several answers lead to it" if leading else "nothing leads to it"
    return "the step before it opens the flow" if KINDS[flow.nodes[leading[0]].kind].is_start else ""


def _fixed_before(flow: Flow, after: str | None, first: Mapping[str, str]) -> str:
    if after is None:
        return "nothing follows it"
    if _onward(flow, after) is None:
        return "what follows it ends the flow"
    return "several answers lead to what follows it" if first[after] else ""


def moved(flow: Flow, id: str, up: bool) -> dict[str, Any] | None:
    """The command that lets a step change places with the one before it, or after it; None where that cannot be."""
    why = fixed(flow).get(id)
    if why is None or why[0 if up else 1]:
        return None
    lower = id if up else flow.edges[id, str(_onward(flow, id))]
    words = f"Moved {name_of(flow.nodes[id])} {'up' if up else 'down'}"
    return {"kind": "all", "commands": _changing_places(flow, lower), "words": words}


def _changing_places(flow: Flow, id: str) -> list[dict[str, Any]]:
    """A step and the one before it, of which one answer alone leads to it."""
    ((before, port),) = [place for place, target in flow.edges.items() if target == id]
    onward = str(_onward(flow, id))
    target = flow.target(id, onward)
    commands: list[dict[str, Any]] = [{"kind": "disconnect", "source": before, "port": port}]
    if target is not None:
        commands.append({"kind": "disconnect", "source": id, "port": onward})
    commands += [
        {"kind": "connect", "source": source, "port": answer, "target": id} for (source, answer), led in flow.edges.items() if led == before
    ]
    commands.append({"kind": "connect", "source": id, "port": onward, "target": before})
    if target is not None:
        commands.append({"kind": "connect", "source": before, "port": port, "target": target})
    here, there = flow.layout.get(id, (0, 0)), flow.layout.get(before, (0, 0))
    commands.append({"kind": "move", "positions": {id: list(there), before: list(here)}})
    return commands


def _onward(flow: Flow, id: str) -> str | None:
    """The way by which a step leads on: its first answer."""
    return next((port.id for port in ports(flow.nodes[id])), None)
