"""Typed answers, read as people write them: numbers, dates, e-mail addresses, phone numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import phonenumbers

TYPES = {
    "text": "a text", "number": "a number", "email": "an e-mail address", "date": "a date", "phone": "a phone number",
    "image": "a picture", "file": "a file", "audio": "a voice message or a sound", "location": "a place",
}  # fmt: skip
FILES = {"image": ("image",), "file": ("document", "image", "video", "audio"), "audio": ("audio",)}
"""Kinds of media, as WhatsApp calls them, that are an answer of a type; kept is an address of the file."""
TEXT_MAX = 4096

_NUMBER = re.compile(r"[+-]?(?=\.?\d)(\d{1,20})?(\.\d{1,10})?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([.,’' ])\d{3}(?:\1\d{3}){0,5}(?=$|[.,]\d)")
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_CLOCK = re.compile(r"(.+?)[T ,]\s*([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?")
_DATE = re.compile(r"(\d{1,4})\s*([./ -])\s*(\d{1,2})\s*\2\s*(\d{1,4})")


def read_answer(type: str, text: str, own_phone: str = "") -> str | None:
    """The answer in the form in which it is kept, or None when ``text`` is no such thing.

    ``own_phone`` is the person's own number: its country is meant when a phone number names none.
    """
    text = text.strip()
    if not text or len(text) > TEXT_MAX:
        return None
    match type:
        case "number":
            return None if (number := read_number(text)) is None else number_text(number)
        case "date":
            return None if (day := read_date(text)) is None else day.isoformat()
        case "email":
            return read_email(text)
        case "phone":
            return read_phone(text, own_phone)
    return text


def read_place(place: Mapping[str, Any] | None) -> str | None:
    """Latitude and longitude, as maps read them."""
    return None if place is None else f"{place['latitude']},{place['longitude']}"


def read_number(text: str) -> Decimal | None:
    """A decimal number with either sign for decimals; groups of exactly three digits are thousands."""
    if len(text) <= 20 and text.isascii() and text.isdigit():
        return Decimal(text)
    text = unicodedata.normalize("NFKC", text).strip()
    if len(text) > 40 or not text:
        return None
    if thousands := _THOUSANDS.match(text):
        text = text[: thousands.end()].replace(thousands[1], "") + text[thousands.end() :]
    text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return number.quantize(1) if number == number.to_integral_value() else number.normalize()


def number_text(number: Decimal) -> str:
    """The number as it is kept: read again it is the same. Three decimals get a zero, or they would be taken for thousands."""
    text = format(number, "f")
    if text.isdigit():
        return text
    text = text.rstrip("0").rstrip(".") if "." in text else text
    if text in ("-0", ""):
        return "0"
    return f"{text}0" if _THOUSANDS.fullmatch(text) else text


def read_date(text: str) -> date | None:
    """2026-11-25, 25/11/2026, 25.11.26; the day comes first where both readings are possible."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    first, _, second, third = found.groups()
    if len(first) == 4:
        return _day(first, second, third)
    if len(third) not in (2, 4) or len(first) > 2:
        return None
    year = third if len(third) == 4 else f"20{third}"
    return _day(year, second, first) or _day(year, first, second)


def read_moment(text: str) -> date | None:
    """A date, or a date with an hour, as in 2026-11-25T14:30."""
    found = _CLOCK.fullmatch(text.strip()) if len(text) <= 40 else None
    day = read_date(found[1] if found else text)
    return datetime.combine(day, time(int(found[2]), int(found[3]))) if found and day else day


def read_email(text: str) -> str | None:
    address = text.removeprefix("mailto:")
    local, _, domain = address.rpartition("@")
    if not _EMAIL.fullmatch(address) or ".." in address or local[0] == "." or local[-1] == "." or len(address) > 254:
        return None
    return f"{local}@{domain.lower()}"


def read_phone(text: str, own_phone: str = "") -> str | None:
    """E.164 of a number that its country's plan can have."""
    if len(text) > 40:
        return None
    try:
        number = phonenumbers.parse(text, country_of(own_phone))
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def country_of(phone: str) -> str | None:
    """The region of a number, such as CO."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) if phone else None
    except phonenumbers.NumberParseException:
        return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
