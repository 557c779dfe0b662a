"""Two flows compared: which steps came, went and changed, what leads elsewhere, which settings differ; moves apart.

Steps, answers and connections are told apart by their ids alone. In words it is all in ``core.diff_words``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flowbuilder.core.flow import Flow, Place
from flowbuilder.core.patch import Patch


@dataclass(frozen=True, slots=True)
class Difference:
    """What makes ``new`` another flow than ``old``.

    ``changed`` holds the fields of steps that stayed; ``replaced`` are steps that kept their id but not their kind.
    ``connections`` are the places that lead elsewhere, also those of steps that came or went.
    """

    old: Flow
    new: Flow
    added: tuple[str, ...]
    removed: tuple[str, ...]
    replaced: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    moved: tuple[str, ...]
    connections: tuple[Place, ...]
    settings: tuple[str, ...]
    is_renamed: bool

    def __bool__(self) -> bool:
        return self.means_something or self.is_renamed or bool(self.moved)

    @property
    def means_something(self) -> bool:
        """Whether anything differs for the people who go through it: the name and the places of cards do not."""
        return bool(self.added or self.removed or self.replaced or self.changed or self.connections or self.settings)

    def mark(self, id: str) -> str:
        """What became of a step: added, removed, changed, moved, or nothing."""
        if id in self.added:
            return "added"
        if id in self.removed:
            return "removed"
        if id in self.changed or id in self.replaced:
            return "changed"
        return "moved" if id in self.moved else ""


def compare(old: Flow, new: Flow) -> Difference:
    both = [id for id in old.nodes if id in new.nodes]
    replaced = tuple(id for id in both if old.nodes[id].kind != new.nodes[id].kind)
    fields = {id: differing(old.nodes[id].data, new.nodes[id].data) for id in both if id not in replaced}
    ours = old.nodes.keys() ^ new.nodes.keys()
    return Difference(
        old,
        new,
        added=_without(new.nodes, old.nodes),
        removed=_without(old.nodes, new.nodes),
        replaced=replaced,
        changed={id: keys for id, keys in fields.items() if keys},
        moved=tuple(id for id in differing(old.layout, new.layout) if id not in ours),
        connections=tuple(place for place in sorted(old.edges.keys() | new.edges.keys()) if old.edges.get(place) != new.edges.get(place)),
        settings=differing(old.settings.to_json(), new.settings.to_json()),
        is_renamed=old.name != new.name,
    )


def as_command(difference: Difference, words: str) -> dict[str, Any]:
    """The change that makes the new flow of the old one; the history calls it ``words``."""
    old, new = difference.old, difference.new
    away = Patch(nodes=dict.fromkeys((*difference.removed, *difference.replaced)))
    on = Patch(
        nodes={id: new.nodes[id].to_json() for id in (*difference.added, *difference.replaced)},
        data={id: {key: new.nodes[id].data.get(key) for key in keys} for id, keys in difference.changed.items()},
        edges={place: new.edges.get(place) for place in old.edges.keys() | new.edges.keys() if _is_set_anew(place, difference)},
        layout={id: new.layout.get(id) for id in (*difference.added, *difference.replaced, *difference.moved)},
        name=new.name if difference.is_renamed else None,
        settings={key: new.settings.to_json()[key] for key in difference.settings},
    )
    patches = [patch.to_json() for patch in (away, on)]
    return {"kind": "all", "commands": [{"kind": "restore", "patch": patch} for patch in patches if patch], "words": words}


def _is_set_anew(place: Place, difference: Difference) -> bool:
    """Connections that differ, and those that went with a step that was replaced."""
    return place in difference.connections or bool({place[0], difference.new.edges.get(place)} & set(difference.replaced))


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys under which two mappings say something else."""
    return tuple(key for key in sorted(old.keys() | new.keys()) if not _is_same(old.get(key), new.get(key)))


def _is_same(old: Any, new: Any) -> bool:
    """By what is stored: 1 and true are equal to Python, and not in a file."""
    return old is new or json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _without(these: Iterable[str], those: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(id for id in these if id not in those)
