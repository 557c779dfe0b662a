"""Countries as people choose them: names, two letters, calling codes, an example number."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import phonenumbers

_LANGUAGES = ("en", "es", "pt")


@dataclass(frozen=True, slots=True)
class Country:
    """``example`` is a mobile number as people there write it, without the calling code."""

    region: str
    name: str
    calling_code: int
    example: str

    @property
    def label(self) -> str:
        return f"{self.name} (+{self.calling_code})"


@cache
def all_countries() -> tuple[Country, ...]:
    """Every country that has phones, by English name."""
    found = (_country(region) for region in phonenumbers.SUPPORTED_REGIONS)
    return tuple(sorted((country for country in found if country), key=lambda country: fold(country.name)))


def _country(region: str) -> Country | None:
    name = _name(region, "en")
    if not name:
        return None
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE) or phonenumbers.example_number(region)
    example = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL) if number else ""
    return Country(region, name, phonenumbers.country_code_for_region(region), example)


def _name(region: str, language: str) -> str:
    return _names().get(region, {}).get(language, "")


@cache
def _names() -> dict[str, dict[str, str]]:
    """Names in our languages, from the one file that has them: importing its package would load 96 MB of places."""
    spec = spec_from_file_location("phonenumbers.geodata.locale", Path(phonenumbers.__file__).with_name("geodata") / "locale.py")
    locale = module_from_spec(spec)
    spec.loader.exec_module(locale)
    return {region: {language: _resolved(names, language) for language in _LANGUAGES} for region, names in locale.LOCALE_DATA.items()}


def _resolved(names: dict[str, str], language: str) -> str:
    """An asterisk refers to the name in another language."""
    name = names.get(language, "")
    while name.startswith("*"):
        name = names.get(name[1:], "")
    return name


_MARKS = dict.fromkeys(map(ord, " -()"))


@lru_cache(4096)
def calling_code(country: str) -> int | None:
    """``+49``, ``0049``, ``49``, ``(49)``, ``DE``, ``Germany``, ``Alemania`` or ``Alemanha (+49)`` as 49."""
    text = unicodedata.normalize("NFKC", country).strip()
    digits = text.translate(_MARKS).removeprefix("+").lstrip("0").removesuffix(".0")
    if digits.isdecimal() and digits.isascii():
        code = int(digits)
        return code if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE else 1 if len(digits) == 4 and digits[0] == "1" else None
    region = _by_name().get(fold(text.partition("(")[0]))
    return phonenumbers.country_code_for_region(region) if region else None


@lru_cache(4096)
def region_of(country: str, code: int) -> str:
    """The two letters that ``country`` says, or the main country of its calling code."""
    region = _by_name().get(fold(country.partition("(")[0]))
    return region or phonenumbers.region_code_for_country_code(code)


@cache
def _by_name() -> dict[str, str]:
    names = {fold(_name(region, language)): region for region in phonenumbers.SUPPORTED_REGIONS for language in _LANGUAGES}
    names |= {region.lower(): region for region in phonenumbers.SUPPORTED_REGIONS}
    names |= {"usa": "US", "uk": "GB", "eeuu": "US", "eua": "US"}
    names.pop("", None)
    return names


def fold(text: str) -> str:
    """Lower case without accents, signs and repeated spaces, for comparing what people type."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.split())
