"""Files that people send: how large they may be, and what their bytes are, whatever WhatsApp says of them.

Sizes: page business-phone-numbers/media below developers.facebook.com/documentation/business-messaging/whatsapp. A document may
be anything, so nothing is asked of it; it is never shown, only saved.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import BinaryIO

from PIL import Image

from flowbuilder.core.media import MEGABYTE, MOST_PIXELS

MOST_BYTES = 100 * MEGABYTE
THINGS = {"image": "picture", "sticker": "sticker", "audio": "sound", "video": "video", "document": "document"}
UNKNOWN = "application/octet-stream"
SHOWN = ("image/jpeg", "image/png", "image/webp", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr")
"""Types that a browser may show in their place; everything else is a download."""
_HEAD = 64
_ADDRESS = re.compile(r"https?://[^/\s]+/files/(\w{1,32})\?until=\d+&signature=[0-9a-f]+")
_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a",
    "audio/aac": "aac", "audio/amr": "amr", "video/mp4": "mp4", "video/3gpp": "3gp", "application/pdf": "pdf",
}  # fmt: skip
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error, zlib.error)
"""What Pillow raises of a picture that is not whole."""


def type_of(kind: str, file: BinaryIO) -> str | None:
    """The type of a file of this kind of message by its bytes; None when it is nothing of the kind."""
    file.seek(0)
    head = file.read(_HEAD)
    match kind:
        case "image" | "sticker":
            return _picture(file)
        case "audio":
            return _sound(head)
        case "video":
            return _film(head)
    return "application/pdf" if head.startswith(b"%PDF-") else UNKNOWN


def name_of(kind: str, mime: str, name: str) -> str:
    """The name that the person's phone gave, or one that tells what it is."""
    return name or f"{THINGS.get(kind, 'file')}.{_ENDINGS.get(mime, 'bin')}"


def file_in(value: str) -> str | None:
    """The id of the file of which a kept answer is the address."""
    found = _ADDRESS.fullmatch(value)
    return found[1] if found else None


def _picture(file: BinaryIO) -> str | None:
    """By opening it: what cannot be opened, or would take all memory, is no picture."""
    try:
        file.seek(0)
        with Image.open(file, formats=tuple(_PICTURES)) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return None
            kind = _PICTURES[picture.format or ""]
            picture.verify()
        return kind
    except (Image.DecompressionBombError, *_BROKEN):
        return None


def _sound(head: bytes) -> str | None:
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"#!AMR"):
        return "audio/amr"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if head.startswith(b"ID3"):
        return "audio/mpeg"
    if len(head) > 1 and head[0] == 0xFF:
        # A frame of AAC (ADTS) has the layer 0, one of MPEG audio any other.
        return "audio/aac" if head[1] & 0xF6 == 0xF0 else "audio/mpeg" if head[1] & 0xE0 == 0xE0 else None
    return None


def _film(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    return "video/3gpp" if head[8:11] == b"3gp" else "video/mp4"
