"""What the history calls a command, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.marks import plain
from flowbuilder.core.nodes import KINDS, kind_of, name_of, ports

Tapped = Mapping[str, str]
"""What the buttons of the initial message say, by the port that each leads through."""
UNTAPPED: Tapped = MappingProxyType({})
WORDS_MAX = 300

_FIELDS = {
    "text": "the text",
    "template": "the initial message",
    "words": "the seen words of the initial message",
    "style": "how the answers are shown",
    "header": "the header",
    "footer": "the footer",
    "list_button": "the button that opens the list",
    "options": "the answers",
    "variable": "the variable",
    "tries": "the number of tries",
    "retry_text": "the text after a wrong answer",
    "answer": "the type of answer",
    "least": "the limits of the answer",
    "most": "the limits of the answer",
    "joins": "how long it waits for more of an answer",
    "later_texts": "the texts after wrong answers",
    "branches": "the branches",
    "outcome": "the outcome",
    "value": "the value",
    "type": "the type",
    "shares": "the shares",
    "colour": "the colour",
    "size": "the size",
    "width": "the size",
    "height": "the size",
    "phrases": "the phrases",
    "line": "the line",
    "medium": "the file",
    "label": "the button",
    "url": "the address",
    "flow": "the flow",
    "values": "the values handed over",
    "filled": "what is filled in",
    "otherwise": "what is filled in",
    "policy": "the policy",
    "accepted": "the button for accepting",
    "declined": "the button for declining",
    "team": "the team",
    "note": "the note",
    "after": "how long it waits",
    "message": "the outbound message",
    "parameters": "the values of the outbound message",
    "to": "where the code goes",
    "digits": "the length of the code",
    "lifetime": "the lifetime of the code",
    "resends": "how often the code may be sent again",
    "again": "the button for sending again",
    "unsent_text": "the text when it cannot be sent again",
}


def words(command: Mapping[str, Any], before: Flow, after: Flow, tapped: Tapped = UNTAPPED) -> str:
    """The command in words, by the flow before it and after it: a step is called as it reads now, so that what grows by typing is called
    by all that was typed; one that went, as it read last.
    """
    known = replace(before, nodes={**before.nodes, **after.nodes})
    try:
        return _WORDS[command["kind"]](command, known, tapped)[:WORDS_MAX]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return "Changed the flow"


def _add_node(command: Mapping[str, Any], flow: Flow, tapped: Tapped) -> str:
    node = command["node"]
    return f"Added {name_of(Node.from_json(node)) if node.get('data') else KINDS[node['kind']].label}"


def _remove(command: Mapping[str, Any], flow: Flow, tapped: Tapped) -> str:
    nodes = command.get("nodes", ())
    if not nodes:
        return f"Deleted {_count(command['edges'], 'connection')}"
    return f"Deleted {_step(flow, nodes[0]) if len(nodes) == 1 else _count(nodes, 'step')}"


def _move(command: Mapping[str, Any], flow: Flow, tapped: Tapped) -> str:
    ids = list(command["positions"])
    return f"Moved {_step(flow, ids[0]) if len(ids) == 1 else _count(ids, 'step')}"


def _change(command: Mapping[str, Any], flow: Flow, tapped: Tapped) -> str:
    fields = list(dict.fromkeys(_FIELDS[key] for key in command["data"] if key in _FIELDS))
    what = " and ".join(fields[:2]) if 0 < len(fields) < 3 else "the details"
    return f"Changed {what} of {_step(flow, command['node'])}"


def _connect(command: Mapping[str, Any], flow: Flow, tapped: Tapped) -> str:
    return f"Connected {answer_words(flow, command['source'], command['port'], tapped)} to {_step(flow, command['target'])}"


def _disconnect(command: Mapping[str, Any], flow: Flow, tapped: Tapped) -> str:
    return f"Disconnected {answer_words(flow, command['source'], command['port'], tapped)}"


def _all(command: Mapping[str, Any], flow: Flow, tapped: Tapped) -> str:
    commands = command["commands"]
    if told := plain(command.get("words") or ""):
        return told
    return _WORDS[commands[0]["kind"]](commands[0], flow, tapped) if len(commands) == 1 else f"Made {len(commands)} changes"


def _step(flow: Flow, id: str) -> str:
    return name_of(flow.nodes[id]) if id in flow.nodes else "a step"


def field_words(key: str) -> str:
    """What people call a field of a step."""
    return _FIELDS.get(key) or f"the {key.replace('_', ' ')}"


def answer_words(flow: Flow, source: str, port: str, tapped: Tapped = UNTAPPED) -> str:
    """A way out with the step it belongs to."""
    if source not in flow.nodes:
        return "an answer"
    own = tapped.get(port) if kind_of(flow.nodes[source]).is_sent else ""
    label = own or next((one.label for one in ports(flow.nodes[source]) if one.id == port), port)
    return f"“{plain(label)}” of {_step(flow, source)}"


def _count(things: Sized, word: str) -> str:
    return f"a {word}" if len(things) == 1 else f"{len(things)} {word}s"


_WORDS: dict[str, Callable[[Mapping[str, Any], Flow, Tapped], str]] = {
    "add_node": _add_node,
    "remove": _remove,
    "move": _move,
    "change": _change,
    "connect": _connect,
    "disconnect": _disconnect,
    "rename": lambda command, flow, tapped: f"Renamed the flow to “{command['name']}”",
    "opening": lambda command, flow, tapped: f"Changed the opening to “{KINDS[command['to']].label}”",
    "settings": lambda command, flow, tapped: "Changed the settings of the flow",
    "restore": lambda command, flow, tapped: "Took back a change",
    "all": _all,
}
