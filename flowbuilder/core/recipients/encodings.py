"""In which encoding a text file is written. Found, not asked."""

from __future__ import annotations

import codecs
from typing import BinaryIO

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 20
_OTHERS = ["cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp932", "gb18030", "big5", "cp949", "euc_jp", "cp1252"]


def decode_as(file: BinaryIO) -> str:
    """The codec for ``file``: a byte order mark, else UTF-8 when all of it is that, else the likeliest old one."""
    beginning = file.read(_BLOCK)
    for mark, codec in _MARKS:
        if beginning.startswith(mark):
            return codec
    if wide := _wide(beginning):
        return wide
    odd = _not_utf8(beginning, file)
    return "utf-8" if odd is None else _old(odd)


def _wide(beginning: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of plain text is zero."""
    sample = beginning[:2000]
    if len(sample) < 20:
        return None
    even, uneven = sample[::2].count(0), sample[1::2].count(0)
    if uneven > len(sample) / 3:
        return "utf-16-le"
    return "utf-16-be" if even > len(sample) / 3 else None


def _not_utf8(beginning: bytes, file: BinaryIO) -> bytes | None:
    """The first stretch that is no UTF-8, or None."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    block = beginning
    while True:
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            start = max(0, error.start - 1000)
            return block[start : start + 100_000] or beginning
        if not block:
            return None
        block = file.read(_BLOCK)


def _old(sample: bytes) -> str:
    """An encoding from before UTF-8. Western texts are recognised by their words: mostly plain letters, no sign inside."""
    if _reads_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(_lines_with_signs(sample), cp_isolation=_OTHERS).best()
    return best.encoding if best else "cp1252"


def _lines_with_signs(sample: bytes) -> bytes:
    lines = [line for line in sample.splitlines() if not line.isascii()]
    return b"\n".join(lines) or sample


def _reads_western(sample: bytes) -> bool:
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    plain = signs = 0
    for word in text.replace(";", " ").replace(",", " ").split():
        if word.isascii():
            continue
        if any(not character.isalpha() for character in word if ord(character) > 127 and character not in "ºª€’“”‘…–—´¿¡«»°"):
            return False
        plain += sum(character.isascii() for character in word)
        signs += sum(not character.isascii() for character in word)
    return plain >= signs
