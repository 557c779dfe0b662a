"""Opens a file as headers and rows of texts. What kind of file it is, its content tells; its name must agree."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from flowbuilder.core.recipients import sheets
from flowbuilder.core.recipients.columns import matched
from flowbuilder.core.recipients.encodings import decode_as
from flowbuilder.core.recipients.unreadable import Unreadable

if TYPE_CHECKING:
    from flowbuilder.core.recipients.rows import Wanted

Rows = Iterator[tuple[int, list[str]]]

BYTES_AT_MOST = 100 * 1024 * 1024
COLUMNS_AT_MOST = 500
_LINE_AT_MOST = 1_000_000
_CELL_AT_MOST = 20_000
_DELIMITERS = ",;\t|"
_SAMPLE = 65536
_OTHER_KINDS = {
    b"\xd0\xcf\x11\xe0": "The file is an old .xls or is protected by a password: save it as .xlsx without a password, or as CSV.",
    b"%PDF": "The file is a PDF: save the table as CSV or XLSX.",
    b"{\\rt": "The file is a text document: save the table as CSV or XLSX.",
    b"\x89PNG": "The file is a picture: save the table as CSV or XLSX.",
    b"\xff\xd8\xff": "The file is a picture: save the table as CSV or XLSX.",
    b"\x1f\x8b": "The file is compressed: unpack it first.",
}


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` come with their number as people count: the first line of the file is row 1."""

    headers: list[str]
    rows: Rows


def open_table(path: Path, name: str, wanted: Wanted) -> Table:
    """Open ``path``, which people know as ``name``; raises Unreadable."""
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("empty", "The file is empty: download the template file and fill it in.")
    if size > BYTES_AT_MOST:
        raise Unreadable("too_big", f"The file has more than {BYTES_AT_MOST // 2**20} MB: split it into several.")
    with path.open("rb") as file:
        beginning = file.read(8)
    for magic, text in _OTHER_KINDS.items():
        if beginning.startswith(magic):
            raise Unreadable("other_kind", text)
    is_zip = beginning.startswith((b"PK\x03\x04", b"PK\x05\x06"))
    if is_zip and not name.lower().endswith((".xlsx", ".xlsm")):
        raise Unreadable(
            "other_kind", "The file is not what its name says: its content is a spreadsheet or an archive. Save it as .xlsx or as CSV."
        )
    if not is_zip and name.lower().endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")):
        raise Unreadable("other_kind", "The file is not the spreadsheet that its name says: save it as .xlsx again, or as CSV.")
    rows = sheets.open_sheet(path) if is_zip else _open_csv(path, wanted)
    return _with_headers(rows)


def _with_headers(rows: Rows) -> Table:
    for _row, cells in rows:
        headers = [cell.strip().strip("\ufeff") for cell in cells]
        while headers and not headers[-1]:
            headers.pop()
        if len(headers) > COLUMNS_AT_MOST:
            raise Unreadable(
                "too_many_columns", f"The file has {len(headers):,} columns; {COLUMNS_AT_MOST} are allowed: remove those not needed."
            )
        if headers:
            return Table(headers, rows)
    raise Unreadable("empty", "The file has no header and no rows: download the template file and fill it in.")


def _open_csv(path: Path, wanted: Wanted) -> Rows:
    with path.open("rb") as file:
        encoding = decode_as(file)
    file = path.open(encoding=encoding, errors="replace", newline="")
    sample = file.read(_SAMPLE)
    _refuse_binary(sample)
    file.seek(0)
    said = re.match(r"\ufeff?sep=(.)\r?\n", sample)
    delimiter = said[1] if said else _delimiter(sample, wanted)
    return _records(file, delimiter, skipped=1 if said else 0)


def _refuse_binary(sample: str) -> None:
    odd = sum(character < " " and character not in "\t\r\n\x00" for character in sample)
    if odd > len(sample) / 100 or sample.count("\x00") > 20:
        raise Unreadable("other_kind", "The file is not a text file: save the table as CSV or XLSX.")


def _delimiter(sample: str, wanted: Wanted) -> str:
    """The delimiter whose header offers the most needed columns; then the one that cuts the first rows most evenly."""
    return max(_DELIMITERS, key=lambda delimiter: _score(sample, delimiter, wanted))


def _score(sample: str, delimiter: str, wanted: Wanted) -> tuple[int, float, int]:
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if record:
                records.append(record)
            if len(records) == 20:
                break
    except csv.Error:
        pass
    if not records:
        return (0, 0, 0)
    width = len(records[0])
    even = sum(len(record) == width for record in records) / len(records)
    return (matched(records[0], wanted), even if width > 1 else 0, width)


def _records(file: TextIO, delimiter: str, *, skipped: int) -> Rows:
    csv.field_size_limit(_CELL_AT_MOST)
    reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > skipped:
                yield number, cells
    except csv.Error as error:
        if "field limit" in str(error):
            text = (
                f"Row {number + 1} has a cell of more than {_CELL_AT_MOST:,} characters: shorten it, or close the quotation mark before it."
            )
            raise Unreadable("cell_too_long", text) from error
        raise Unreadable("quotes", _quote_words(number + 1, str(error))) from error
    finally:
        file.close()


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_LINE_AT_MOST):
        if len(line) == _LINE_AT_MOST:
            raise Unreadable("line_too_long", "The file has a line of more than a million characters: save the table as CSV again.")
        yield line


def _quote_words(row: int, reason: str) -> str:
    if "expected after" in reason:
        return f"Row {row} has a text after a closing quotation mark: double the quotation marks that belong to a text, or remove them."
    return f"Row {row} opens a quotation mark that is never closed: close or remove it, or save the table as CSV again."
