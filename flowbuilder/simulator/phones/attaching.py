"""Files and places that a person sends from the phone, within what WhatsApp lets through; Meta keeps the bytes for the business."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.graph_api import uploads
from flowbuilder.simulator.phones import actions
from flowbuilder.simulator.phones.actions import Refused
from flowbuilder.simulator.sending.media import KINDS, MEGABYTE
from flowbuilder.simulator.world import World

CAPTION_MOST = 1024
THINGS = {"image": "picture", "document": "document", "audio": "sound", "video": "video"}
_WANTED = {
    "image": "a picture as JPEG or PNG", "audio": "sound as AAC, AMR, MP3, M4A or OGG", "video": "a video as MP4 or 3GP",
    "document": "a document",
}  # fmt: skip
_ALSO = {"audio/x-m4a": "audio/mp4", "audio/mp3": "audio/mpeg", "application/ogg": "audio/ogg", "audio/x-aac": "audio/aac"}
"""How browsers call some of the types."""


def choices() -> list[tuple[str, str, str]]:
    """Each kind, its word, and the types that a file of it may have, as browsers want them; a document may have any."""
    also = {kind: [name for name, type in _ALSO.items() if type in types] for kind, (types, _most) in KINDS.items()}
    return [(kind, thing.capitalize(), ",".join(sorted([*KINDS[kind][0], *also[kind]]))) for kind, thing in THINGS.items()]


def attach(world: World, wa_id: str, kind: str, data: bytes, *, mime: str, name: str, caption: str = "", host: str) -> str:
    """Send a file as a picture, a sound, a video or a document; ``host`` is where the business reaches Meta."""
    mime = _ALSO.get(mime.split(";")[0].strip().lower(), mime.lower()) or "application/octet-stream"
    _check(kind, data, mime, caption)
    try:
        media_id = uploads.take_in(mime, name, data)
    except GraphError:
        raise Refused(f"WhatsApp sends {_WANTED[kind]}, and “{name}” is not what it says: choose another file.") from None
    shown: dict[str, Any] = {"kind": kind, "media": media_id} | ({"filename": name} if kind == "document" else {})
    told = {"id": media_id, "mime_type": mime, "sha256": base64.b64encode(hashlib.sha256(data).digest()).decode()}
    told["url"] = uploads.address(host, media_id, world.clock.now())
    if kind == "document":
        told["filename"] = name
    if kind == "audio":
        told["voice"] = False
    if caption and kind != "audio":
        told["caption"] = shown["caption"] = caption
    return actions.send(world, wa_id, shown, {"type": kind, kind: told}, None)


def _check(kind: str, data: bytes, mime: str, caption: str) -> None:
    if kind not in THINGS:
        raise Refused("Choose whether the file goes as a picture, a sound, a video or a document.")
    types, most = KINDS[kind]
    if not data:
        raise Refused("Choose a file that is not empty.")
    if types and mime not in types:
        raise Refused(f"WhatsApp sends {_WANTED[kind]}: choose such a file, or send this one as a document.")
    if len(data) > most:
        raise Refused(f"The file has {len(data) / MEGABYTE:.1f} MB; WhatsApp takes a {THINGS[kind]} of at most {most // MEGABYTE} MB.")
    if len(caption) > CAPTION_MOST:
        raise Refused(f"Type a caption of at most {CAPTION_MOST} characters.")


def share_place(world: World, wa_id: str, latitude: str, longitude: str, name: str = "") -> str:
    """Send a place as it was typed."""
    north, east = _degrees(latitude, 90), _degrees(longitude, 180)
    if north is None or east is None:
        raise Refused("Type the latitude from -90 to 90 and the longitude from -180 to 180, such as 51.4779 and -0.0015.")
    return actions.share_location(world, wa_id, north, east, name.strip()[:1000])


def _degrees(text: str, most: int) -> float | None:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if -most <= value <= most else None
