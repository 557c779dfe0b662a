"""Files of contacts: which columns are taken for what, which values are understood, and which rows are faulty."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowbuilder.core.recipients.contacts import Slice, read
from flowbuilder.core.recipients.unreadable import Unreadable

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def _read(tmp_path: Path, text: str) -> tuple[dict[str, str], Slice]:
    path = tmp_path / "file.csv"
    path.write_text(text)
    ((columns, _others, found),) = read(path, "file.csv", NOW)
    return columns, found


@pytest.mark.parametrize(
    "head",
    [
        "Country code,Phone number,Name,Consent,Source,Date",
        "País;Teléfono;Nombre;Consentimiento;Origen;Fecha",
        "DDI\tCelular\tNome\tConsentimento\tFonte\tData",
    ],
)
def test_columns_are_found_in_three_languages(tmp_path: Path, head: str) -> None:
    delimiter = next(sign for sign in ",;\t" if sign in head)
    row = delimiter.join(["49", "1512 3456789", "Ann", "Opted in", "Form", "2026-05-31"])
    columns, found = _read(tmp_path, f"{head}\n{row}\n")
    assert found.good == [(2, "+4915123456789", "Ann", "opted_in", "Form", "2026-05-31T00:00:00+00:00", {})]
    assert list(columns) == ["Phone number", "Country code", "Name", "Consent", "Source", "Date"] or set(columns) == {
        "Phone number", "Country code", "Name", "Consent", "Source", "Date",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("word", "consent"),
    [("yes", "opted_in"), ("SÍ", "opted_in"), ("sim", "opted_in"), ("opted_out", "opted_out"), ("Não", "opted_out"),
     ("STOP", "opted_out"), ("stopped", "stopped"), ("", "unknown"), ("unknown", "unknown")],
)  # fmt: skip
def test_consent_is_understood_in_many_words(tmp_path: Path, word: str, consent: str) -> None:
    _columns, found = _read(tmp_path, f"phone,consent\n+4915123456789,{word}\n")
    assert [row[3] for row in found.good] == [consent]


def test_only_the_number_is_needed_and_an_export_is_read_again(tmp_path: Path) -> None:
    _columns, found = _read(tmp_path, "Phone number,Name\n'+4915123456789,'=Ann\n")
    assert found.good == [(2, "+4915123456789", "=Ann", "unknown", "", "", {})]


def test_each_fault_names_row_column_value_and_reason(tmp_path: Path) -> None:
    rows = ["49,12,maybe,31/05/2026", "49,1512 3456789,yes,2027-01-01", "49,1512 3456789,yes,31.05.2026", "49,01512 3456789,yes,"]
    text = "\n".join(["country,phone,consent,date", *rows])
    _columns, found = _read(tmp_path, text)
    assert [(row, column, value) for row, column, value, _text in found.faults] == [
        (2, "Phone number", "12"), (2, "Consent", "maybe"), (2, "Date", "31/05/2026"), (3, "Date", "2027-01-01"),
        (4, "Phone number", "1512 3456789"), (5, "Phone number", "01512 3456789"),
    ]  # fmt: skip
    assert all(text.endswith(".") for *_rest, text in found.faults)
    assert found.rows == 4


@pytest.mark.parametrize("text", ["", "phone\n", "name,consent\nAnn,yes\n"])
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(Unreadable):
        list(read(path, "file.csv", NOW))
