"""Small checks of JSON that every kind of message needs; a fault raises Meta's refusal for it."""

from __future__ import annotations

import re
from typing import Any

from flowbuilder.simulator.codes import GraphError

_LINK = re.compile(r"https?://[^\s/]+\.?[^\s]*", re.IGNORECASE)


def missing(name: str) -> GraphError:
    return GraphError(131008, f"Parameter '{name}' is mandatory")


def invalid(details: str) -> GraphError:
    return GraphError(131009, details)


def members(value: Any, name: str) -> dict[str, Any]:
    """The value as an object; absent is 131008, another type is 100."""
    if value is None:
        raise missing(name)
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {name} must be a JSON object.")
    return value


def items(value: Any, name: str) -> list[Any]:
    if value is None:
        raise missing(name)
    if not isinstance(value, list):
        raise GraphError(100, f"Param {name} must be an array.")
    return value


def text(value: Any, name: str, longest: int, *, required: bool = True) -> str:
    """The value as text of one character at least; too long is 131009."""
    if value is None or value == "":
        if required:
            raise missing(name)
        return ""
    if not isinstance(value, str):
        raise GraphError(100, f"Param {name} must be a string.")
    if required and not value.strip():
        raise missing(name)
    if len(value) > longest:
        raise invalid(f"{name} length invalid. Min length: 1, Max length: {longest}")
    return value


def link(value: Any, name: str) -> str:
    result = text(value, name, 2000)
    if not _LINK.fullmatch(result):
        raise invalid(f"{name} is not a valid URL.")
    return result


def unique(values: list[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise invalid(f"Duplicated {what} found: each {what} must be unique.")
