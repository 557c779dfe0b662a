"""Phone numbers of people: read as people write them, kept and sent as E.164 with a plus.

The rules are those of ``phonenumbers``; ``core.numbering`` recognises nearly every good number faster, and whatever it
misses goes the library's own way here. Names of countries are in ``core.countries``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber

from flowbuilder.core import countries, numbering

_SEPARATORS = dict.fromkeys(
    map(ord, " \t\r\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2212()/[]'’`\u200b\u200e\u200f\u202a\u202c\u2066\u2069\ufeff")
)
_SHORTENED = re.compile(r"\d+[.,]?\d*[eE]\+?\d+")
_FLOAT = re.compile(r"(\+?\d{5,})[.,]0+")


class PhoneFault(StrEnum):
    """Why something is no number that can be written to."""

    COUNTRY_MISSING = "country_missing"
    COUNTRY_UNKNOWN = "country_unknown"
    COUNTRY_DIFFERS = "country_differs"
    MISSING = "phone_missing"
    NOT_DIGITS = "phone_not_digits"
    SHORTENED = "phone_shortened"
    TOO_SHORT = "phone_too_short"
    TOO_LONG = "phone_too_long"
    IMPOSSIBLE = "phone_impossible"

    @property
    def text(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    PhoneFault.COUNTRY_MISSING: "The country is missing: write its calling code, such as 49 or +49.",
    PhoneFault.COUNTRY_UNKNOWN: "No country has this code: write a calling code such as 49, or two letters such as DE.",
    PhoneFault.COUNTRY_DIFFERS: "The number begins with the code of another country: correct one of the two.",
    PhoneFault.MISSING: "The phone number is missing.",
    PhoneFault.NOT_DIGITS: "A phone number has digits only; spaces, brackets and dashes do no harm.",
    PhoneFault.SHORTENED: "The spreadsheet has cut this number short: format the column as text and enter it again.",
    PhoneFault.TOO_SHORT: "The number is too short for its country: digits are missing.",
    PhoneFault.TOO_LONG: "The number is too long for its country: it has digits too many.",
    PhoneFault.IMPOSSIBLE: "No phone of this country can have this number: look for a wrong digit or area code.",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone in the world; ``e164`` begins with a plus."""

    e164: str

    @property
    def wa_id(self) -> str:
        """As WhatsApp names it: the digits alone."""
        return self.e164[1:]

    def __str__(self) -> str:
        return self.e164


def read(country: str, number: str) -> Phone | PhoneFault:
    """The phone that ``number`` means in ``country`` (calling code, two letters or name), or why there is none.

    A number that begins with + or 00 tells its country itself; ``country`` may then be empty, but must not differ.
    """
    if e164 := numbering.recognise(country, number.translate(_SEPARATORS)):
        return Phone(e164)
    return _read_slowly(country, countries.calling_code(country) if country else None, number)


def _read_slowly(country: str, code: int | None, number: str) -> Phone | PhoneFault:
    digits = unicodedata.normalize("NFKC", number).translate(_SEPARATORS)
    if exact := _FLOAT.fullmatch(digits):
        digits = exact[1]
    if not digits:
        return PhoneFault.MISSING
    if _SHORTENED.fullmatch(digits):
        return PhoneFault.SHORTENED
    digits = digits.replace(".", "")
    if not digits.lstrip("+").isdecimal():
        return PhoneFault.NOT_DIGITS
    digits = "+" * digits.startswith("+") + "".join(str(int(digit)) for digit in digits.lstrip("+"))
    if country.strip() and code is None:
        return PhoneFault.COUNTRY_UNKNOWN
    if digits.startswith("+") or (digits.startswith("00") and code != 39):
        return _read_international("+" + digits.lstrip("+0"), code)
    if code is None:
        return PhoneFault.COUNTRY_MISSING
    return _read_national(countries.region_of(country, code), code, digits)


def _read_international(number: str, code: int | None) -> Phone | PhoneFault:
    parsed = _parse(number, None)
    if isinstance(parsed, PhoneFault):
        return parsed
    if code is not None and parsed.country_code != code:
        return PhoneFault.COUNTRY_DIFFERS
    verdict = _verdict(parsed)
    if isinstance(verdict, PhoneFault) and (modern := _modern(parsed.country_code, str(parsed.national_number))):
        again = _parse(modern, None)
        return verdict if isinstance(again, PhoneFault) or isinstance(_verdict(again), PhoneFault) else _verdict(again)
    return verdict


def _modern(code: int, digits: str) -> str:
    """What a number written as of old is today; empty when it is not of such a form.

    Mexico has dropped the 1, 01, 044 and 045 before ten digits; Brazil has put a 9 before its mobiles of eight digits.
    """
    if code == 52 and (found := re.fullmatch(r"(?:01|04[45]|1|4[45])(\d{10})", digits)):
        return f"+52{found[1]}"
    if code == 55 and (found := re.fullmatch(r"0?(\d\d)([6-9]\d{7})", digits)):
        return f"+55{found[1]}9{found[2]}"
    return ""


