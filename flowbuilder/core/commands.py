"""Changes to a flow: what each does, what takes it back, what it touches, and how the history calls it.

A command becomes a patch, and a patch is put on; taking the old values from under it gives the inverse, which is
again a patch (kind ``restore``). So every inverse restores exactly, and flows stay in order by their schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowbuilder.core.flow import Flow
from flowbuilder.core.history import words
from flowbuilder.core.nodes import KINDS, NodeKind, assigns, reads, starts
from flowbuilder.core.patch import Applied, Patch, Refused, put_on
from flowbuilder.core.schema import NODES_MAX
from flowbuilder.core.variables import free_name

__all__ = ["Applied", "Refused", "apply", "fresh_id", "words"]

Command = Mapping[str, Any]

ALL_MAX = 5000


def apply(flow: Flow, command: Command) -> Applied:
    """The changed flow, what takes the change back, and what must be drawn again; raises Refused with the reason."""
    try:
        maker = _MAKERS.get(command["kind"])
        if maker is None:
            raise Refused("unknown_command", f"The change “{str(command['kind'])[:40]}” is not known here. Reload the page.")
        return maker(flow, command)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise Refused("bad_command", "The change is incomplete or has the wrong form. Reload the page and do it again.") from error


def fresh_id(taken: Mapping[str, Any] | set[str], prefix: str = "n") -> str:
    """The next free id of the form n1, n2 …, above all that are taken."""
    numbers = [int(id[len(prefix) :]) for id in taken if id.startswith(prefix) and id[len(prefix) :].isdecimal() and len(id) < 16]
    return f"{prefix}{max(numbers, default=0) + 1}"


def _add_node(flow: Flow, command: Command) -> Applied:
    node, at = command["node"], command["at"]
    kind = KINDS.get(node["kind"])
    if kind is None:
        raise Refused("unknown_kind", "This kind of step is not known here. Reload the page.")
    if node["id"] in flow.nodes:
        raise Refused("duplicate_id", "A step with this id is already there. Add it again.")
    if len(flow.nodes) >= NODES_MAX:
        raise Refused("too_many_steps", f"A flow has at most {NODES_MAX:,} steps. Remove some, or go on in another flow.")
    data = node.get("data") if node.get("data") is not None else kind.blank()
    step = {"id": node["id"], "kind": kind.name, "data": _named_apart(flow, kind, data)}
    return put_on(flow, Patch(nodes={node["id"]: step}, layout={node["id"]: at}))


def _named_apart(flow: Flow, kind: NodeKind, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a question that is new: its answer is kept by a name of its own, so that no earlier one is replaced unseen."""
    if not kind.hears or not data.get("variable") or data != kind.blank():
        return data
    taken = {name for node in flow.nodes.values() for names in assigns(node).values() for name in names}
    return {**data, "variable": free_name(data["variable"], taken.union(*map(reads, flow.nodes.values())))}


def _remove(flow: Flow, command: Command) -> Applied:
    """Steps go with all their connections."""
    gone = dict.fromkeys(command.get("nodes", ()))
    _must_be_there(flow, gone)
    places = dict.fromkeys(place for place in map(tuple, command.get("edges", ())) if place in flow.edges)
    if not gone and not places:
        raise Refused("no_such_edge", "What you wanted to remove is no longer there.")
    return put_on(flow, Patch(nodes=gone, edges=places))


def _move(flow: Flow, command: Command) -> Applied:
    _must_be_there(flow, command["positions"])
    return put_on(flow, Patch(layout=dict(command["positions"])))


def _change(flow: Flow, command: Command) -> Applied:
    """Merge keys into a step's data; connections of answers that go with it go too."""
    return put_on(flow, Patch(data={command["node"]: dict(command["data"])}))


def _connect(flow: Flow, command: Command) -> Applied:
    return put_on(flow, Patch(edges={(command["source"], command["port"]): command["target"]}))


def _disconnect(flow: Flow, command: Command) -> Applied:
    place = (command["source"], command["port"])
    if place not in flow.edges:
        raise Refused("no_such_edge", "This connection is no longer there.")
    return put_on(flow, Patch(edges={place: None}))


def _rename(flow: Flow, command: Command) -> Applied:
    return put_on(flow, Patch(name=" ".join(command["name"].split())))


def _opening(flow: Flow, command: Command) -> Applied:
    """Another kind of opening in place of the one that is there; it leads where that one led."""
    kind, olds = KINDS[command["to"]], starts(flow)
    if not kind.is_start:
        raise ValueError("no opening")
    step = {"id": command["id"], "kind": kind.name, "data": kind.blank()}
    target = flow.target(olds[0].id, KINDS[olds[0].kind].opening) if olds else None
    edges = {(command["id"], kind.opening): target} if target else {}
    at = flow.layout.get(olds[0].id, (0, 0)) if olds else (0, 0)
    return put_on(flow, Patch(nodes=dict.fromkeys(old.id for old in olds) | {command["id"]: step}, edges=edges, layout={command["id"]: at}))


def _settings(flow: Flow, command: Command) -> Applied:
    changes = dict(command["settings"]) if "settings" in command else {key: value for key, value in command.items() if key != "kind"}
    if not changes:
        raise ValueError("no settings")
    return put_on(flow, Patch(settings=changes))


def _restore(flow: Flow, command: Command) -> Applied:
    return put_on(flow, Patch.from_json(command["patch"]))


def _all(flow: Flow, command: Command) -> Applied:
    """Several commands as one: all or none."""
    if not 0 < len(command["commands"]) <= ALL_MAX:
        raise ValueError("no commands, or too many")
    now, inverses = flow, []
    nodes, edges, removed = set(), set(), set()
    for one in command["commands"]:
        applied = apply(now, one)
        now = applied.flow
        inverses.append(applied.inverse)
        nodes |= set(applied.touched["nodes"])
        edges |= {tuple(place) for place in applied.touched["edges"]}
        removed |= set(applied.touched["removed"])
    touched = {"nodes": sorted(nodes & now.nodes.keys()), "edges": sorted(map(list, edges)), "removed": sorted(removed - now.nodes.keys())}
    return Applied(now, {"kind": "all", "commands": inverses[::-1]}, touched)


def _must_be_there(flow: Flow, ids: Any) -> None:
    if any(id not in flow.nodes for id in ids):
        raise Refused("no_such_step", "This step is no longer in the flow; somebody removed it meanwhile.")


_MAKERS: dict[str, Callable[[Flow, Command], Applied]] = {
    "add_node": _add_node,
    "remove": _remove,
    "move": _move,
    "change": _change,
    "connect": _connect,
    "disconnect": _disconnect,
    "rename": _rename,
    "opening": _opening,
    "settings": _settings,
    "restore": _restore,
    "all": _all,
}
