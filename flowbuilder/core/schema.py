"""Whether a document is a flow at all: its shape by ``flows_schema/``, and that its parts belong together.

Whether the flow is a good one is asked by ``core.checks``. A document may come from anywhere: nothing in here raises
because of what it says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import SCHEMA, Flow, Node, Place, Point, in_order, node_of, point
from flowbuilder.core.json_file import BYTES_MAX
from flowbuilder.core.memory import Beside, Memory
from flowbuilder.core.nodes import KINDS, ports
from flowbuilder.core.schema_words import in_words
from flowbuilder.core.shape import compile_shape

FOLDER = Path(__file__).parents[2] / "flows_schema"
DEPTH_MAX = 16
FINDINGS_MAX = 100


def _load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def _data_of(kind: str) -> dict[str, Any]:
    """The schema of a step's data, with the part that all kinds share which wait for a person."""
    data, silence = _load(f"nodes/{kind}.json"), _load("silence.json")
    if not KINDS[kind].may_wait_in_vain:
        return data
    if not KINDS[kind].reminds:
        del silence["properties"]["reminders"]
    return data | {"properties": data["properties"] | {"silence": silence}}


_NODES = {kind: _data_of(kind) for kind in KINDS}
_FLOW = _load("flow.schema.json")
_FRAME = _FLOW["properties"]["nodes"]["items"]
_FRAME["properties"]["kind"] = {"enum": list(KINDS)}
_SHELL = _FLOW | {"properties": _FLOW["properties"] | {"nodes": {"type": "array", "maxItems": _FLOW["properties"]["nodes"]["maxItems"]}}}
NODES_MAX: int = _FLOW["properties"]["nodes"]["maxItems"]
EDGES_MAX: int = _FLOW["properties"]["edges"]["maxItems"]
_EDGE_SIZE = len(_FLOW["properties"]["edges"]["items"]["properties"])

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_is_shell = compile_shape(_SHELL)
_is_frame = compile_shape(_FRAME)
_is_data = {kind: compile_shape(schema) for kind, schema in _NODES.items()}


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator({"shell": _SHELL, "frame": _FRAME}.get(kind) or _NODES[kind])


def complete() -> dict[str, Any]:
    """The whole schema of a flow: of the frame, and of the data of every kind of step."""
    chosen = [{"if": {"properties": {"kind": {"const": kind}}}, "then": {"properties": {"data": data}}} for kind, data in _NODES.items()]
    items = _FRAME | {"allOf": chosen}
    return _FLOW | {"properties": _FLOW["properties"] | {"nodes": _FLOW["properties"]["nodes"] | {"items": items}}}


def problems(document: Any) -> tuple[Finding, ...]:
    """Everything that keeps ``document`` from being a flow, in plain sentences; at most a hundred."""
    if flow_of(document) is not None:
        return ()
    found = tuple(_foreign(document)) or tuple(_version(document)) or _first(_shape(document))
    return found or _first(_belonging(document))


