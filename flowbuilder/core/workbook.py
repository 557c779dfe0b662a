"""Tables as XLSX, made while they go out: texts only, so that no cell can become a formula.

Written by hand because what libraries write is finished only when the last row is known; a browser would wait a minute for the
first byte of a million rows, and the server keep a file meanwhile.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from xml.sax.saxutils import escape

ROWS_AT_MOST = 500_000
"""Of one sheet; what follows goes into the next. So no part grows to where readers differ (2 GB)."""
_ROWS_AT_ONCE = 500
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL_AT_MOST = 32_767
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class _Sink:
    """What the archive has written and nobody has taken yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def take(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def stream(header: Sequence[str], rows: Iterable[Sequence[object]], *, sheet: str = "Sheet") -> Iterator[bytes]:
    """The bytes of a workbook, in pieces; each sheet begins with the header."""
    sink, rest, count = _Sink(), iter(rows), 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:  # type: ignore[arg-type]
        while True:
            first = list(islice(rest, 1))
            if count and not first:
                break
            count += 1
            some = chain([header], first, islice(rest, ROWS_AT_MOST - 1))
            yield from _sheet(archive, sink, f"xl/worksheets/sheet{count}.xml", some)
        for name, text in _frame(count, sheet).items():
            archive.writestr(name, text)
    yield sink.take()


def _sheet(archive: zipfile.ZipFile, sink: _Sink, name: str, rows: Iterator[Sequence[object]]) -> Iterator[bytes]:
    with archive.open(name, "w") as part:
        part.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            part.write("".join(map(_row, some)).encode())
            yield sink.take()
        part.write(b"</sheetData></worksheet>")


def _row(cells: Sequence[object]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "<c/>"
    text = escape(_ILLEGAL.sub("", str(value)[:_CELL_AT_MOST]))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _frame(count: int, sheet: str) -> dict[str, str]:
    """What tells readers which sheets there are."""
    numbers = range(1, count + 1)
    names = [sheet if number == 1 else f"{sheet} {number}" for number in numbers]
    sheets = "".join(f'<sheet name="{escape(name[:31])}" sheetId="{at}" r:id="rId{at}"/>' for at, name in zip(numbers, names, strict=True))
    parts = "".join(f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for at in numbers)
    book = f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    links = "".join(f'<Relationship Id="rId{at}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in numbers)
    root = f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'
    defaults = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return {
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{root}</Relationships>',
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{defaults}{book}{parts}</Types>',
    }
