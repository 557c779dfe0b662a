"""What a check, the lint or the reader of a file has to say: data, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fix:
    """A cure that is certain: ``do`` names it for whoever can apply it, ``label`` says on a button what happens."""

    do: str
    label: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, in words, at its place.

    ``code`` is stable and machine-readable; ``text`` a full sentence that says what is wrong and
    what to do. The place is a step (``node``), a form field or column (``field``), a line of a file
    (``row``, counted from 1 as people count, header included), or several of them.
    ``path`` lists the step ids of the shortest way through a flow that shows the fault.
    """

    code: str
    text: str
    node: str | None = None
    field: str | None = None
    row: int | None = None
    path: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR
