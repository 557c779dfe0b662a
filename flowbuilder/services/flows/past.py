"""What was done to a flow, in words: each change once, and whether it has been taken back since."""

from __future__ import annotations

from dataclasses import dataclass

from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import User
from flowbuilder.store.flows import FlowChange


@dataclass(frozen=True, slots=True)
class Entry:
    change: FlowChange
    user: User | None
    is_back: bool


def history(flow_id: str, limit: int = 200) -> list[Entry]:
    """The last changes, the newest first; undoing and redoing only show in what they were about."""
    found: list[Entry] = []
    decided: dict[int, bool] = {}
    for change, user in rows.history(flow_id, limit * 2):
        if change.kind == "do" or change.of is None:
            found.append(Entry(change, user, decided.get(change.revision, False)))
        else:
            decided.setdefault(change.of, change.kind == "undo")
    return found[:limit]
