"""What a file is, whatever its name says."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.finding import Finding
from flowbuilder.core.media import MEGABYTE, RULES, Judged, clean_name, judge
from flowbuilder.core.template import Kind
from tests.media import box, pdf, picture, track, video

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int) -> bytes:
    """A few hundred bytes that claim to be so large a picture."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def code(kind: Kind, data: bytes) -> str:
    found = judge(kind, io.BytesIO(data))
    return found.code if isinstance(found, Finding) else found.mime


@pytest.mark.parametrize(
    ("kind", "data", "mime"),
    [
        (Kind.IMAGE, picture("PNG"), "image/png"),
        (Kind.IMAGE, picture("PNG", mode="RGBA"), "image/png"),
        (Kind.IMAGE, picture("JPEG"), "image/jpeg"),
        (Kind.IMAGE, picture("JPEG", (5000, 5000)), "image/jpeg"),
        (Kind.VIDEO, video(), "video/mp4"),
        (Kind.VIDEO, video(b"avc1"), "video/mp4"),
        (Kind.VIDEO, video(b"mp4a", b"avc1", b"mebx", brand=b"mp42"), "video/mp4"),
        (Kind.DOCUMENT, pdf(), "application/pdf"),
    ],
)
def test_what_whatsapp_takes_is_taken(kind: Kind, data: bytes, mime: str) -> None:
    assert judge(kind, io.BytesIO(data)) == Judged(mime, len(data))


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        (Kind.IMAGE, b"", "empty"),
        (Kind.IMAGE, pdf(), "a PDF"),
        (Kind.IMAGE, picture("GIF", mode="P"), "a GIF"),
        (Kind.IMAGE, picture("WEBP"), "a WebP picture"),
        (Kind.IMAGE, picture("BMP"), "a BMP picture"),
        (Kind.IMAGE, SVG, "an SVG drawing"),
        (Kind.IMAGE, b"<!DOCTYPE html><script>alert(1)</script>", "a web page"),
        (Kind.IMAGE, box(b"ftyp", b"heic" + bytes(4) + b"mif1heic"), "a HEIC picture"),
        (Kind.IMAGE, b"\x00" * 200, "of a kind that WhatsApp does not take"),
        (Kind.VIDEO, picture("PNG"), "a PNG picture"),
        (Kind.VIDEO, box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + video(), "a QuickTime video"),
        (Kind.VIDEO, b"\x1aE\xdf\xa3" + bytes(90), "a WebM or Matroska video"),
        (Kind.DOCUMENT, b"PK\x03\x04" + bytes(90), "a ZIP or Office file"),
        (Kind.DOCUMENT, b"MZ" + bytes(90), "a program"),
        (Kind.DOCUMENT, b"\n" + pdf(), "of a kind"),
    ],
)
def test_another_kind_of_file_is_named_for_what_it_is(kind: Kind, data: bytes, says: str) -> None:
    found = judge(kind, io.BytesIO(data))
    assert isinstance(found, Finding)
    assert says in found.text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png_of(20_000, 20_000), "too_many_pixels"),
        (png_of(10_000, 10_000), "too_many_pixels"),
        (png_of(40, 40), "broken"),
        (picture("PNG")[:-30], "broken"),
        (picture("JPEG", (400, 400))[:-200], "broken"),
        (picture("PNG")[:40], "broken"),
        (b"\xff\xd8\xff" + bytes(500), "broken"),
        (picture("PNG", mode="L"), "wrong_colours"),
        (picture("PNG", mode="P"), "wrong_colours"),
        (picture("PNG", mode="I;16"), "wrong_colours"),
        (picture("JPEG", mode="CMYK"), "wrong_colours"),
    ],
)
def test_a_picture_that_cannot_be_shown_is_refused(data: bytes, expected: str) -> None:
    assert code(Kind.IMAGE, data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (video()[:-1], "broken"),
        (video()[:60], "broken"),
        (video().replace(b"moov", b"free"), "broken"),
        (video(b"hvc1", b"mp4a"), "wrong_coding"),
        (video(b"avc1", b"Opus"), "wrong_coding"),
        (video(b"mp4a"), "no_video"),
        (box(b"ftyp", b"isom" + bytes(4) + b"isom") + b"\x00\x00\x00\x00", "broken"),
        (box(b"ftyp", b"isom" + bytes(4) + b"isom") + box(b"free") * 5000, "broken"),
    ],
)
def test_a_video_that_cannot_be_played_is_refused(data: bytes, expected: str) -> None:
    assert code(Kind.VIDEO, data) == expected


def test_a_pdf_without_its_end_is_refused() -> None:
    assert code(Kind.DOCUMENT, pdf().replace(b"%%EOF", b"")) == "broken"


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x05\x06" + bytes(18), pdf()])
def test_a_picture_with_something_behind_it_is_just_a_picture(tail: bytes) -> None:
    assert code(Kind.IMAGE, picture("PNG") + tail) == "image/png"
    assert code(Kind.DOCUMENT, picture("PNG") + tail) == "wrong_type"


def test_a_page_that_begins_like_a_pdf_is_a_pdf_to_everybody() -> None:
    assert code(Kind.DOCUMENT, pdf() + b"<html><script>alert(1)</script></html>") == "application/pdf"


@pytest.mark.parametrize(("kind", "most"), [(Kind.IMAGE, 5), (Kind.VIDEO, 16), (Kind.DOCUMENT, 100)])
def test_each_kind_has_its_limit(kind: Kind, most: int) -> None:
    assert RULES[kind].most == most * MEGABYTE


def test_one_byte_too_many_is_too_big() -> None:
    whole = video(data=16 * MEGABYTE - len(video(data=0)))
    assert len(whole) == 16 * MEGABYTE
    assert code(Kind.VIDEO, whole) == "video/mp4"
    assert code(Kind.VIDEO, whole + b"\0") == "too_big"


@given(st.data())
def test_no_damaged_file_brings_more_than_a_sentence(data: st.DataObject) -> None:
    kind, whole = data.draw(st.sampled_from([(Kind.IMAGE, PNG), (Kind.IMAGE, JPEG), (Kind.VIDEO, MP4), (Kind.DOCUMENT, PDF)]))
    damaged = bytearray(whole)
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=8)):
        damaged[at] = value
    found = judge(kind, io.BytesIO(bytes(damaged[: data.draw(st.integers(0, len(whole)))])))
    assert isinstance(found, Judged) or (found.code and found.text.endswith("."))


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("C:\\fake\\menü.png", "menü.png"),
        ("../../etc/passwd", "passwd"),
        ("", "file"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("x" * 300, "x" * 240),
    ],
)
def test_of_a_name_only_what_people_read_is_kept(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


PNG, JPEG, MP4, PDF = picture("PNG"), picture("JPEG"), video() + box(b"moov", track(b"avc1")), pdf()
