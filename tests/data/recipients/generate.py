# ruff: noqa: E501, SIM905 (tables of data read better in one line)
"""Writes the recipient files of this folder: ``python tests/data/recipients/generate.py``. Always the same bytes.

``recipients_2000.csv`` has 2,000 rows of example numbers of many countries, 40 of them faulty in eight ways, five each.
The small files are odd in one way each; ``verdicts.json`` says what is to be found in them.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import phonenumbers

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
HERE = Path(__file__).parent
HEADERS = ["Country code", "Phone number", "first_name", "order_number"]
NAMES = (
    "Ann José Zoë María João Łukasz Björn Émilie Søren Müge Çağla Nuñez İpek Ángela Conceição Håkon Žofie Ștefan Ελένη Ольга Фёдор 李雷 さくら "
    "김민준 محمد נועה आरव Nguyễn O'Brien Jean-Luc"
).split()
REGIONS = (
    "DE ES FR IT PT GB IE NL BE CH AT PL CZ SK HU RO BG GR SE NO DK FI EE LV LT UA TR IL AE SA EG MA NG KE ZA IN PK BD ID MY SG TH VN PH JP KR "
    "HK TW AU NZ BR CO PE CL EC UY PY BO VE CR PA GT HN SV DO CA US GH SN TZ UG LK NP KZ GE"
).split()
FAULTS = (
    "country_missing", "country_unknown", "phone_impossible", "phone_shortened",
    "value_missing", "value_line_break", "value_spaces", "duplicate",
)  # fmt: skip


def numbers(chance: random.Random, count: int) -> list[phonenumbers.PhoneNumber]:
    """Distinct valid mobile numbers: each country's example with its last digits changed."""
    found: dict[str, phonenumbers.PhoneNumber] = {}
    while len(found) < count:
        region = REGIONS[len(found) % len(REGIONS)]
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        digits = phonenumbers.national_significant_number(example)
        changed = digits[:-4] + f"{chance.randrange(10_000):04}"
        number = phonenumbers.parse(f"+{example.country_code}{changed}")
        if phonenumbers.is_valid_number(number):
            found.setdefault(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), number)
    return list(found.values())


def written(number: phonenumbers.PhoneNumber, place: int) -> tuple[str, str]:
    """Country and number as different people write them."""
    code = str(number.country_code)
    formats = phonenumbers.PhoneNumberFormat
    match place % 5:
        case 0:
            return f"+{code}", phonenumbers.format_number(number, formats.NATIONAL)
        case 1:
            return code, phonenumbers.national_significant_number(number)
        case 2:
            return phonenumbers.region_code_for_number(number), phonenumbers.format_number(number, formats.NATIONAL).replace(" ", "-")
        case 3:
            return code, phonenumbers.format_number(number, formats.INTERNATIONAL)
    return f"00{code}", phonenumbers.national_significant_number(number)


def big(chance: random.Random) -> list[list[str]]:
    rows = []
    for place, number in enumerate(numbers(chance, 2000)):
        name = NAMES[place % len(NAMES)]
        order = f"A-{1000 + place}" if place % 7 else f"A-{1000 + place}; express"
        rows.append([*written(number, place), name, order])
    places = chance.sample(range(50, 2000), 40)
    for at, place in enumerate(places):
        _spoil(rows, place, FAULTS[at % 8], chance, set(places))
    return rows


def _spoil(rows: list[list[str]], place: int, fault: str, chance: random.Random, spoilt: set[int]) -> None:
    row = rows[place]
    match fault:
        case "country_missing":
            row[:2] = ["", "600 123 456"]
        case "country_unknown":
            row[0] = chance.choice(["999", "Atlantis", "XX", "+0"])
            row[1] = "600123456"
        case "phone_impossible":
            row[:2] = ["34", "112 345 678"]
        case "phone_shortened":
            row[:2] = ["34", "3.46123E+10"]
        case "value_missing":
            row[chance.choice([2, 3])] = ""
        case "value_line_break":
            row[2] = f"{row[2]}\nSmith"
        case "value_spaces":
            row[3] = row[3].replace("-", "-      ")
        case "duplicate":
            row[:2] = rows[next(at for at in range(place) if at not in spoilt and at % 5 == place % 5)][:2]