def node_problems(node: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The same for a single step."""
    return tuple(_foreign(node)) or _first(_node_shape(node, "")) or _first(_node_belonging(node, ""))


def settings_problems(name: Any, settings: Any) -> tuple[Finding, ...]:
    """The same for what holds for a whole flow."""
    document = {"schema": SCHEMA, "name": name, "settings": settings, "nodes": [], "edges": []}
    return tuple(_foreign(document)) or _first(_shape(document))


def flow_of(document: Any) -> Flow | None:
    """The flow of a document of which there is nothing to say, found out without words and remembering all that was sound before."""
    if not isinstance(document, dict) or not isinstance(given := document.get("nodes"), list) or len(given) > NODES_MAX:
        return None
    shell = {key: part for key, part in document.items() if key not in ("nodes", "edges", "layout")}
    layout = _layout_of(document.get("layout", {}))
    if layout is None or not _is_sound_shell(shell):
        return None
    try:
        steps = node_of.each(given)
    except (AttributeError, KeyError, TypeError):
        return None
    sound = _sound_places.each(steps, _find_sound_places, zip(steps, given, strict=True))
    if None in sound:
        return None
    nodes = in_order({node.id: node for node in steps})
    places = dict(zip([node.id for node in steps], sound, strict=True))
    edges = _edges_of(document.get("edges"), nodes, [place for id in nodes for place in places[id]])
    return None if edges is None or len(nodes) < len(given) else Flow.of(document, nodes, edges, layout)


def _edges_of(given: Any, nodes: Mapping[str, Node], places: Sequence[Place]) -> dict[Place, str] | None:
    """The connections in the order of the ways out, ``places``. Ids that steps and their answers have are sound themselves, so nothing
    else is asked of a connection's.
    """
    if not isinstance(given, list) or len(given) > EDGES_MAX or not {*map(type, given)} <= {dict} or not {*map(len, given)} <= {_EDGE_SIZE}:
        return None
    try:
        leads = {(edge["source"], edge["port"]): edge["target"] for edge in given}
        edges = {place: nodes[target].id for place in places if (target := leads.get(place)) is not None}
    except (KeyError, TypeError):
        return None
    return edges if len(edges) == len(given) else None


def _find_sound_shell(shell: dict[str, Any]) -> bool:
    whole = {"nodes": [], "edges": []} | shell
    return not any(_foreign(shell)) and _is_shell(whole) and not any(_version(whole))


def _find_layout(given: Any) -> Mapping[str, Point] | None:
    """Where the cards lie, if there is nothing to say of it."""
    whole = {"schema": SCHEMA, "name": "-", "nodes": [], "edges": [], "layout": given}
    return {id: point(at) for id, at in given.items()} if not any(_foreign(given)) and _is_shell(whole) else None


def _find_sound_places(step: tuple[Node, Any]) -> tuple[Place, ...] | None:
    """The ways out of a step in the order of their ids, if there is nothing to say of it as it was given."""
    node, given = step
    if any(_foreign(given)) or not _is_node(given):
        return None
    ids = sorted([port.id for port in ports(node)])
    return tuple([(node.id, id) for id in ids]) if len({*ids}) == len(ids) else None


_is_sound_shell = Memory(_find_sound_shell, most=200)
_layout_of: Memory[Mapping[str, Point] | None] = Memory(_find_layout, most=20)
_sound_places: Beside[tuple[Place, ...] | None] = Beside(most=20_000)


def forget() -> None:
    """Forget every step that was sound; for measuring."""
    for memory in (_is_sound_shell, _layout_of, _sound_places, node_of):
        memory.forget()


def _first(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for _, finding in zip(range(FINDINGS_MAX), findings, strict=False))


def _foreign(document: Any) -> Iterator[Finding]:
    """What JSON cannot say, a database cannot hold, or only an attack would contain."""
    try:
        text = _ENCODER.encode(document)
        text.encode()
    except UnicodeEncodeError:
        yield _finding("not_json", "The flow holds half a character, which cannot be stored. Type the text with the strange sign again.")
    except RecursionError:
        yield _finding("too_deep", "The flow is nested deeper than any flow can be.")
    except (TypeError, ValueError):
        yield _finding("not_json", "The flow holds a value that JSON does not know, or a number without end. Remove it.")
    else:
        if len(text) > BYTES_MAX:
            yield _finding("too_large", f"The flow is larger than {BYTES_MAX // 1_000_000} MB; no flow is.")
        elif "\\u0000" in text and _holds_null_character(document):
            yield _finding("not_json", "The flow holds the character number 0, which cannot be stored. Remove it from the texts.")


def _holds_null_character(document: Any) -> bool:
    return any("\0" in value for value, _ in _walk(document) if isinstance(value, str))


def _walk(document: Any) -> Iterator[tuple[Any, int]]:
    """Every value with its depth, keys included, without recursion."""
    stack = [(document, 0)]
    while stack:
        value, depth = stack.pop()
        yield value, depth
        if isinstance(value, dict):
            stack += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            stack += [(part, depth + 1) for part in value]


def _version(document: Any) -> Iterator[Finding]:
    if not isinstance(document, dict):
        yield _finding("not_a_flow", "This is not a flow: it must be a JSON object with a name, steps (nodes) and connections (edges).")
    elif "schema" not in document:
        yield _finding("not_a_flow", f"This does not say that it is a flow: “schema” is missing. It must be {SCHEMA}.")
    elif type(document["schema"]) is bool or document["schema"] != SCHEMA:
        given = json.dumps(document["schema"])[:20]
        newer = f"The flow is in version {given} of the format; this FlowBuilder reads version {SCHEMA}. Update FlowBuilder."
        is_newer = type(document["schema"]) is int and document["schema"] > SCHEMA
        yield _finding("unknown_version", newer if is_newer else f"There is no version {given} of the format: “schema” must be {SCHEMA}.")


def _shape(document: dict[str, Any]) -> Iterator[Finding]:
    nodes = document.get("nodes")
    steps = list(enumerate(nodes, 1)) if isinstance(nodes, list) and len(nodes) <= NODES_MAX else []
    if _is_shell(document) and all(_is_node(node) for _, node in steps):
        return
    if any(depth > DEPTH_MAX for _, depth in _walk(document)):
        yield _finding("too_deep", "The flow is nested deeper than any flow can be.")
        return
    for error in _validator("shell").iter_errors(document):
        yield in_words(error)
    for at, node in steps:
        yield from _node_shape(node, f"Step {at}")


def _is_node(node: Any) -> bool:
    return _is_frame(node) and _is_data[node["kind"]](node["data"])


def _node_shape(node: Any, owner: str) -> Iterator[Finding]:
    if _is_node(node):
        return
    id = node["id"] if isinstance(node, dict) and isinstance(node.get("id"), str) else None
    frame = [in_words(error, owner or "The step", id) for error in _validator("frame").iter_errors(node)]
    yield from frame
    if not frame:
        label = KINDS[node["kind"]].label
        for error in _validator(node["kind"]).iter_errors(node["data"]):
            yield in_words(error, f"{owner} ({label})" if owner else label, id)


def _belonging(document: dict[str, Any]) -> Iterator[Finding]:
    """Ids are unique, and connections join ways out and steps that exist."""
    ports: dict[str, frozenset[str]] = {}
    for at, node in enumerate(document["nodes"], 1):
        if node["id"] in ports:
            text = f"Step {at} has the same id “{node['id']}” as a step before it. Give it an id of its own."
            yield _finding("duplicate_id", text, node=node["id"])
        yield from _node_belonging(node, f"Step {at}: ")
        ports[node["id"]] = _port_ids(node)
    seen: set[tuple[str, str]] = set()
    for at, edge in enumerate(document["edges"], 1):
        source, port, target = edge["source"], edge["port"], edge["target"]
        for id in dict.fromkeys((source, target)):
            if id not in ports:
                yield _finding("no_such_step", f"Connection {at} speaks of a step “{id}” that is not in the flow. Remove the connection.")
        if source in ports and port not in ports[source]:
            text = f"Connection {at} starts at an answer “{port}” that step “{source}” does not have. Remove the connection."
            yield _finding("no_such_port", text, node=source)
        if (source, port) in seen:
            text = (
                f"Connection {at} is the second one from the answer “{port}” of step “{source}”; an answer leads to one step. Remove one."
            )
            yield _finding("duplicate_edge", text, node=source)
        seen.add((source, port))


def _port_ids(node: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(port.id for port in ports(Node.from_json(node)))


def _node_belonging(node: Mapping[str, Any], owner: str) -> Iterator[Finding]:
    ids = [port.id for port in ports(Node.from_json(node))]
    for id in dict.fromkeys(id for id in ids if ids.count(id) > 1) if len(set(ids)) < len(ids) else ():
        text = f"{owner}Two answers or branches have the same id “{id}”. Give each an id of its own."
        yield _finding("duplicate_id", text, node=node["id"])


def _finding(code: str, text: str, *, node: str | None = None, row: int | None = None) -> Finding:
    return Finding(code, text, node=node, row=row)
