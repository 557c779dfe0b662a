"""Media inside messages: an uploaded id or a link, with caption and file name."""

from __future__ import annotations

from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.sending.shapes import link, text
from flowbuilder.simulator.store import Store
from flowbuilder.simulator.world import world

MEGABYTE = 1024 * 1024
LIFE = 30 * 86_400
# kind: (types it may have, most bytes); an empty set takes any type
KINDS: dict[str, tuple[frozenset[str], int]] = {
    "image": (frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE),
    "video": (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
    "audio": (frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}), 16 * MEGABYTE),
    "document": (frozenset(), 100 * MEGABYTE),
    "sticker": (frozenset({"image/webp"}), MEGABYTE // 2),
}


def media_of(store: Store, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """The medium as the chat shows it."""
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {kind} must be a JSON object.")
    content: dict[str, Any] = {"kind": kind}
    if value.get("id"):
        content["media"] = known_media(store, kind, str(value["id"]))
    elif value.get("link"):
        content["link"] = link(value["link"], f"{kind}.link")
    else:
        raise GraphError(131008, f"{kind}: one of 'id' or 'link' is mandatory")
    if kind not in ("audio", "sticker"):
        content["caption"] = text(value.get("caption"), f"{kind}.caption", 1024, required=False)
    if kind == "document":
        content["filename"] = text(value.get("filename"), "document.filename", 240, required=False)
    return content


def known_media(store: Store, kind: str, media_id: str) -> str:
    oldest = world().clock.now() - LIFE
    row = store.row("SELECT mime, size FROM upload WHERE id = ? AND done = 1 AND created_at > ?", (media_id, oldest))
    if row is None:
        raise GraphError(100, f"Param {kind}['id'] is not a valid media ID.")
    types, most = KINDS[kind]
    if types and row["mime"].split(";")[0].strip() not in types:
        raise GraphError(131053, f"Media of type {row['mime']} cannot be sent as {kind}.")
    if row["size"] > most:
        raise GraphError(131053, f"Media of {row['size']} bytes is too large for {kind}; at most {most} are allowed.")
    return media_id
