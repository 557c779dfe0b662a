"""What can be undone and redone, read from the stored changes; pure.

Each person has a stack of their own: undo never takes back what somebody else did. A new change drops what could
be redone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stack:
    """Revisions of changes, the next one first; ``last`` tells for each which row did, undid or redid it last."""

    undo: tuple[int, ...] = ()
    redo: tuple[int, ...] = ()
    last: dict[int, int] = field(default_factory=dict)

    def way_to(self, revision: int) -> tuple[str, tuple[int, ...]]:
        """What leads to the state that a change left behind: redoing up to it if it was taken back, else undoing what came after it.

        Nothing does where it was taken back and given up for another change.
        """
        if revision in self.redo:
            return "redo", self.redo[: self.redo.index(revision) + 1]
        if revision in self.undo:
            return "undo", self.undo[: self.undo.index(revision)]
        if revision in self.last:
            return "redo", ()
        return "undo", tuple(one for one in self.undo if one > revision)

    def inverse_of(self, revision: int) -> int:
        """The row whose inverse takes the change back, or does it again."""
        return self.last[revision]


def stack_of(rows: Iterable[tuple[int, str, int | None]]) -> Stack:
    """``rows`` are (revision, kind, of), in order."""
    undo: list[int] = []
    redo: list[int] = []
    last: dict[int, int] = {}
    for revision, kind, of in rows:
        if kind == "do" or of is None:
            undo.append(revision)
            redo.clear()
            last[revision] = revision
            continue
        here, there = (undo, redo) if kind == "undo" else (redo, undo)
        if of in here:
            here.remove(of)
        there.append(of)
        last[of] = revision
    return Stack(tuple(reversed(undo)), tuple(reversed(redo)), last)
