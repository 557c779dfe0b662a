"""Files of older versions of the flow format, brought up to the newest one step by step.

A change of the format that old files do not fit raises ``core.flow.SCHEMA`` and brings a module here, called after the
two versions (``one_to_two``), with a ``migrate(document)`` that answers with a new document, and a file
``tests/data/migrations/<older version>.json`` with a flow ``before`` and ``after`` it. Documents in the database
go the same way when they are read from a file; those that are there already are changed by a migration of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowbuilder.core.flow import SCHEMA

Migration = Callable[[dict[str, Any]], dict[str, Any]]

CHAIN: Mapping[int, Migration] = {}


def migrate(document: Any, chain: Mapping[int, Migration] = CHAIN, newest: int = SCHEMA) -> Any:
    """``document`` in the newest version. What is no flow, or of a version without a way from it, comes back as it is:
    ``core.schema`` says what is wrong with it."""
    while isinstance(document, dict) and _version(document) < newest and _version(document) in chain:
        version = _version(document)
        document = {**chain[version](document), "schema": version + 1}
    return document


def _version(document: Mapping[str, Any]) -> int:
    version = document.get("schema")
    return version if type(version) is int else 0
