"""Workbooks made while they go out: what was written is read back, as text and nothing else."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from flowbuilder.core import workbook

FORMULAS = ["=1+1", "+1", "-1", "@x", '=HYPERLINK("http://x")', "\t=1", "＝1", "0151", "1e5", "TRUE", "2026-01-01", "a\nb", "<&>\"'"]


def _read(data: bytes, sheet: int = 0) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def test_what_looks_like_a_formula_or_a_number_stays_text() -> None:
    data = b"".join(workbook.stream(["Row", "Text"], ([at, text] for at, text in enumerate(FORMULAS))))
    assert _read(data) == [["Row", "Text"], *([str(at), text] for at, text in enumerate(FORMULAS))]
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<c r=" not in sheet


def test_empty_cells_keep_their_place() -> None:
    assert _read(b"".join(workbook.stream(["a", "b", "c"], [[None, "", "x"]]))) == [["a", "b", "c"], ["", "", "x"]]


def test_a_table_without_rows_is_a_workbook_all_the_same() -> None:
    assert _read(b"".join(workbook.stream(["a"], []))) == [["a"]]


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=20))
@settings(max_examples=60)
def test_any_text_is_written_so_that_it_can_be_read(rows: list[list[str]]) -> None:
    found = _read(b"".join(workbook.stream(["n", "a", "b", "c"], ([at, *row] for at, row in enumerate(rows)))))
    assert [row[0] for row in found] == ["n", *map(str, range(len(rows)))]


def test_what_does_not_fit_a_sheet_goes_on_in_the_next(monkeypatch) -> None:
    monkeypatch.setattr(workbook, "ROWS_AT_MOST", 10)
    data = b"".join(workbook.stream(["n"], ([at] for at in range(25)), sheet="Result"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["Result", "Result 2", "Result 3"]
    assert [row[0] for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()[1:]] == [str(at) for at in range(25)]


def test_pieces_leave_before_the_last_row_is_known_and_hold_little_memory() -> None:
    taken = 0

    def rows():
        nonlocal taken
        for taken in range(60_000):
            yield [taken, "+4915123456789", "delivered", "A-1000; express"]

    pieces = workbook.stream(["a", "b", "c", "d"], rows())
    next(piece for piece in pieces if piece)
    assert taken < 30_000
    tracemalloc.start()
    for _ in pieces:
        pass
    assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    tracemalloc.stop()
