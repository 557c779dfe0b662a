"""Flows, commands and inputs for property tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS, ports
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.schema import FOLDER

SCENARIOS = Path(__file__).parents[1] / "data" / "scenarios"

ELSEWHERE = ("go_to_flow",)
"""Kinds that go over to other flows, of which there are none here."""

NAMES = ("a", "b", "c")
VARIABLES = st.sampled_from(NAMES)
TEXTS = st.sampled_from(("", "Hello", "Hi {{a}}", "{{b}} and {{c}}", "¿Qué?"))
TRIES = st.integers(1, 3)
POINTS = st.tuples(st.integers(-500, 500), st.integers(-500, 500))


def _data(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Data of a kind: by a strategy of its own, or else its blank data and those that examples and scenarios have."""
    option_ids = st.lists(st.sampled_from(("o1", "o2", "o3")), min_size=1, max_size=3, unique=True)
    options = option_ids.map(lambda ids: [{"id": id, "title": f"Title {id}"} for id in ids])
    test = st.fixed_dictionaries(
        {"variable": VARIABLES, "operator": st.sampled_from(("equals", "greater", "is_filled")), "value": st.sampled_from(("1", "x"))}
    )
    branch = st.fixed_dictionaries({"label": st.just(""), "match": st.sampled_from(("all", "any")), "tests": st.lists(test, max_size=2)})
    branches = st.lists(branch, min_size=1, max_size=2).map(lambda all: [one | {"id": f"b{at}"} for at, one in enumerate(all)])
    own = {
        "you_send_it": st.just({}),
        "message": st.fixed_dictionaries({"text": TEXTS}),
        "answer_options": st.fixed_dictionaries(
            {"style": st.sampled_from(("buttons", "list")), "text": TEXTS, "options": options, "tries": TRIES, "retry_text": TEXTS},
            optional={"variable": VARIABLES, "footer": TEXTS},
        ),
        "open_question": st.fixed_dictionaries(
            {"text": TEXTS, "answer": st.sampled_from(("text", "number")), "variable": VARIABLES, "tries": TRIES, "retry_text": TEXTS},
            optional={"joins": st.integers(1, 60)},
        ),
        "condition": st.fixed_dictionaries({"branches": branches}),
        "finish": st.fixed_dictionaries({"outcome": st.sampled_from(("success", "failure", "neutral"))}, optional={"text": TEXTS}),
    }
    return own[kind] if kind in own else st.sampled_from(_seen(kind))


@cache
def _seen(kind: str) -> list[dict[str, Any]]:
    files = (json.loads(path.read_text()) for folder in (FOLDER / "examples", SCENARIOS) for path in folder.glob("*.json"))
    steps = (node for file in files if "flow" in file for node in file["flow"]["nodes"])
    return [KINDS[kind].blank(), *(node["data"] for node in steps if node["kind"] == kind)]


@st.composite
def nodes(draw: st.DrawFn, id: str, kinds: tuple[str, ...] = tuple(KINDS)) -> Node:
    kind = draw(st.sampled_from(kinds))
    return Node(id, kind, draw(_data(kind)))


@st.composite
def flows(draw: st.DrawFn, *, most: int = 8, is_whole: bool = False, is_forward: bool = True) -> Flow:
    """A flow that opens with its first step. A whole one leaves no answer open and ends with a Finish; one that is not
    forward may go in circles."""
    inner = tuple(name for name, kind in KINDS.items() if not kind.is_start and not kind.is_apart and name not in ELSEWHERE)
    count = draw(st.integers(1, most))
    steps = [Node("n0", "you_send_it")] + [draw(nodes(f"n{at}", inner)) for at in range(1, count)]
    if is_whole:
        steps.append(Node(f"n{count}", "finish", {"outcome": "success"}))
    edges = {}
    for at, step in enumerate(steps):
        targets = [one.id for one in (steps[at + 1 :] if is_forward else steps[1:])]
        for port in ports(step):
            if targets and (is_whole or draw(st.integers(0, 3))):
                edges[step.id, port.id] = draw(st.sampled_from(targets))
    layout = {step.id: draw(POINTS) for step in steps if draw(st.booleans())}
    return Flow("Flow", {step.id: step for step in steps}, edges, layout=layout)


@st.composite
def commands(draw: st.DrawFn, flow: Flow) -> dict[str, Any]:
    """Any command about a flow, sensible or not."""
    ids = st.sampled_from([*flow.nodes, "n99"])
    places = st.tuples(ids, st.sampled_from(("next", "continue", "otherwise", "o1", "o2", "b0", "answered")))
    kind = draw(st.sampled_from(("add_node", "remove", "move", "change", "connect", "disconnect", "rename", "settings", "all")))
    match kind:
        case "add_node":
            node = draw(nodes(f"n{draw(st.integers(0, 12))}"))
            return {"kind": kind, "node": node.to_json(), "at": draw(POINTS)}
        case "remove":
            return {"kind": kind, "nodes": draw(st.lists(ids, max_size=3)), "edges": draw(st.lists(places, max_size=3))}
        case "move":
            return {"kind": kind, "positions": draw(st.dictionaries(ids, POINTS, min_size=1, max_size=3))}
        case "change":
            id = draw(ids)
            new = draw(_data(flow.nodes[id].kind)) if id in flow.nodes else {"text": "x"}
            taken_away = st.sampled_from(("variable", "footer", "text", "header"))
            return {"kind": kind, "node": id, "data": new | dict.fromkeys(draw(st.lists(taken_away, max_size=1)))}
        case "connect":
            source, port = draw(places)
            return {"kind": kind, "source": source, "port": port, "target": draw(ids)}
        case "disconnect":
            source, port = draw(st.sampled_from([*flow.edges, ("n99", "next")]))
            return {"kind": kind, "source": source, "port": port}
        case "rename":
            return {"kind": kind, "name": draw(st.sampled_from(("New name", "", "x" * 200)))}
        case "settings":
            return {"kind": kind, "settings": draw(st.sampled_from(({"exit_word": "STOP"}, {"expires_after": 1}, {"expires_after": 600})))}
    return {"kind": kind, "commands": draw(st.lists(commands(flow), min_size=1, max_size=3)), "words": "Several"}


def inputs(flow: Flow) -> st.SearchStrategy[Input]:
    """Anything that a person may send: taps on buttons of any step, texts, media, places; also a wrong id."""
    options = [f"{node.id}:{port.id}" for node in flow.nodes.values() for port in ports(node)] + ["continue", "finish", "nonsense", "n1:"]
    taps = st.sampled_from(options).map(lambda id: Input(InputKind.TAP, option=id))
    texts = st.sampled_from(("1", "2", "title o1", "TITLE O2", "5,5", "hello", "", "Continue", "cancel", "exit please"))
    typed = texts.map(lambda text: Input(InputKind.TEXT, text=text))
    other = st.sampled_from((Input(InputKind.MEDIA, media={"kind": "media", "type": "image", "id": "1"}), Input(InputKind.LOCATION)))
    return taps | typed | other