def _read_national(region: str, code: int, digits: str) -> Phone | PhoneFault:
    if _repeats_code(code, digits):
        return Phone(f"+{digits}")
    verdict: Phone | PhoneFault = PhoneFault.IMPOSSIBLE
    candidates = [(digits, region), (f"+{code}{digits}", None), (f"+{digits}", None)]
    candidates += [(number, None) for number in (_modern(code, digits), _modern(code, digits.removeprefix(str(code)))) if number]
    for number, home in candidates:
        parsed = _parse(number, home)
        if isinstance(parsed, PhoneFault) or parsed.country_code != code:
            continue
        found = _verdict(parsed)
        if isinstance(found, Phone):
            return found
        if verdict is PhoneFault.IMPOSSIBLE:
            verdict = found
    return verdict


def _repeats_code(code: int, digits: str) -> bool:
    """People write 4915123456789 under country 49. Where the numbering plan would allow a landline +49 4915 123456789
    as well, the mobile is meant, unless the digits as they stand are a mobile, too."""
    if not digits.startswith(str(code)):
        return False
    repeated, plain = _parse(f"+{digits}", None), _parse(f"+{code}{digits}", None)
    return _is_mobile(repeated) and not _is_mobile(plain)


def _is_mobile(parsed: PhoneNumber | PhoneFault) -> bool:
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return not isinstance(parsed, PhoneFault) and phonenumbers.number_type(parsed) in kinds


def _parse(number: str, region: str | None) -> PhoneNumber | PhoneFault:
    try:
        return phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        match error.error_type:
            case error.INVALID_COUNTRY_CODE:
                return PhoneFault.COUNTRY_UNKNOWN
            case error.TOO_LONG:
                return PhoneFault.TOO_LONG
            case error.NOT_A_NUMBER:
                return PhoneFault.NOT_DIGITS
        return PhoneFault.TOO_SHORT


def _verdict(parsed: PhoneNumber) -> Phone | PhoneFault:
    if phonenumbers.is_valid_number(parsed):
        return Phone(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    match phonenumbers.is_possible_number_with_reason(parsed):
        case phonenumbers.ValidationResult.TOO_SHORT | phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return PhoneFault.TOO_SHORT
        case phonenumbers.ValidationResult.TOO_LONG:
            return PhoneFault.TOO_LONG
    return PhoneFault.IMPOSSIBLE


def as_typed(country: str, digits: str) -> str:
    """``digits`` with the spaces and brackets of the country, for a field that formats while one types. What is no number, it leaves as
    it is: nothing that was typed may vanish."""
    clean = unicodedata.normalize("NFKC", digits)
    if not clean.translate(_SEPARATORS).replace(".", "").lstrip("+").isdecimal():
        return digits
    code = countries.calling_code(country) if country else None
    clean = "+" * clean.lstrip().startswith("+") + "".join(str(int(digit)) for digit in clean if digit.isdecimal())[:20]
    shown = _formatted(countries.region_of(country, code) if code else "ZZ", clean)
    if code is None or shown != clean or clean.startswith("+"):
        return shown
    return _formatted("ZZ", f"+{code}{clean}").removeprefix(f"+{code}").strip()


def _formatted(region: str, digits: str) -> str:
    formatter, shown = phonenumbers.AsYouTypeFormatter(region), ""
    for character in digits:
        shown = formatter.input_digit(character)
    return shown


def region_told(number: str) -> str:
    """The country that a number beginning with + (or 00) belongs to, as two letters; empty while nobody can tell."""
    digits = "".join(str(int(digit)) for digit in unicodedata.normalize("NFKC", number) if digit.isdecimal())
    if number.lstrip().startswith("00"):
        digits = digits[2:]
    elif not number.lstrip().startswith("+"):
        return ""
    parsed = _parse(f"+{digits}", None)
    if not isinstance(parsed, PhoneFault) and (region := phonenumbers.region_code_for_number(parsed)):
        return region
    codes = (int(digits[:length]) for length in (1, 2, 3) if len(digits) >= length)
    code = next((code for code in codes if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), None)
    return phonenumbers.region_code_for_country_code(code) if code else ""


@lru_cache(maxsize=4096)
def pretty(e164: str) -> str:
    """For people, everywhere the same: ``+49 1512 3456789``. Whatever is no number with its country stays as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return e164


def mask(e164: str) -> str:
    """For logs: enough to recognise, too little to call: ``+49…6789``."""
    return f"{e164[:3]}…{e164[-4:]}" if len(e164) > 8 else "…"


def split(e164: str) -> tuple[str, str]:
    """Calling code and national number, as the two columns of a file hold them."""
    found = phonenumbers.parse(e164)
    return str(found.country_code), phonenumbers.national_significant_number(found)


def variants(wa_id: str) -> tuple[str, ...]:
    """Every ``wa_id`` that may mean the same phone, the given one first.

    Argentina writes mobiles with and without a 9, Mexico had a 1, Brazil's older numbers lack a 9 (WhatsApp delivers either).
    """
    other = _other_form(wa_id[:2], wa_id[2:])
    return (wa_id, other) if other else (wa_id,)


def _other_form(code: str, rest: str) -> str:
    if code in ("54", "52"):
        mark = "9" if code == "54" else "1"
        if len(rest) == 11 and rest[0] == mark:
            return code + rest[1:]
        return code + mark + rest if len(rest) == 10 else ""
    if code == "55" and len(rest) == 11 and rest[2] == "9":
        return code + rest[:2] + rest[3:]
    return f"{code}{rest[:2]}9{rest[2:]}" if code == "55" and len(rest) == 10 else ""
