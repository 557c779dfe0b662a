"""Cursors: where a page ended, as one word that programs hand back unread."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from flowbuilder.core.finding import Finding
from flowbuilder.errors import Invalid

Row = TypeVar("Row")
DEFAULT = 50


def page(rows: Sequence[Row], limit: int, show: Callable[[Row], dict[str, Any]], place: Callable[[Row], list[Any]]) -> dict[str, Any]:
    """``rows`` has one more than ``limit`` when another page follows; ``place`` is what the order goes by."""
    kept = rows[:limit]
    return {"items": [show(row) for row in kept], "next": _write(place(kept[-1])) if len(rows) > limit else None}


def limit_of(query: dict[str, Any]) -> int:
    return query.get("limit", DEFAULT)


def after(query: dict[str, Any], *types: type) -> list[Any] | None:
    """The place that a cursor names, whose parts must be of these types; None without one."""
    if "after" not in query:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(query["after"].encode() + b"=="))
        if len(place) == len(types) and all(type(part) is kind for part, kind in zip(place, types, strict=True)) and _is_small(place):
            return place
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise _foreign()


def place(row: Any) -> list[Any]:
    """Of rows in the order in which they were made, the newest first."""
    return [row.created_at.isoformat(), row.id]


def after_moment(query: dict[str, Any]) -> tuple[datetime, str] | None:
    """What ``place`` wrote."""
    if (found := after(query, str, str)) is None:
        return None
    try:
        at = datetime.fromisoformat(found[0])
        return at.astimezone(UTC), found[1]
    except (ValueError, OverflowError):
        raise _foreign() from None


def _is_small(place: list[Any]) -> bool:
    """As numbers of the database are."""
    return all(0 <= part < 2**62 for part in place if isinstance(part, int))


def _foreign() -> Invalid:
    return Invalid(findings=[Finding("cursor", "This is no cursor of ours. Give the `next` of the last page, unchanged.", field="/after")])


def moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None


def _write(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")
