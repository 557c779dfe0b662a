"""Opens an XLSX file as rows of texts. Its directory is looked at before anything is unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from flowbuilder.core.recipients.unreadable import Unreadable

_ENTRIES_AT_MOST = 1000
_UNPACKED_AT_MOST = 1 << 30
_RATIO_AT_MOST = 200
_STRINGS_AT_MOST = 300 << 20
_AGAIN = "open it in a spreadsheet program and save it as .xlsx or CSV again."


def open_sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first visible sheet; raises Unreadable."""
    _look_at_directory(path)
    return _rows(path)


def _look_at_directory(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            beginnings = [archive.open(entry).read(4096) for entry in entries[:_ENTRIES_AT_MOST] if entry.filename.endswith("workbook.xml")]
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, EOFError) as error:
        raise Unreadable("damaged", f"The spreadsheet is damaged or protected: {_AGAIN}") from error
    names = {entry.filename for entry in entries}
    if "mimetype" in names or "xl/workbook.bin" in names:
        raise Unreadable("other_kind", f"The file is a spreadsheet of another kind than .xlsx: {_AGAIN}")
    if "xl/workbook.xml" not in names:
        raise Unreadable("other_kind", f"The file is an archive, not a spreadsheet: {_AGAIN}")
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    strings = sum(entry.file_size for entry in entries if entry.filename.lower().endswith("sharedstrings.xml"))
    if (
        len(entries) > _ENTRIES_AT_MOST
        or unpacked > _UNPACKED_AT_MOST
        or strings > _STRINGS_AT_MOST
        or unpacked > _RATIO_AT_MOST * max(packed, 5000)
    ):
        raise Unreadable("too_big", "The spreadsheet is far too big once unpacked: save the one sheet that is needed as CSV.")
    if any(b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning for beginning in beginnings):
        raise Unreadable("damaged", f"The spreadsheet contains what no spreadsheet program writes: {_AGAIN}")


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
        ]
        if not shown:
            raise Unreadable("empty", "The spreadsheet has no visible sheet: show the one with the recipients.")
        sheet = book.get_sheet_by_name(shown[0])
        first = sheet.start[0] if sheet.start else 0
        cells = sheet.iter_rows()
    except Unreadable:
        raise
    except Exception as error:  # the reader's own errors have no common parent
        raise Unreadable("damaged", f"The spreadsheet could not be read: {_AGAIN}") from error
    for number, row in enumerate(cells, start=first + 1):
        yield number, [cell if type(cell) is str else _text(cell) for cell in row]


def _text(cell: Any) -> str:
    """As the spreadsheet shows it: whole numbers without a point, dates as ISO 8601."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(" ", "minutes")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return "" if cell is None else str(cell)
