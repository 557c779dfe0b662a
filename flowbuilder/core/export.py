"""Tables that people open in a spreadsheet: CSV in which no cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def safe(cell: object) -> str:
    """The cell as text; an apostrophe goes before what a spreadsheet would take for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_DANGEROUS) or text.startswith(_DANGEROUS) else text


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV by RFC 4180. Spreadsheets know UTF-8 by a BOM: put it before the first."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().replace("\0", "")
