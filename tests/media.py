"""Small pictures, videos and documents for tests, and such that lie."""

from __future__ import annotations

import io
import struct

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB", colour: object = None) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour or {"RGB": (11, 125, 105), "RGBA": (11, 125, 105, 128)}.get(mode, 0)).save(out, kind)
    return out.getvalue()


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def track(coding: bytes) -> bytes:
    entry = box(coding, bytes(8))
    described = box(b"stsd", bytes(4) + struct.pack(">I", 1) + entry)
    return box(b"trak", box(b"tkhd", bytes(20)) + box(b"mdia", box(b"minf", box(b"stbl", described))))


def video(*codings: bytes, brand: bytes = b"isom", data: int = 64) -> bytes:
    tracks = b"".join(track(coding) for coding in codings or (b"avc1", b"mp4a"))
    return box(b"ftyp", brand + bytes(4) + brand + b"mp41") + box(b"moov", box(b"mvhd", bytes(20)) + tracks) + box(b"mdat", bytes(data))


def pdf(size: int = 0) -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n" + b" " * size + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sound(seconds: int = 1) -> bytes:
    """A quiet MP3: frames of MPEG 1 Layer III, 128 kbit/s at 44.1 kHz, each of 417 bytes and 26 ms."""
    return (b"\xff\xfb\x90\xc4" + bytes(413)) * (38 * seconds)
