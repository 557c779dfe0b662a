"""Reading other people's JSON without ever tripping: careful access, and what a person said as content."""

from __future__ import annotations

from typing import Any

_MEDIA = ("image", "video", "audio", "document", "sticker")
_LATEST = 2**33


def object_in(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def objects_in(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = data.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_in(data: dict[str, Any], key: str) -> str:
    """A text or an integer (template ids come as both) as text; anything else is no text."""
    value = data.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40 else ""


def integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 else None


def moment(value: Any) -> int | None:
    """Unix seconds, which come as a string or as a number; None when they make no date."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdecimal() and len(value) < 12 else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value < _LATEST else None


def first(values: list[dict[str, Any]]) -> dict[str, Any]:
    return values[0] if values else {}


def said(kind: str, message: dict[str, Any]) -> dict[str, Any]:
    """What the person said, as the JSON of ``core.message``; types that we do not know are ``unsupported``."""
    part = object_in(message, kind)
    if kind == "text":
        return {"kind": "text", "body": text_in(part, "body")}
    if kind == "button":
        return {"kind": "tap", "id": text_in(part, "payload"), "title": text_in(part, "text")}
    if kind == "interactive":
        return _tap(part)
    if kind in _MEDIA:
        media = {"kind": "media", "type": kind, "id": text_in(part, "id")}
        named = {"caption": text_in(part, "caption"), "name": text_in(part, "filename")}
        return media | {key: value for key, value in named.items() if value}
    if kind == "location":
        return _location(part)
    return {"kind": "unsupported", "type": kind}


def _tap(part: dict[str, Any]) -> dict[str, Any]:
    reply = object_in(part, "button_reply") or object_in(part, "list_reply")
    if not reply:
        return {"kind": "unsupported", "type": "interactive"}
    return {"kind": "tap", "id": text_in(reply, "id"), "title": text_in(reply, "title")}


def _location(part: dict[str, Any]) -> dict[str, Any]:
    latitude, longitude = part.get("latitude"), part.get("longitude")
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in (latitude, longitude)):
        return {"kind": "unsupported", "type": "location"}
    place = {key: text_in(part, key) for key in ("name", "address") if text_in(part, key)}
    return {"kind": "location", "latitude": latitude, "longitude": longitude, **place}
