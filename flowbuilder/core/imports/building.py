"""A flow of ours, put together from the parts of another builder's: steps, connections, and notes on what was left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx

from flowbuilder.core.flow import Flow, Node, in_order, point
from flowbuilder.core.layout import arrange
from flowbuilder.core.message import cut
from flowbuilder.core.nodes import name_of, ports
from flowbuilder.core.variables import BUILT_IN, is_name

START, END = "start", "end"
NO_REPLY = "no_reply"
RETRY = "Please answer once more, or send {{exit_word}} to leave."
TEXT_MAX = 8192
LEAST_SILENCE, MOST_SILENCE = 60, 30 * 24 * 60 * 60

_MAY_BE_EMPTY = frozenset({"text", "value", "label", "note", "url", "body"})
_WORDS = frozenset({"text", "value", "note", "retry_text"})


class Foreign(Exception):
    """A document that cannot be made into a flow; ``text`` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Note:
    """What is not as it was: ``kind`` is left out, changed or to do; ``where`` names the step."""

    kind: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A flow made of another builder's, with all there is to say about it; ``goes_to`` names the flows that steps go over to."""

    source: str
    flow: Flow
    notes: tuple[Note, ...]
    goes_to: Mapping[str, str] = field(default_factory=dict)


class Builder:
    """``add`` steps and ``connect`` them by the ids that they have elsewhere; ``build`` closes what is open."""

    def __init__(self, source: str, name: str, phrases: Sequence[str] = (), beside: Collection[str] = ()) -> None:
        """``phrases`` open the conversation where people may begin it; ``beside`` names the flows of the same file."""
        self.beside = beside
        self.source, self.name = source, " ".join(name.split())[:120] or source
        said = [{"id": f"p{number}", "text": cut(phrase, 100)} for number, phrase in enumerate(phrases[:20], 1)]
        opening = Node(START, "user_sends_it", {"phrases": said}) if said else Node(START, "you_send_it")
        self.nodes: dict[str, Node] = {START: opening}
        self.notes: list[Note] = []
        self.goes_to: dict[str, str] = {}
        self._edges: dict[tuple[str, str], str] = {}
        self._layout: dict[str, tuple[int, int]] = {}
        self._variables: dict[str, str] = {}

    def add(self, id: str, kind: str, at: Any = None, /, **data: Any) -> str:
        """The step's id here, which is its own wherever that can be."""
        id = own_id(id)
        kept = {key: value for key, value in data.items() if value not in (None, "") or key in _MAY_BE_EMPTY}
        self.nodes[id] = Node(id, kind, {key: cut(value, TEXT_MAX) if key in _WORDS else value for key, value in kept.items()})
        if at is not None:
            self._layout[id] = point(at)
        return id

    def wait_at(self, id: str, seconds: int) -> None:
        """How long a question waits for its answer, where steps can tell."""
        node = self.nodes[own_id(id)]
        if any(port.id == NO_REPLY for port in ports(node)):
            silence = {"after": max(LEAST_SILENCE, min(MOST_SILENCE, seconds))}
            self.extend(id, silence=silence)

    def connect(self, source: str, port: str, target: str | None) -> None:
        if target is not None:
            self._edges[own_id(source), port] = own_id(target)

    def lead(self, source: str, target: str | None) -> None:
        """``source`` goes on with ``target``, whatever comes of it; a step that ends does not."""
        for port in ports(self.nodes[own_id(source)]):
            if port.must_lead:
                self.connect(source, port.id, target)

    def extend(self, id: str, **data: Any) -> None:
        """Keep more about a step that is there."""
        node = self.nodes[own_id(id)]
        self.nodes[node.id] = Node(node.id, node.kind, {**node.data, **data})

    def left_out(self, where: str, text: str) -> None:
        self.notes.append(Note("left out", cut(where, 80), text))

    def changed(self, where: str, text: str) -> None:
        self.notes.append(Note("changed", cut(where, 80), text))

    def to_do(self, where: str, text: str) -> None:
        self.notes.append(Note("to do", cut(where, 80), text))

    def variable(self, name: str) -> str:
        """A name that variables may have here, the same for the same name there."""
        if name not in self._variables:
            plain = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).encode("ascii", "ignore").decode().lower()
            base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:28] or "answer"
            base = base if base[0].isalpha() else f"v_{base}"[:28]
            taken, number = set(self._variables.values()), 2
            found = base
            while found in taken or not is_name(found):
                found, number = f"{base}_{number}", number + 1
            self._variables[name] = found
        return self._variables[name]

    def names_of(self, text: str, pattern: re.Pattern[str]) -> str:
        """``text`` with the variables that ``pattern`` finds called as they are here."""
        return pattern.sub(lambda found: found[0] if found[1] in BUILT_IN else f"{{{{{self.variable(found[1])}}}}}", text)

    def build(self, first: str | None) -> Imported:
        """The flow: it opens with our own step, closes no circle, and ends wherever nothing followed."""
        opening = self.nodes[START].kind
        self.connect(START, "continue" if opening == "you_send_it" else "next", first)
        edges = self._forward()
        for node in self.nodes.values():
            for port in ports(node):
                if (node.id, port.id) not in self._edges and port.must_lead:
                    edges[node.id, port.id] = END
        nodes = self.nodes | ({END: Node(END, "finish", {"outcome": "success"})} if END in edges.values() else {})
        if opening == "you_send_it":
            self.notes.insert(0, Note("to do", "You send it", "Choose or create the initial message that opens the conversation."))
        flow = Flow(self.name, in_order(nodes), in_order(edges))
        laid = self._layout if self._layout.keys() >= self.nodes.keys() - {START} else {}
        flow = flow.with_(layout=_beside(laid, flow) if laid else arrange(flow))
        return Imported(self.source, flow, tuple(self.notes), in_order(self.goes_to))

    def _forward(self) -> dict[tuple[str, str], str]:
        """The connections whose ends exist, without those that would lead back."""
        kept: dict[tuple[str, str], str] = {}
        graph = networkx.DiGraph()
        graph.add_nodes_from(self.nodes)
        for (source, port), target in self._edges.items():
            if source not in self.nodes or target not in self.nodes or all(one.id != port for one in ports(self.nodes[source])):
                continue
            if source == target or networkx.has_path(graph, target, source):
                names = name_of(self.nodes[source]), name_of(self.nodes[target])
                self.changed(names[0], f"It led back to {names[1]}. A conversation only goes forward here; choose where it goes on.")
                continue
            graph.add_edge(source, target)
            kept[source, port] = target
        return kept


def _beside(laid: Mapping[str, tuple[int, int]], flow: Flow) -> dict[str, tuple[int, int]]:
    """The places that the cards had, with our first and last step beside them."""
    left, right = min(x for x, _ in laid.values()), max(x for x, _ in laid.values())
    top = min(y for _, y in laid.values())
    places = {START: point((left - 360, top)), END: point((right + 360, top)), **laid}
    return {id: places[id] for id in flow.nodes if id in places}


def own_id(id: str) -> str:
    """The id as it may stand here."""
    clean = re.sub(r"[^A-Za-z0-9_-]", "-", str(id))[:60]
    return f"x{clean}" if clean in ("", END) else clean
