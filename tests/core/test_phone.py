"""Phone numbers: what the fast way accepts, the library accepts too, and writes the same."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import countries, numbering, phone
from flowbuilder.core.phone import Phone, PhoneFault

_TYPES = [kind for kind in phonenumbers.PhoneNumberType.values() if kind != phonenumbers.PhoneNumberType.UNKNOWN]
_EXAMPLES = [
    (region, phonenumbers.national_significant_number(number))
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in _TYPES
    if (number := phonenumbers.example_number_for_type(region, kind))
]


def _by_library(region: str, digits: str) -> str | None:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def _mutations(digits: str, chance: random.Random) -> list[str]:
    place = chance.randrange(len(digits))
    return [
        digits,
        digits[:place] + str(chance.randrange(10)) + digits[place + 1 :],
        digits[:-1],
        digits + "1",
        str(chance.randrange(10)) + digits,
        "".join(chance.sample(digits, len(digits))),
    ]


def test_the_fast_way_and_the_library_never_disagree_on_mutated_examples_of_every_region():
    chance = random.Random(20261123)
    wrong = []
    for region, digits in _EXAMPLES:
        code = phonenumbers.country_code_for_region(region)
        accepts = numbering.plan_of_code(str(code)).is_good
        for mutated in _mutations(digits, chance):
            expected = _by_library(region, mutated)
            if accepts(mutated) and expected != f"+{code}{mutated}":
                wrong.append((region, mutated, expected))
            found = phone.read(region, mutated)
            if found == Phone(f"+{mutated}") and mutated.startswith(str(code)):
                continue
            if expected and expected.startswith(f"+{code}") and found != Phone(expected):
                wrong.append((region, mutated, expected, found))
    assert wrong == []
    assert len(_EXAMPLES) > 1000


@pytest.mark.parametrize("form", ["+{code}{digits}", "0{digits}", "{digits}"])
def test_what_is_recognised_at_sight_the_library_reads_in_the_same_way(form: str):
    chance, wrong, recognised = random.Random(20261125), [], 0
    for region, digits in _EXAMPLES:
        code = phonenumbers.country_code_for_region(region)
        for mutated in _mutations(digits, chance):
            written = form.format(code=code, digits=mutated)
            found = numbering.recognise(region, written)
            recognised += found is not None
            if found and found != _by_library(region, written):
                wrong.append((region, written, found))
    assert wrong == []
    assert recognised > 1000


@given(st.sampled_from(_EXAMPLES), st.integers(0, 20), st.integers(0, 9), st.booleans())
def test_whatever_is_read_is_a_valid_number_of_the_calling_code(example, place, digit, keep):
    region, digits = example
    digits = digits if keep else digits[: place % len(digits)] + str(digit) + digits[place % len(digits) + 1 :]
    found = phone.read(f"+{phonenumbers.country_code_for_region(region)}", digits)
    if isinstance(found, Phone):
        assert phonenumbers.is_valid_number(phonenumbers.parse(found.e164))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(country, number):
    found = phone.read(country, number)
    assert found.e164.startswith("+") if isinstance(found, Phone) else found.text.endswith(".")


@pytest.mark.parametrize(
    ("country", "number", "expected"),
    [
        ("49", "0151 23456789", "+4915123456789"),
        ("+49", "(0151) 234-567.89", "+4915123456789"),
        ("0049", "15123456789", "+4915123456789"),
        ("DE", "+49 151 23456789", "+4915123456789"),
        ("Alemania", "0049 151 23456789", "+4915123456789"),
        ("Alemanha (+49)", "4915123456789", "+4915123456789"),
        ("(49)", "15123456789", "+4915123456789"),
        ("+(49)", "15123456789", "+4915123456789"),
        ("(+49)", "15123456789", "+4915123456789"),
        ("", "+49 151 23456789", "+4915123456789"),
        ("４９", "１５１２３４５６７８９", "+4915123456789"),
        ("49", "15123456789.0", "+4915123456789"),
        ("49", "'015123456789", "+4915123456789"),
        ("49", "\u202a+49 1512 3456789\u202c", "+4915123456789"),
        ("39", "06 1234 5678", "+390612345678"),
        ("52", "1 222 123 4567", "+522221234567"),
        ("52", "5212221234567", "+522221234567"),
        ("54", "11 2345 6789", "+541123456789"),
        ("1", "(201) 555-0123", "+12015550123"),
        ("CA", "506 234 5678", "+15062345678"),
        ("Brasil", "11 96123-4567", "+5511961234567"),
        ("BR", "٠١١ ٩٦١٢٣٤٥٦٧", "+5511961234567"),
    ],
)
def test_numbers_are_read_as_people_write_them(country, number, expected):
    assert phone.read(country, number) == Phone(expected)


@pytest.mark.parametrize(
    ("country", "number", "fault"),
    [
        ("", "15123456789", PhoneFault.COUNTRY_MISSING),
        ("999", "15123456789", PhoneFault.COUNTRY_UNKNOWN),
        ("Atlantis", "15123456789", PhoneFault.COUNTRY_UNKNOWN),
        ("49", "+34 612 34 56 78", PhoneFault.COUNTRY_DIFFERS),
        ("49", "  ", PhoneFault.MISSING),
        ("49", "call me", PhoneFault.NOT_DIGITS),
        ("49", "4.91712E+11", PhoneFault.SHORTENED),
        ("49", "4,91712E+11", PhoneFault.SHORTENED),
        ("34", "61234", PhoneFault.TOO_SHORT),
        ("34", "6123456789123", PhoneFault.TOO_LONG),
        ("34", "112345678", PhoneFault.IMPOSSIBLE),
        ("", "+999 123 456 789", PhoneFault.COUNTRY_UNKNOWN),
    ],
)
def test_a_number_that_is_none_is_refused_with_its_reason(country, number, fault):
    assert phone.read(country, number) is fault


def test_digits_are_formatted_as_they_are_typed():
    assert phone.as_typed("US", "2015550123") == "(201) 555-0123"
    assert phone.as_typed("49", "015123456789") == "01512 3456789"
    assert phone.as_typed("DE", "15123456789") == "1512 3456789"
    assert phone.as_typed("DE", "4") == "4"
    assert phone.as_typed("DE", "0151 ask Ann") == "0151 ask Ann"
    assert phone.as_typed("", "+5511961234567") == "+55 11 96123-4567"


def test_a_masked_number_shows_only_its_ends():
    assert phone.mask("+4915123456789") == "+49…6789"


@pytest.mark.parametrize(
    ("wa_id", "other"),
    [("5491123456789", "541123456789"), ("5212221234567", "522221234567"), ("5511961234567", "551161234567")],
)
def test_ids_of_argentina_mexico_and_brazil_match_both_ways(wa_id, other):
    assert phone.variants(wa_id) == (wa_id, other)
    assert phone.variants(other) == (other, wa_id)


def test_other_ids_have_no_variant():
    assert phone.variants("4915123456789") == ("4915123456789",)


def test_every_country_has_a_name_a_code_and_an_example_that_reads():
    found = countries.all_countries()
    assert len(found) > 230
    assert [country.region for country in found if not isinstance(phone.read(country.region, country.example), Phone)] == []


@pytest.mark.parametrize(
    ("country", "number", "expected"),
    [
        ("", "+5215512345678", "+525512345678"),
        ("MX", "+521 55 1234 5678", "+525512345678"),
        ("MX", "044 55 1234 5678", "+525512345678"),
        ("MX", "1 55 1234 5678", "+525512345678"),
        ("52", "5215512345678", "+525512345678"),
        ("", "+541112345678", "+541112345678"),
        ("AR", "011 15 1234-5678", "+5491112345678"),
        ("AR", "9 11 1234-5678", "+5491112345678"),
        ("BR", "+55 11 8765-4321", "+5511987654321"),
        ("BR", "(011) 8765-4321", "+5511987654321"),
        ("BR", "11 98765-4321", "+5511987654321"),
    ],
)
def test_numbers_as_they_were_written_of_old_are_what_they_are_today(country, number, expected):
    assert phone.read(country, number) == Phone(expected)


@pytest.mark.parametrize("number", ["+521551234567", "+52155123456789", "+5511", "+55118765432"])
def test_what_was_never_a_number_stays_none(number):
    assert isinstance(phone.read("", number), PhoneFault)


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+49 151", "DE"), ("+4", ""), ("+1", "US"), ("+1 416 555 0123", "CA"), ("0034 612 345 678", "ES"), ("+55119", "BR"),
        ("0151 234", ""), ("", ""), ("+999", ""), ("+", ""),
    ],
)  # fmt: skip
def test_a_number_with_a_plus_tells_its_country_as_soon_as_it_can(number, region):
    assert phone.region_told(number) == region
