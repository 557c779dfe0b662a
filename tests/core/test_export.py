"""Exports: what is read back is what was written, and nothing in it can become a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import export


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＋1", "－1", "＠1", '=HYPERLINK("x")', "\n=1"]
)
def test_what_could_be_a_formula_becomes_text(cell):
    assert export.safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Ann", "4915123456789", "", "a=b", "5-3", "José"])
def test_ordinary_cells_stay_as_they_are(cell):
    assert export.safe(cell) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")), min_size=2, max_size=4), max_size=5))
def test_every_row_comes_back(rows):
    found = list(csv.reader(io.StringIO(export.lines(rows), newline="")))
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [[cell.removeprefix("'") for cell in row] for row in rows]


def test_nothing_is_an_empty_cell():
    assert export.lines([[None, 3]]) == ",3\r\n"
