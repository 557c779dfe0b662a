"""What a check, the lint or the reader of a file has to say: data, not an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fix:
    """A cure that is certain: ``do`` names it for whoever can apply it, ``label`` says on a button what happens.

    The cure of a flow is a ``command`` for ``core.commands.apply``.
    """

    do: str
    label: str
    command: Mapping[str, Any] | None = field(default=None, hash=False)

    @classmethod
    def by(cls, label: str, command: Mapping[str, Any]) -> Fix:
        return cls("command", label, command)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, in words, at its place.

    ``code`` is stable and machine-readable; ``text`` a full sentence that says what is wrong and
    what to do. The place is a step (``node``), a form field or column (``field``), a line of a file
    (``row``, counted from 1 as people count, header included), or several of them.
    ``path`` lists the step ids of the shortest way through a flow that shows the fault, ``through`` the ports by which
    it leaves them, where they matter; one more port than connections is the port at which the way stops.
    """

    code: str
    text: str
    node: str | None = None
    field: str | None = None
    row: int | None = None
    path: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    fix: Fix | None = None
    through: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR
