"""Phone numbers as WhatsApp reads them: what may be dialled, and which account answers."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from functools import lru_cache

import phonenumbers

from flowbuilder.simulator.codes import GraphError

_DECORATION = re.compile(r"[\s\-().]")
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")
_OWN_COUNTRY = "1"

# Longest prefix wins; enough countries that ids look right, the rest are XX.
_COUNTRIES = {
    "1": "US", "20": "EG", "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "351": "PT", "353": "IE", "358": "FI",
    "36": "HU", "380": "UA", "39": "IT", "40": "RO", "41": "CH", "420": "CZ", "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO",
    "48": "PL", "49": "DE", "502": "GT", "503": "SV", "504": "HN", "506": "CR", "507": "PA", "51": "PE", "52": "MX", "54": "AR", "55": "BR",
    "56": "CL", "57": "CO", "58": "VE", "591": "BO", "593": "EC", "595": "PY", "598": "UY", "60": "MY", "61": "AU", "62": "ID", "63": "PH",
    "64": "NZ", "65": "SG", "66": "TH", "7": "KZ", "81": "JP", "82": "KR", "84": "VN", "86": "CN", "90": "TR", "91": "IN", "92": "PK",
    "94": "LK", "966": "SA", "971": "AE", "972": "IL", "212": "MA", "233": "GH", "234": "NG", "254": "KE", "255": "TZ", "256": "UG",
}  # fmt: skip
_PROFILE_MOST = 60
_FIRST = (
    "Ana", "Ben", "Carla", "Dario", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas", "Kavya", "Liam", "Marta", "Noor", "Omar", "Paula",
    "Quinn", "Rosa", "Sam", "Thandi", "Uma", "Víctor", "Wanda", "Xavi", "Yara", "Zoë",
)  # fmt: skip
_LAST = (
    "Adeyemi", "Becker", "Conti", "Duarte", "Eriksen", "Ferreira", "Gómez", "Haddad", "Ito", "Jansen", "Kaya", "Laurent", "Murphy", "Nkosi",
    "Okafor", "Pillai", "Quispe", "Rao", "Souza", "Torres", "Usman", "Vidal", "Weber", "Xu", "Yilmaz", "Zając",
)  # fmt: skip


def account_of(dialled: str) -> str:
    """The ``wa_id`` that answers at what was dialled; raises the refusal Meta gives a malformed number."""
    digits = _DECORATION.sub("", dialled)
    if not digits.startswith("+") and len(digits) <= 10:
        digits = _OWN_COUNTRY + digits  # without a plus, the business number's country is assumed
    digits = digits.removeprefix("+")
    if not _DIGITS.fullmatch(digits):
        raise GraphError(131009, "The phone number is malformed: Please use the format: +1234567890.")
    if match := re.fullmatch(r"54([1-8]\d{9})", digits):
        return f"549{match[1]}"
    if match := re.fullmatch(r"52([2-9]\d{9})", digits):
        return f"521{match[1]}"
    if (match := re.fullmatch(r"55(\d\d)9(\d{8})", digits)) and int(match[1]) >= 31:
        return f"55{match[1]}{match[2]}"
    return digits


def country_of(wa_id: str) -> str:
    return next((_COUNTRIES[wa_id[:n]] for n in (3, 2, 1) if wa_id[:n] in _COUNTRIES), "XX")


def user_id_of(wa_id: str) -> str:
    """The business-scoped id of a person: stable, and not to be guessed from the number by eye."""
    return f"{country_of(wa_id)}.{int(hashlib.sha256(wa_id.encode()).hexdigest()[:16], 16)}"


def name_of(wa_id: str, called: str = "") -> str:
    """What a person is called in their profile: as somebody calls them, by a first name or a whole one; else made up."""
    draw = int(hashlib.sha256(wa_id.encode()).hexdigest()[16:24], 16)
    called = called.strip()[:_PROFILE_MOST] or _FIRST[draw % len(_FIRST)]
    return called if " " in called else f"{called} {_LAST[draw // len(_FIRST) % len(_LAST)]}"


@lru_cache(maxsize=4096)
def pretty(number: str) -> str:
    """The number for people, as they write it to other countries."""
    try:
        parsed = phonenumbers.parse(f"+{number.removeprefix('+')}")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def new_wamid(wa_id: str, *, inbound: bool) -> str:
    """A message id in Meta's shape: the person's number and twenty random digits in a small binary record."""
    mark = b"\x12" if inbound else b"\x11"
    record = (
        b"\x1c\x18"
        + bytes([len(wa_id)])
        + wa_id.encode()
        + b"\x15\x02\x00"
        + mark
        + b"\x18\x14"
        + secrets.token_hex(10).upper().encode()
        + b"\x00"
    )
    return "wamid." + base64.b64encode(record).decode()
