"""The file at the head of a message: which WhatsApp takes, and what its bytes are, whatever its name says.

Types and sizes: pages templates/components (header) and business-phone-numbers/media below
developers.facebook.com/documentation/business-messaging/whatsapp. Codings of videos are read in ``core.movie``.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from flowbuilder.core import movie
from flowbuilder.core.finding import Finding
from flowbuilder.core.medium import NAME_MAX, Kind

MEGABYTE = 1024 * 1024
MOST_PIXELS = 25_000_000
"""Ours: unpacked, such a picture takes 100 MB. Phones show a fiftieth of it."""
_HEAD = 4096
_PNG, _JPEG, _PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
_BROKEN_PICTURE = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error, zlib.error)
"""What Pillow raises of a picture that is not whole."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a header of one kind may hold: types, the most bytes, and both in words."""

    types: tuple[str, ...]
    most: int
    thing: str
    wanted: str

    @property
    def words(self) -> str:
        return f"{self.wanted}, up to {self.most // MEGABYTE} MB"


RULES = {
    Kind.IMAGE: Rule(("image/jpeg", "image/png"), 5 * MEGABYTE, "picture", "JPEG or PNG"),
    Kind.VIDEO: Rule(("video/mp4",), 16 * MEGABYTE, "video", "MP4 with H.264 video and AAC sound"),
    Kind.DOCUMENT: Rule(("application/pdf",), 100 * MEGABYTE, "document", "PDF"),
}
MOST_BYTES = max(rule.most for rule in RULES.values())


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file proved to be."""

    mime: str
    size: int


def judge(kind: Kind, file: BinaryIO) -> Judged | Finding:
    """What the file is, or the one thing that is wrong with it."""
    rule = RULES[kind]
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        return Finding("empty", f"The file is empty. Choose a {rule.thing}: {rule.wanted}.")
    if size > rule.most:
        return too_big(kind, size)
    mime = _type(head)
    if mime not in rule.types:
        text = f"This file is {_called(head, mime)}, whatever its name says. Choose a {rule.thing}: {rule.wanted}."
        return Finding("wrong_type", text)
    fault = {Kind.IMAGE: _picture, Kind.VIDEO: _video, Kind.DOCUMENT: _document}[kind](file, head, size)
    return Finding(*fault) if fault else Judged(mime, size)


def too_big(kind: Kind, size: int) -> Finding:
    rule = RULES[kind]
    text = f"The file has {_megabytes(size)} MB. WhatsApp takes a {rule.thing} of at most {rule.most // MEGABYTE} MB: choose a smaller one."
    return Finding("too_big", text)


def clean_name(name: str) -> str:
    """The name that people gave a file, without folders and signs that are not to be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[-NAME_MAX:].strip() or "file"


def _type(head: bytes) -> str:
    if head.startswith(_PNG):
        return "image/png"
    if head.startswith(_JPEG):
        return "image/jpeg"
    if head.startswith(_PDF):
        return "application/pdf"
    return "video/mp4" if movie.is_mp4(head) else ""


_SIGNS = (
    (0, b"GIF8", "a GIF"),
    (8, b"WEBP", "a WebP picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftypqt", "a QuickTime video"),
    (4, b"ftypM4A", "a sound recording"),
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska video"),
    (8, b"AVI ", "an AVI video"),
    (0, b"PK\x03\x04", "a ZIP or Office file"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office file"),
    (0, b"MZ", "a program"),
    (0, b"\x7fELF", "a program"),
)
_TYPES = {"image/png": "a PNG picture", "image/jpeg": "a JPEG picture", "application/pdf": "a PDF", "video/mp4": "an MP4 video"}


def _called(head: bytes, mime: str) -> str:
    if mime:
        return _TYPES[mime]
    known = next((words for at, sign, words in _SIGNS if head[at : at + len(sign)] == sign), "")
    if known:
        return known
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html", b"<script")):
        return "a web page"
    return "of a kind that WhatsApp does not take"


def _picture(file: BinaryIO, head: bytes, size: int) -> tuple[str, str] | None:
    """8 bits a colour, RGB or RGBA, of a size that can be unpacked, and whole."""
    advice = "Save it as an 8-bit RGB picture, as phones and browsers do."
    try:
        file.seek(0)
        with Image.open(file, formats=("JPEG", "PNG")) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return _too_many_pixels(f"{width:,} by {height:,}")
            mode = picture.mode
            picture.verify()
        if head.startswith(_PNG) and (head[24] != 8 or head[25] not in (2, 6)):
            return "wrong_colours", f"The picture is not in 8-bit RGB. {advice}"
        if mode not in ("RGB", "RGBA"):
            return "wrong_colours", f"The picture is in {_MODES.get(mode, 'other colours')}, not in RGB. {advice}"
        file.seek(0)
        with Image.open(file, formats=("JPEG", "PNG")) as picture:
            picture.load()
    except Image.DecompressionBombError:
        return _too_many_pixels("far too many")
    except _BROKEN_PICTURE:
        return "broken", "The picture is damaged or was cut off: it cannot be opened. Export it again, or choose another."
    return None


_MODES = {"L": "shades of grey", "CMYK": "the colours of print (CMYK)"}


def _too_many_pixels(has: str) -> tuple[str, str]:
    side = int(MOST_PIXELS**0.5)
    return "too_many_pixels", f"The picture has {has} pixels. Make it smaller, at most {side:,} by {side:,}; phones show far fewer."


def _video(file: BinaryIO, head: bytes, size: int) -> tuple[str, str] | None:
    try:
        coding = movie.unplayable(file, size)
    except movie.Broken:
        return "broken", "The video is damaged or was cut off. Export it again, or choose another."
    if coding == "nothing to see":
        return "no_video", "The file has no picture, only sound. Choose a video."
    if coding:
        return "wrong_coding", f"The video is coded as {coding}, which WhatsApp does not play. Export it as MP4 with H.264 and AAC."
    return None


def _document(file: BinaryIO, head: bytes, size: int) -> tuple[str, str] | None:
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read():
        return "broken", "The PDF was cut off: its end is missing. Export it again, or choose another."
    return None


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.1f}"
