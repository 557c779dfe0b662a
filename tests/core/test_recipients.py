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

from flowbuilder.core.recipients import Chunk, Columns, Unreadable, Wanted, find_columns, read
from flowbuilder.core.recipients.child import wanted_from_json, wanted_to_json

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
    files = {path.name for path in FILES.iterdir() if path.suffix in (".csv", ".xlsx")} - {"recipients_2000.csv"}
    assert files == set(VERDICTS)


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
    before = {path.name: path.read_bytes() for path in FILES.glob("*.[cx]*")}
    subprocess.run([sys.executable, str(FILES / "generate.py")], check=True)
    assert {path.name: path.read_bytes() for path in FILES.glob("*.[cx]*")} == before


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
    chunk, end = (json.loads(line) for line in done.stdout.splitlines())
    assert [row for row, _phone, _parameters in chunk["good"]] == [2, 4]
    assert [fault[2] for fault in chunk["faults"]] == ["duplicate", "duplicate"]
    assert end == {"done": True}


def test_what_is_wanted_survives_the_way_to_the_child():
    wanted = Wanted(variables=("a",), texts=(("{{a}}", 60),), mapping={"a": "A"}, allowed=frozenset({"+491"}), longest={"a": 15})
    assert wanted_from_json(json.loads(json.dumps(wanted_to_json(wanted)))) == wanted
