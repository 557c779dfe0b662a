"""Flows of other builders, made into ours as far as their steps have a counterpart; the rest is told, not guessed.

Each builder is one module with ``NAME``, ``is_one(document)`` and ``convert(document)``; nothing is sent or stored here.
"""

from __future__ import annotations

from typing import Any

from flowbuilder.core.imports import rapidpro, typebot
from flowbuilder.core.imports.building import Foreign, Imported, Note

__all__ = ["Foreign", "Imported", "Note", "convert", "source_of"]

_SOURCES = (typebot, rapidpro)


def source_of(document: Any) -> str | None:
    """The builder that a file was exported from, if it is one that we read."""
    return next((source.NAME for source in _SOURCES if source.is_one(document)), None)


def convert(document: Any) -> tuple[Imported, ...]:
    """The flows in a document of another builder; Foreign says in one sentence why it cannot be read."""
    for source in _SOURCES:
        if source.is_one(document):
            try:
                return source.convert(document)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
                text = f"This looks like an export of {source.NAME}, but a part of it is not as {source.NAME} writes it. Export it anew."
                raise Foreign(text) from error
    raise Foreign("This is no export of a builder that is known here.")
