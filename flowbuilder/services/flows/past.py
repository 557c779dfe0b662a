"""What was done to a flow, in words: each change once, whether it has been taken back since, and where it was published in between."""

from __future__ import annotations

from dataclasses import dataclass

from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import User
from flowbuilder.store.flows import FlowChange, FlowVersion

PAGE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A change, who made it, and the versions published after it and before the next one, the newest first."""

    change: FlowChange
    user: User | None
    is_back: bool
    versions: tuple[FlowVersion, ...] = ()


def history(flow_id: str, limit: int = PAGE) -> list[Entry]:
    """The last changes, the newest first; undoing and redoing only show in what they were about."""
    made = rows.history(flow_id, limit)
    back = rows.taken_back(flow_id, made[-1][0].revision) if made else set()
    found: list[Entry] = []
    versions = rows.versions(flow_id)
    for change, user in made:
        after = tuple(version for version in versions if version.created_at >= change.at)
        versions = versions[len(after) :]
        found.append(Entry(change, user, change.revision in back, after))
    return found
