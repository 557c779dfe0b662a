"""Recipients: files of people to write to, read row by row whatever their delimiter, encoding or language.

``tables`` opens CSV and ``sheets`` XLSX as rows of texts, ``columns`` finds what is where, ``rows`` judges each row.
``child`` is the process in which a file is read, since a lying file may take all the memory there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flowbuilder.core.recipients.columns import Columns, find_columns
from flowbuilder.core.recipients.rows import CellFault, Recipient, RowReader, Wanted
from flowbuilder.core.recipients.tables import Table, open_table
from flowbuilder.core.recipients.unreadable import Unreadable

__all__ = ["CellFault", "Chunk", "Columns", "Recipient", "RowReader", "Table", "Unreadable", "Wanted", "open_table", "read"]

ROWS_AT_MOST = 2_000_000


@dataclass(slots=True)
class Chunk:
    """Some rows of a file, judged. ``rows`` = good rows + faulty rows; blank lines do not count."""

    recipients: list[Recipient] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    rows: int = 0

    @property
    def faulty(self) -> int:
        return self.rows - len(self.recipients)


def read(path: Path, wanted: Wanted, *, name: str = "", size: int = 10_000) -> Iterator[tuple[Columns, Chunk]]:
    """The file at ``path`` in chunks of ``size`` rows; raises Unreadable when it cannot be read at all.

    ``name`` is what the file was called where it came from. A file without a single row is unreadable, too.
    """
    table = open_table(path, name or path.name, wanted)
    columns = find_columns(table.headers, wanted)
    reader = RowReader(wanted, columns, width=len(table.headers))
    chunk, total = Chunk(), 0
    for row, cells in table.rows:
        recipient = reader.at_sight(row, cells)
        if recipient is None:
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            recipient = reader.judge(row, cells, chunk.faults)
        if recipient:
            chunk.recipients.append(recipient)
        chunk.rows += 1
        if chunk.rows == size:
            total += size
            yield columns, chunk
            chunk = Chunk()
            if total >= ROWS_AT_MOST:
                raise Unreadable("too_many_rows", f"The file has more than {ROWS_AT_MOST:,} rows: split it into several.")
    if total + chunk.rows == 0:
        raise Unreadable("no_rows", "The file has a header and no rows beneath it: add one row per person.")
    if chunk.rows:
        yield columns, chunk
