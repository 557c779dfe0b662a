"""``{{name}}`` in texts: finding them, filling them in, measuring the text around them.

A value is put in as it is: never read again, never evaluated. A name that has no value leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flowbuilder.core.answers import country_of
from flowbuilder.core.leaving import without_leaving

CONTACT_NAME, CONTACT_PHONE, EXIT_WORD = "contact.name", "contact.phone", "exit_word"
CONTACT_FIRST_NAME, CONTACT_COUNTRY = "contact.first_name", "contact.country"
_NOTHING: Mapping[str, str] = MappingProxyType({})
BUILT_IN = (CONTACT_NAME, CONTACT_FIRST_NAME, CONTACT_PHONE, CONTACT_COUNTRY, EXIT_WORD)

UNPAIRED = "double brace has no partner. Write {} as {{{{name}}}}."
_PLACE = re.compile(r"\{\{([^{}\n]{1,80})\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_OF_CONTACT = "contact."


def of_contact(name: str, phone: str, attributes: Mapping[str, str] = _NOTHING) -> dict[str, str]:
    """What a conversation knows of its person; the country is a code of two letters, found by the number."""
    known = {CONTACT_NAME: name, CONTACT_FIRST_NAME: name.split()[0] if name.strip() else "", CONTACT_PHONE: phone}
    return known | {CONTACT_COUNTRY: country_of(phone) or ""} | {as_variable(one): value for one, value in attributes.items()}


def is_name(name: str) -> bool:
    """Whether a step may keep an answer under ``name``: as Meta's named parameters, beginning with a letter."""
    return _NAME.fullmatch(name) is not None and name not in BUILT_IN


def free_name(name: str, taken: Collection[str]) -> str:
    """``name``, or with the first number after it that is not taken."""
    return next(one for one in (name, *(f"{name}_{at}" for at in range(2, len(taken) + 3))) if one not in taken)


def as_variable(attribute: str) -> str:
    """What texts call an attribute of the contact."""
    return _OF_CONTACT + attribute


def is_attribute(name: str) -> bool:
    """Whether a variable is an attribute of the contact, kept beyond the conversation; one that nobody has set is empty."""
    return name.startswith(_OF_CONTACT) and name not in BUILT_IN and is_name(attribute_of(name))


def attribute_of(name: str) -> str:
    return name.removeprefix(_OF_CONTACT)


def is_given(name: str) -> bool:
    """Whether a conversation has this variable without any step that sets it."""
    return name in BUILT_IN or is_attribute(name)


def names_in(*texts: str) -> tuple[str, ...]:
    """The variables that the texts speak of, each once, in order."""
    return tuple(dict.fromkeys(name.strip() for text in texts if "{{" in text for name in _PLACE.findall(text)))


def unpaired(text: str) -> tuple[str, ...]:
    """The double braces that belong to no variable: one was typed half."""
    rest = _PLACE.sub(" ", text) if "{{" in text else text
    return tuple(brace for brace in ("{{", "}}") if brace in rest)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Where there is no word for leaving, what a text says of it goes with it."""
    if "{{" not in text:
        return text
    pattern, names = _pattern(text)
    if EXIT_WORD in names and not values.get(EXIT_WORD, "").strip():
        pattern, names = _pattern(without_leaving(text))
    return pattern % tuple([values.get(name, "") for name in names])


@lru_cache(8192)
def _pattern(text: str) -> tuple[str, list[str]]:
    """A flow's text with ``%s`` in the places of its variables, and their names."""
    around = _PLACE.split(text.replace("%", "%%"))
    return "%s".join(around[::2]), [name.strip() for name in _PLACE.findall(text)]


def shortest(text: str) -> int:
    """How long ``text`` is at least once its variables are filled in: each counts as one character."""
    return len(_PLACE.sub("x", text)) if "{{" in text else len(text)


def renamed(value: Any, old: str, new: str) -> Any:
    """A step's data that speaks of ``new`` wherever it spoke of ``old``: in its texts, and where a variable is named."""
    if isinstance(value, str):
        return _PLACE.sub(lambda place: f"{{{{{new}}}}}" if place[1].strip() == old else place[0], value)
    if isinstance(value, list):
        return [renamed(part, old, new) for part in value]
    if isinstance(value, Mapping):
        named = {"variable": new} if value.get("variable") == old else {}
        return {key: renamed(part, old, new) for key, part in value.items()} | named
    return value


def field_naming(data: Mapping[str, Any], name: str) -> str | None:
    """The first field of a step's data that speaks of a variable."""
    other = renamed(data, name, "")
    return next((field for field, value in data.items() if other[field] != value), None)