def as_csv(rows: list[list[str]], *, delimiter: str = ",", newline: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return out.getvalue()


GOOD = [["49", "0151 23456789", "José", "A-1"], ["34", "612 34 56 78", "Zoë", "A-2"], ["55", "11 96123-4567", "João", "A-3"]]
SPANISH = ["Código de país", "Teléfono", "FIRST NAME", "Order_Number"]
PORTUGUESE = ["CÓDIGO DO PAÍS", "Número de telefone", "First-Name", "order number"]

TEXTS: dict[str, bytes] = {
    "utf8_bom_semicolon.csv": b"\xef\xbb\xbf" + as_csv([HEADERS, *GOOD], delimiter=";").encode(),
    "utf16_le_tab.csv": as_csv([HEADERS, *GOOD], delimiter="\t").encode("utf-16"),
    "utf16_be_without_mark.csv": as_csv([HEADERS, *GOOD]).encode("utf-16-be"),
    "cp1252_spanish_headers.csv": as_csv([SPANISH, *GOOD], delimiter=";").encode("cp1252"),
    "cp1251_cyrillic.csv": as_csv([HEADERS, *[[*row[:2], name, row[3]] for row, name in zip(GOOD, ("Ольга", "Фёдор", "Дмитрий"), strict=True)]]).encode("cp1251"),
    "shift_jis.csv": as_csv([HEADERS, *[[*row[:2], name, row[3]] for row, name in zip(GOOD, ("さくら", "田中太郎", "山田花子様"), strict=True)]]).encode("cp932"),
    "portuguese_headers_pipe.csv": as_csv([PORTUGUESE, *GOOD], delimiter="|").encode(),
    "cr_only.csv": as_csv([HEADERS, *GOOD], newline="\r").encode(),
    "mixed_line_ends.csv": as_csv([HEADERS, *GOOD]).encode().replace(b"\r\n", b"\n", 2),
    "excel_sep_line.csv": ("sep=;\r\n" + as_csv([HEADERS, *GOOD], delimiter=";")).encode(),
    "other_order_and_columns.csv": as_csv([["note", "order_number", "Mobile", "first_name", "Country", ""], *[["x;y", r[3], r[1], r[2], r[0], ""] for r in GOOD]]).encode(),
    "without_country_column.csv": as_csv([["Telephone", "first_name", "order_number"], ["+49 151 23456789", "José", "A-1"], ["0034612345678", "Zoë", "A-2"], ["612345678", "Max", "A-3"]]).encode(),
    "full_width_digits_and_marks.csv": as_csv([HEADERS, ["４９", "０１５１２３４５６７８９", "José", "A-1"], ["34", "\u202a612345678\u202c", "Zoë", "A-2"], ["55", "'11961234567", "😀 João", "A-3"]]).encode(),
    "excel_text_formulas.csv": as_csv([HEADERS, ['="49"', '="015123456789"', '="José"', "A-1"], ["34", "612345678", "=HYPERLINK(\"x\")", "A-2"], ["34", "612345679", "#N/A", "A-3"]]).encode(),
    "rounded_numbers.csv": as_csv([HEADERS, ["49", "4.91512E+12", "José", "A-1"], ["49", "4,91512E+12", "Zoë", "A-2"]], delimiter=";").encode(),
    "blank_lines_and_trailing_empties.csv": ("\r\n" + as_csv([[*HEADERS, "", ""], [*GOOD[0], "", ""], ["", "", "", "", "", ""], [*GOOD[1], "", ""]])).encode(),
    "duplicates.csv": as_csv([HEADERS, ["49", "015123456789", "A", "1"], ["DE", "+4915123456789", "B", "2"], ["54", "9 11 2345-6789", "C", "3"], ["54", "11 2345-6789", "D", "4"]]).encode(),
    "ragged.csv": b"Country code,Phone number,first_name,order_number\n49,15123456789,Smith, John,A-1\n34,612345678,Zo\n",
    "faulty_values.csv": as_csv([HEADERS, ["49", "15123456789", "two\nlines", "A-1"], ["49", "15123456788", "tab\there", "A-2"], ["49", "15123456787", "a     b", "A-3"], ["49", "15123456786", "x" * 1000, "A-4"], ["49", "15123456785", "bell\x07", "A-5"]]).encode(),
    "unclosed_quote.csv": b'Country code,Phone number,first_name,order_number\n49,15123456789,"Ann,A-1\n34,612345678,Zo,A-2\n',
    "quote_inside.csv": b'Country code,Phone number,first_name,order_number\n49,15123456789,"Ann" B,A-1\n',
    "nul_bytes.csv": b"Country code,Phone number,first_name,order_number\n49,15123456789,A\x00nn,A-1\n34,612345678,Zo,A-2\n",
    "doubled_headers.csv": as_csv([["Country code", "Phone number", "Phone number", "first_name", "order_number"], ["49", "1", "2", "a", "b"]]).encode(),
    "missing_column.csv": as_csv([["Country code", "Phone number", "Vorname", "order_number"], GOOD[0]]).encode(),
    "header_only.csv": as_csv([HEADERS]).encode(),
    "empty.csv": b"",
    "only_line_ends.csv": b"\r\n\r\n",
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "binary.csv": bytes(range(1, 32)) * 200,
    "old_excel.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "text_called.xlsx": as_csv([HEADERS, *GOOD]).encode(),
    "cp1250_polish.csv": as_csv([HEADERS, *[[*row[:2], name, row[3]] for row, name in zip(GOOD, ("Łukasz Wójcik", "Małgorzata Żak", "Bożena Śliwińska"), strict=True)]], delimiter=";").encode("cp1250"),
    "utf16_be_mark.csv": b"\xfe\xff" + as_csv([HEADERS, *GOOD], delimiter=";").encode("utf-16-be"),
    "utf32.csv": as_csv([HEADERS, *GOOD]).encode("utf-32"),
    "tab_utf8.csv": as_csv([HEADERS, *GOOD], delimiter="\t").encode(),
    "text_ending.txt": as_csv([HEADERS, *GOOD], delimiter=";").encode(),
    "leading_blank_lines.csv": b"\r\n\r\n" + as_csv([HEADERS, *GOOD]).encode(),
    "leading_zeros_in_country.csv": as_csv([HEADERS, ["0049", "15123456789", "José", "A-1"], ["+34", "612345678", "Zoë", "A-2"], ["(55)", "11961234567", "João", "A-3"]]).encode(),
    "names_of_countries.csv": as_csv([HEADERS, ["Alemania", "15123456789", "José", "A-1"], ["ES", "612345678", "Zoë", "A-2"], ["Brasil", "11961234567", "João", "A-3"]]).encode(),
    "code_repeated_in_number.csv": as_csv([HEADERS, ["49", "4915123456789", "José", "A-1"], ["34", "0034 612345678", "Zoë", "A-2"]]).encode(),
    "other_country_in_number.csv": as_csv([HEADERS, ["49", "+34612345678", "José", "A-1"], GOOD[1]]).encode(),
    "letters_in_number.csv": as_csv([HEADERS, ["49", "0151 CALL ME", "José", "A-1"], GOOD[1]]).encode(),
    "numbers_too_long_and_short.csv": as_csv([HEADERS, ["49", "1", "José", "A-1"], ["34", "61234567890123", "Zoë", "A-2"], GOOD[2]]).encode(),
    "float_numbers.csv": as_csv([HEADERS, ["49.0", "15123456789.0", "José", "A-1"], ["34.0", "612345678,0", "Zoë", "A-2"]], delimiter=";").encode(),
    "right_to_left_names.csv": as_csv([HEADERS, ["966", "50 123 4567", "\u202bمحمد\u202c", "A-1"], ["972", "50-234-5678", "נועה", "A-2"]]).encode(),
    "emoji_and_joiners.csv": as_csv([HEADERS, ["49", "15123456789", "👩\u200d👩\u200d👧 Ann", "A-1"], ["34", "612345678", "Zoe\u0308", "A-2"]]).encode(),
    "values_with_markup.csv": as_csv([HEADERS, ["49", "15123456789", "<script>alert(1)</script>", "A-1"], ["34", "612345678", "*bold* {{1}}", "A-2"]]).encode(),
    "line_separators.csv": as_csv([HEADERS, ["49", "15123456789", "Ann\u2028B", "A-1"], GOOD[1]]).encode(),
    "quoted_delimiters_and_quotes.csv": as_csv([HEADERS, ["49", "15123456789", 'Ann "Nan", Sr.', "A-1,2"], ["34", "612345678", "Zoë", "A;3"]]).encode(),
    "column_without_name.csv": as_csv([["", *HEADERS], *[["1", *row] for row in GOOD]]).encode(),
    "many_columns.csv": as_csv([[*HEADERS, *[f"c{at}" for at in range(600)]], [*GOOD[0], *["x"] * 600]]).encode(),
    "long_cell.csv": as_csv([HEADERS, ["49", "15123456789", "x" * 30_000, "A-1"]]).encode(),
    "pdf_called.csv": b"%PDF-1.7\n" + b"1 0 obj\n" * 50,
    "packed.csv": b"\x1f\x8b\x08\x00" + bytes(range(200)),
    "text_document.csv": b"{\\rtf1\\ansi Country code}",
    "without_header.csv": as_csv(GOOD).encode(),
    "truncated.xlsx": b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x11" * 300,
}  # fmt: skip


def sheet(rows: list[list[str | float]]) -> str:
    """One sheet of a workbook: texts and numbers."""
    lines = []
    for at, row in enumerate(rows, start=1):
        cells = "".join(
            f'<c r="{chr(65 + column)}{at}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            if isinstance(cell, str)
            else f'<c r="{chr(65 + column)}{at}"><v>{cell!r}</v></c>'
            for column, cell in enumerate(row)
        )
        lines.append(f'<row r="{at}">{cells}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def workbook(sheets: list[tuple[str, str, str]], more: dict[str, bytes] | None = None) -> bytes:
    """An XLSX file of sheets: name, state, content."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at}" state="{state}" r:id="rId{at}"/>' for at, (name, state, _) in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{REL}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}">{links}</Relationships>',
    }
    parts |= {f"xl/worksheets/sheet{at}.xml": content for at, (_, _, content) in enumerate(sheets, 1)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | (more or {})).items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


PEOPLE = sheet([HEADERS, [49.0, 15123456789.0, "José", 17.0], [34.0, "612 34 56 78", "Zoë", "A-2"], [55.0, 11961234567.0, "", "A-3"]])
SHEETS: dict[str, bytes] = {
    "numbers_as_numbers.xlsx": workbook([("People", "visible", PEOPLE)]),
    "hidden_first_sheet.xlsx": workbook([("Notes", "hidden", sheet([["x"]])), ("People", "visible", PEOPLE)]),
    "only_hidden_sheets.xlsx": workbook([("People", "hidden", PEOPLE)]),
    "bomb.xlsx": workbook([("People", "visible", PEOPLE)], {"xl/sharedStrings.xml": b"a" * 20_000_000}),
    "cut_in_half.xlsx": workbook([("People", "visible", PEOPLE)])[:900],
    "many_entries.xlsx": workbook([("People", "visible", PEOPLE)], {f"junk/{at}": b"" for at in range(1200)}),
    "outward_names.xlsx": workbook([("People", "visible", PEOPLE)], {"../../outside.txt": b"x"}),
    "entities.xlsx": workbook([("People", "visible", '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + PEOPLE.replace("José", "&b;"))]),
    "open_document.xlsx": workbook([("People", "visible", PEOPLE)], {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
    "binary_sheets.xlsx": workbook([("People", "visible", PEOPLE)], {"xl/workbook.bin": b"x"}),
    "macros.xlsm": workbook([("People", "visible", PEOPLE)], {"xl/vbaProject.bin": b"never run"}),
    "empty_sheet.xlsx": workbook([("People", "visible", sheet([]))]),
    "header_only.xlsx": workbook([("People", "visible", sheet([HEADERS]))]),
    "archive_called.xlsx": workbook([("People", "visible", PEOPLE)]).replace(b"xl/workbook.xml", b"xl/workbaak.xml"),
    "sheet_called.csv": workbook([("People", "visible", PEOPLE)]),
}  # fmt: skip


def main() -> None:
    (HERE / "recipients_2000.csv").write_bytes(b"\xef\xbb\xbf" + as_csv([HEADERS, *big(random.Random(2000))], delimiter=";").encode())
    for name, content in (TEXTS | SHEETS).items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
