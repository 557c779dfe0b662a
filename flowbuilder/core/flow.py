"""A flow as a value: steps, the connections between them, settings, and where the cards lie.

No kind of step is known here (see ``core.nodes``), and no rule (see ``core.checks``). ``from_json`` trusts a
document that ``core.schema`` has found in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from operator import itemgetter
from typing import Any, Self, TypeVar

from flowbuilder.core.memory import Memory

K = TypeVar("K", str, tuple[str, str])
V = TypeVar("V")

SCHEMA = 1

Place = tuple[str, str]
Point = tuple[int, int]

EDGE_OF_CANVAS = 1_000_000


@dataclass(frozen=True, slots=True)
class Port:
    """A way out of a step: one answer, one branch. Unless it ``must_lead`` somewhere it may stay unconnected."""

    id: str
    label: str
    must_lead: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    port: str
    target: str


@dataclass(frozen=True, slots=True)
class Node:
    """One step. ``data`` is what its kind keeps; nobody changes it in place, and a key without a value is left out."""

    id: str
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(document["id"], document["kind"], without_nulls(document.get("data") or {}))

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "kind": self.kind, "data": dict(self.data)}


node_of: Memory[Node] = Memory(Node.from_json, most=20_000, owns=True)
"""The step of a document; always the same one for the same content, so that what was found out about it can be kept beside it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a whole flow. An empty ``exit_word`` switches the word off; times are seconds.

    ``zone`` is where ``today`` and ``now`` are meant.
    """

    exit_word: str = "EXIT"
    exit_text: str = "You have left this conversation."
    expires_after: int = 24 * 60 * 60
    reprompt: str = "Please choose one of the options, or send {{exit_word}} to leave."
    zone: str = "UTC"

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(**{one.name: document[one.name] for one in fields(cls) if document.get(one.name) is not None})

    def to_json(self) -> dict[str, Any]:
        """UTC, which is meant where nothing is said, is not written."""
        return {name: value for name, value in asdict(self).items() if (name, value) != ("zone", "UTC")}


@dataclass(frozen=True, slots=True)
class Flow:
    """The graph. ``edges`` maps (step, port) to the step it leads to: a port leads to one step at most.

    Steps and connections are kept in the order of their ids.
    """

    name: str
    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: Mapping[Place, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    layout: Mapping[str, Point] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        nodes = {node["id"]: node_of(node) for node in document["nodes"]}
        edges = {(edge["source"], edge["port"]): edge["target"] for edge in document["edges"]}
        layout = {id: point(at) for id, at in (document.get("layout") or {}).items()}
        return cls.of(document, in_order(nodes), in_order(edges), layout)

    @classmethod
    def of(cls, document: Mapping[str, Any], nodes: dict[str, Node], edges: dict[Place, str], layout: Mapping[str, Point]) -> Self:
        """The flow of a document whose parts are known, and in order."""
        return cls(
            name=document["name"],
            nodes=nodes,
            edges=edges,
            settings=Settings.from_json(document.get("settings") or {}),
            layout=layout,
        )

    def to_json(self) -> dict[str, Any]:
        """The document, always in the same order: steps by id, connections by step and port."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "settings": self.settings.to_json(),
            "nodes": [self.nodes[id].to_json() for id in sorted(self.nodes)],
            "edges": [{"source": source, "port": port, "target": self.edges[source, port]} for source, port in sorted(self.edges)],
            "layout": {id: list(self.layout[id]) for id in sorted(self.layout)},
        }

    def canonical(self) -> str:
        """The document as text that is equal exactly when the flows are."""
        return json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def connections(self) -> Iterator[Edge]:
        for source, port in sorted(self.edges):
            yield Edge(source, port, self.edges[source, port])

    def target(self, source: str, port: str) -> str | None:
        """Where ``port`` leads, if it leads to a step that exists."""
        target = self.edges.get((source, port))
        return target if target in self.nodes else None

    def with_(self, **changes: Any) -> Self:
        return replace(self, **changes)


def point(at: Sequence[float]) -> Point:
    """Where a card lies, in whole pixels; the canvas has an end."""
    x, y = round(at[0]), round(at[1])
    if -EDGE_OF_CANVAS <= x <= EDGE_OF_CANVAS and -EDGE_OF_CANVAS <= y <= EDGE_OF_CANVAS:
        return x, y
    return max(-EDGE_OF_CANVAS, min(EDGE_OF_CANVAS, x)), max(-EDGE_OF_CANVAS, min(EDGE_OF_CANVAS, y))


def in_order(parts: dict[K, V]) -> dict[K, V]:
    """The parts by their keys, so that equal flows are walked through alike."""
    return dict(sorted(parts.items(), key=itemgetter(0)))


def without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None} if None in data.values() else dict(data)
