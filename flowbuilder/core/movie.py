"""Whether a file is an MP4 that WhatsApp plays: its boxes are walked (ISO/IEC 14496-12), nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

_BRANDS = {b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VP", b"MSNV", b"dash", *(b"iso%d" % number for number in range(2, 10))}
_HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_VIDEO = {b"avc1": "", b"avc3": "", b"hvc1": "H.265", b"hev1": "H.265", b"vp09": "VP9", b"av01": "AV1", b"mp4v": "MPEG-4 Part 2"}
_SOUND = {b"ac-3": "AC-3", b"ec-3": "E-AC-3", b"Opus": "Opus", b"alac": "Apple Lossless", b"fLaC": "FLAC", b"sowt": "PCM", b"lpcm": "PCM"}
"""Of sound only what is surely not AAC: what else a track may hold (times, places) harms nobody."""
_MOST_BOXES = 4000


class Broken(Exception):
    """The boxes do not fit into the file: it was cut off, or never was an MP4."""


def is_mp4(head: bytes) -> bool:
    """By the brands in the first box; QuickTime's own and those of pictures (HEIC, AVIF) and of music alone are others."""
    if head[4:8] != b"ftyp":
        return False
    length = min(struct.unpack(">I", head[:4])[0], len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))}
    return bool(brands & _BRANDS) and head[8:12] not in (b"qt  ", b"heic", b"avif", b"M4A ")


def unplayable(file: BinaryIO, size: int) -> str:
    """The name of what WhatsApp does not play in it, "nothing to see" when there is no video; empty when all is well."""
    tracks = list(_tracks(file, size))
    for kind in tracks:
        if coding := _VIDEO.get(kind) or _SOUND.get(kind):
            return coding
    return "" if any(kind in _VIDEO for kind in tracks) else "nothing to see"


def _tracks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The coding of each track. The whole file is walked, so that one that was cut off shows."""
    waiting, count = [(0, size)], 0
    has_index = has_data = False
    while waiting:
        at, end = waiting.pop()
        while at < end:
            count += 1
            if count > _MOST_BOXES:
                raise Broken
            kind, start, stop = _box(file, at, end)
            has_index, has_data = has_index or kind == b"moov", has_data or kind == b"mdat"
            if kind in _HOLDERS:
                waiting.append((start, stop))
            elif kind == b"stsd":
                file.seek(start + 12)
                yield file.read(4)
            at = stop
    if not has_index or not has_data:
        raise Broken


def _box(file: BinaryIO, at: int, end: int) -> tuple[bytes, int, int]:
    """Kind of the box at ``at``, where its content begins and where it ends."""
    file.seek(at)
    head = file.read(16)
    if len(head) < 8:
        raise Broken
    length, kind = struct.unpack(">I4s", head[:8])
    start = at + 8
    if length == 1:
        if len(head) < 16:
            raise Broken
        length, start = struct.unpack(">Q", head[8:])[0], at + 16
    elif length == 0:
        length = end - at
    if length < start - at or at + length > end:
        raise Broken
    return kind, start, at + length
