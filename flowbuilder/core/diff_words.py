"""What differs between two flows, in sentences for people: one per step that came, went or changed, and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from flowbuilder.core.checks.proved import duration
from flowbuilder.core.diff import Difference, differing
from flowbuilder.core.flow import Flow, Node, Place
from flowbuilder.core.history import UNTAPPED, Tapped, answer_words, field_words
from flowbuilder.core.message import cut
from flowbuilder.core.nodes import name_of, ports

SHOWN = 60
NAMED = 3

# What these hold are ids of outbound messages, flows, lines and teams, and marks of words, which say nothing to people.
_NAMES_OTHERS = frozenset({"template", "words", "message", "flow", "line", "team"})

_SECONDS = frozenset({"after", "expires_after", "lifetime", "seconds"})

_SETTINGS = {
    "exit_word": "the word that ends the conversation",
    "exit_text": "what is said when somebody leaves with that word",
    "expires_after": "the silence after which it ends",
    "reprompt": "what is said when neither option of the initial message was chosen",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence. ``mark`` is added, removed, changed, moved, connected or settings; ``node`` the step it is about."""

    mark: str
    text: str
    node: str | None = None


def in_words(difference: Difference, tapped: Tapped = UNTAPPED) -> tuple[Change, ...]:
    """Nothing exactly when nothing differs. Connections of steps that came or went are told by those steps."""
    return tuple(_all(difference, tapped))


def _all(difference: Difference, tapped: Tapped) -> Iterator[Change]:
    old, new = difference.old, difference.new
    if difference.is_renamed:
        yield Change("settings", f"The flow is called “{new.name}”; it was “{old.name}”.")
    for key in difference.settings:
        label = _SETTINGS.get(key, f"the setting “{key.replace('_', ' ')}”")
        text = _value_words(label, old.settings.to_json().get(key), new.settings.to_json().get(key), _shown(key))
        yield Change("settings", f"Settings: {text}.")
    for id in difference.added:
        yield Change("added", f"Added {name_of(new.nodes[id])}.", id)
    for id in difference.removed:
        yield Change("removed", f"Removed {name_of(old.nodes[id])}.", id)
    for id in difference.replaced:
        yield Change("changed", f"{name_of(old.nodes[id])} became {name_of(new.nodes[id])}.", id)
    for id, keys in difference.changed.items():
        text = "; ".join(_field_words(key, old.nodes[id], new.nodes[id]) for key in keys)
        yield Change("changed", f"{name_of(new.nodes[id])}: {text}.", id)
    for place in difference.connections:
        if text := _connection_words(old, new, place, tapped):
            yield Change("connected", text, place[0])
    if difference.moved:
        yield Change("moved", f"Moved {_names(new, difference.moved)} on the canvas.")


def _field_words(key: str, before: Node, after: Node) -> str:
    old, new = before.data.get(key), after.data.get(key)
    label = field_words(key)
    if key in _NAMES_OTHERS:
        return f"{label} is {'another one' if old and new else 'chosen' if new else 'taken away'}"
    if _has_ids(old) and _has_ids(new):
        return f"{label}: {', '.join(_items_words(old, new))}"
    return _value_words(label, old, new, _shown(key))


def _shown(key: str) -> Callable[[Any], str]:
    return duration if key in _SECONDS else str


def _value_words(label: str, old: Any, new: Any, shown: Callable[[Any], str]) -> str:
    match old, new:
        case str(), str() if old and new:
            was, now = _apart(old, new)
            return f"{label} is “{now}”, was “{was}”"
        case ((None | ""), str()) if new:
            return f"{label} is “{_short(new)}”, was empty"
        case str(), (None | "") if old:
            return f"{label} is empty, was “{_short(old)}”"
        case ((int() | float()), (int() | float())) if not isinstance(old, bool) and not isinstance(new, bool):
            return f"{label} is {shown(new)}, was {shown(old)}"
        case None, (int() | float()):
            return f"{label} is {shown(new)}, was not set"
        case ((int() | float()), None):
            return f"{label} is not set, was {shown(old)}"
    return f"{label} changed"


def _items_words(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Answers and branches by their ids."""
    before, after = ({one["id"]: one for one in items} for items in (old, new))
    for id, one in after.items():
        if id not in before:
            yield f"added {_item_name(one)}"
        elif keys := differing(before[id], one):
            was, now = _item_name(before[id]), _item_name(one)
            if was != now:
                yield f"{was} is now {now}"
            if set(keys) - {"title", "label"}:
                yield f"changed {now}"
    for id, one in before.items():
        if id not in after:
            yield f"removed {_item_name(one)}"
    if [id for id in before if id in after] != [id for id in after if id in before]:
        yield "in another order"
    if len(old) != len(before) or len(new) != len(after):
        yield "changed"


def _has_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in value)


def _item_name(item: Mapping[str, Any]) -> str:
    words = item.get("title") or item.get("label") or ""
    return f"“{_short(str(words))}”" if words else "one without a name"


def _connection_words(old: Flow, new: Flow, place: Place, tapped: Tapped) -> str:
    source = place[0]
    if source not in old.nodes or source not in new.nodes:
        return ""
    was, now = old.target(*place), new.target(*place)
    answer = answer_words(new if _has_port(new.nodes[source], place[1]) else old, *place, tapped)
    if now is None:
        return f"{answer} leads nowhere; it led to {_name(old, was)}."
    return f"{answer} leads to {name_of(new.nodes[now])}; it led {f'to {_name(old, was)}' if was else 'nowhere'}."


def _has_port(node: Node, port: str) -> bool:
    return any(one.id == port for one in ports(node))


def _name(flow: Flow, id: str | None) -> str:
    return name_of(flow.nodes[id]) if id in flow.nodes else "a step that is gone"


def _names(flow: Flow, ids: Sequence[str]) -> str:
    return f"{len(ids)} steps" if len(ids) > NAMED else ", ".join(_name(flow, id) for id in ids)


def _short(text: str) -> str:
    return cut(" ".join(text.split()), SHOWN)


def _outside(text: str, at: int) -> int:
    """That place, or the beginning of the variable that it lies in."""
    opens = text.rfind("{{", 0, at)
    return opens if opens >= 0 and text.find("}}", opens) + 2 > at else at


def _apart(old: str, new: str) -> tuple[str, str]:
    """Both texts short, beginning shortly before they part."""
    was, now = " ".join(old.split()), " ".join(new.split())
    if was == now:
        return cut(old, SHOWN), cut(new, SHOWN)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was, now, strict=False)))
    begin = _outside(was, max(0, same - SHOWN // 3)) if same > SHOWN // 2 else 0
    return tuple(("…" if begin else "") + cut(text[begin:], SHOWN) for text in (was, now))  # type: ignore[return-value]
