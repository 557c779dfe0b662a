"""Recipient files: each is read, or refused in words, as the table beside the files says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core.recipients import Chunk, Columns, Recipient, RowReader, Unreadable, Wanted, find_columns, read
from flowbuilder.core.recipients.child import liner, wanted_from_json, wanted_to_json

FILES = Path(__file__).parent.parent / "data" / "recipients"
VERDICTS = json.loads((FILES / "verdicts.json").read_text())
WANTED = Wanted(
    variables=("first_name", "order_number"),
    texts=(("Hi {{first_name}}, your order {{order_number}} is ready. Thank you!", 1024),),
)


def _all(path: Path, wanted: Wanted = WANTED, **options) -> tuple[Columns, Chunk]:
    whole, columns = Chunk(), None
    for columns, chunk in read(path, wanted, **options):  # noqa: B007
        whole.recipients += chunk.recipients
        whole.faults += chunk.faults
        whole.rows += chunk.rows
    return columns, whole


def test_every_odd_file_has_a_verdict():
    files = {path.name for path in FILES.iterdir() if path.suffix in (".csv", ".txt", ".xlsx", ".xlsm")} - {"recipients_2000.csv"}
    assert files == set(VERDICTS)
    assert len(files) >= 60


@pytest.mark.parametrize("name", VERDICTS)
def test_an_odd_file_gets_its_verdict(name):
    expected = VERDICTS[name]
    if "unreadable" in expected:
        with pytest.raises(Unreadable) as caught:
            _all(FILES / name)
        assert caught.value.code == expected["unreadable"]
        assert caught.value.text.endswith(".")
        return
    _columns, found = _all(FILES / name)
    assert found.rows == expected["rows"]
    assert [recipient.parameters["first_name"] for recipient in found.recipients] == expected["good"]
    assert [[fault.row, fault.field, fault.code] for fault in found.faults] == expected["faults"]
    assert all(fault.text.endswith((".", "twice.")) for fault in found.faults)


def test_two_thousand_rows_have_forty_faults_of_eight_kinds():
    columns, found = _all(FILES / "recipients_2000.csv")
    kinds = Counter(fault.code for fault in found.faults)
    assert (found.rows, len(found.recipients), found.faulty) == (2000, 1960, 40)
    assert len(kinds) == 8
    assert set(kinds.values()) == {5}
    assert columns.chosen() == {name: name for name in ("Country code", "Phone number", "first_name", "order_number")}
    assert len({recipient.phone for recipient in found.recipients}) == 1960


def test_chunks_add_up_to_the_file():
    sizes = [chunk.rows for _columns, chunk in read(FILES / "recipients_2000.csv", WANTED, size=300)]
    assert sizes == [300, 300, 300, 300, 300, 300, 200]


def test_the_same_bytes_are_generated_again():
    before = {path.name: path.read_bytes() for path in FILES.glob("*.[ctx]*")}
    subprocess.run([sys.executable, str(FILES / "generate.py")], check=True)
    assert {path.name: path.read_bytes() for path in FILES.glob("*.[ctx]*")} == before


def test_columns_matched_by_hand_come_first():
    wanted = Wanted(variables=("first_name", "order_number"), mapping={"first_name": "Vorname"})
    columns, found = _all(FILES / "missing_column.csv", wanted)
    assert columns.chosen()["first_name"] == "Vorname"
    assert found.recipients[0].parameters["first_name"] == "José"


def test_headers_of_an_unmatched_file_are_told_so_that_they_can_be_matched():
    with pytest.raises(Unreadable) as caught:
        _all(FILES / "missing_column.csv")
    assert caught.value.headers == ("Country code", "Phone number", "Vorname", "order_number")


@pytest.mark.parametrize(
    "headers",
    [
        ["country code", "PHONE NUMBER", "First Name", "ORDER-NUMBER"],
        ["Código de país", "Número de teléfono", "first_name", "order_number"],
        ["CODIGO DO PAIS", "Telefone", "{{first_name}}", "{{order_number}}"],
        ["DDI", "Celular", "first name", "Order Number"],
    ],
)
def test_headers_are_matched_whatever_their_case_accents_and_language(headers):
    columns = find_columns(headers, WANTED)
    assert (columns.country, columns.phone, dict(columns.variables)) == (0, 1, {"first_name": 2, "order_number": 3})


def test_a_variable_called_country_has_its_own_column():
    columns = find_columns(["Phone number", "Country", "Country code"], Wanted(variables=("country",)))
    assert (columns.country, columns.phone, dict(columns.variables)) == (2, 0, {"country": 1})


def test_only_allowed_numbers_pass_when_there_is_a_list():
    wanted = Wanted(variables=WANTED.variables, allowed=frozenset({"+4915123456789"}))
    _columns, found = _all(FILES / "utf8_bom_semicolon.csv", wanted)
    assert [recipient.phone for recipient in found.recipients] == ["+4915123456789"]
    assert {fault.code for fault in found.faults} == {"not_a_tester"}


def test_a_value_too_long_for_its_place_is_named(tmp_path):
    file = tmp_path / "codes.csv"
    file.write_text("Country code,Phone number,code\n49,15123456789,1234567890123456\n")
    _columns, found = _all(file, Wanted(variables=("code",), longest={"code": 15}))
    assert [(fault.code, fault.field) for fault in found.faults] == [("value_too_long", "code")]


@pytest.mark.parametrize(("headers", "cells"), [(["Phone number", "link"], []), (["Phone number", "link", "name"], [""])])
def test_what_is_optional_may_lack_its_column_and_its_value(headers, cells):
    wanted = Wanted(variables=("link", "name"), links=("link",), optional=("name",))
    reader = RowReader(wanted, find_columns(headers, wanted), width=len(headers))
    found = reader.judge(2, ["+4915123456789", "https://shop.example/7.pdf", *cells], [])
    assert found.parameters == {"link": "https://shop.example/7.pdf", "name": ""}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "any.csv"
    file.write_bytes(content)
    try:
        _columns, found = _all(file)
        assert found.rows == len(found.recipients) + len({fault.row for fault in found.faults})
    except Unreadable as fault:
        assert fault.text


def test_the_child_process_says_what_it_found():
    command = [sys.executable, "-m", "flowbuilder.core.recipients.child", str(FILES / "duplicates.csv"), "people.csv"]
    done = subprocess.run(command, input=json.dumps(wanted_to_json(WANTED)), capture_output=True, text=True, check=True)
    first, *good, end = done.stdout.splitlines()
    chunk = json.loads(first)
    assert chunk["bytes"] == sum(len(line) + 1 for line in good)
    assert [line.split("\t")[0] for line in good] == ["2", "4"]
    assert [fault[2] for fault in chunk["faults"]] == ["duplicate", "duplicate"]
    assert json.loads(end) == {"done": True}


_TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(st.dictionaries(_TEXTS, _TEXTS, max_size=4))
def test_a_recipient_goes_out_in_one_line_whatever_the_names_and_values(parameters):
    line = liner(tuple(parameters))(Recipient(7, "+4915123456789", parameters))
    row, phone, content = line[:-1].split("\t")
    assert (row, phone, json.loads(content)) == ("7", "+4915123456789", {"parameters": parameters})
    assert (line[-1], line.count("\n")) == ("\n", 1)


_CELLS = st.lists(
    st.sampled_from(["Ann", "", " Ann", "Ann\u00a0", "=A1", "#N/A", "a|b", "| ", "José", "x" * 1020, "a     b", "a\tb", '="07"', "\u200d"]),
    min_size=2,
    max_size=2,
)


@given(_CELLS, st.sampled_from(["15123456789", "015123456789", "+4915123456789", "0049 151 23456789", "12", "+34612345678"]))
def test_what_is_good_at_sight_is_the_same_when_looked_at_closely(values, number):
    columns = find_columns(["Country code", "Phone number", *WANTED.variables], WANTED)
    cells = ["49", number, *values]
    quick = RowReader(WANTED, columns, width=4).at_sight(2, cells)
    assert quick is None or quick == RowReader(WANTED, columns, width=4).judge(2, cells, [])


def test_what_is_wanted_survives_the_way_to_the_child():
    wanted = Wanted(
        variables=("a",), texts=(("{{a}}", 60),), mapping={"a": "A"}, allowed=frozenset({"+491"}), longest={"a": 15}, optional=("a",)
    )
    assert wanted_from_json(json.loads(json.dumps(wanted_to_json(wanted)))) == wanted
