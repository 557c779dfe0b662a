"""Where the variables of an initial message get their values when nobody gives them: of the contact, or always the same.

Of a step, ``filled`` has a text for each such variable: words, or ``{{contact.name}}`` and the like. What stands there when the
contact has none is in ``otherwise``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from flowbuilder.core.variables import (
    BUILT_IN,
    CONTACT_COUNTRY,
    CONTACT_FIRST_NAME,
    CONTACT_NAME,
    CONTACT_PHONE,
    EXIT_WORD,
    attribute_of,
    fill,
    is_attribute,
    names_in,
)

_CALLED = {CONTACT_NAME: "name", CONTACT_FIRST_NAME: "first name", CONTACT_COUNTRY: "country", CONTACT_PHONE: "phone number"}


@dataclass(frozen=True, slots=True)
class Filling:
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Of a step's data, or of what ``to_json`` gave."""
        return cls(data.get("filled") or {}, data.get("otherwise") or {})

    def to_json(self) -> dict[str, Any]:
        return {"filled": dict(self.values), "otherwise": dict(self.otherwise)}

    def only(self, names: tuple[str, ...]) -> Self:
        """Of these variables; what would stay empty for everybody is not filled in."""
        values = {name: text for name, text in self.values.items() if name in names and text.strip()}
        return type(self)(values, self.otherwise)

    @property
    def constants(self) -> dict[str, str]:
        """What is the same for everybody."""
        return {name: self.value(name, {}) for name, text in self.values.items() if not names_in(text)}

    @property
    def of_contact(self) -> tuple[str, ...]:
        return tuple(name for name, text in self.values.items() if names_in(text))

    @property
    def reads(self) -> tuple[str, ...]:
        """The variables of the contact that it speaks of."""
        return names_in(*self.values.values())

    def value(self, name: str, known: Mapping[str, str]) -> str:
        """For a person of whom so much is known (``core.variables.of_contact``). WhatsApp takes no line break in a value."""
        text = self.values[name]
        has_all = all(known.get(one, "").strip() for one in _spoken(text))
        return " ".join((fill(text, known) if has_all else self.otherwise.get(name, "")).split())

    def words(self, name: str) -> str:
        """For people: what is filled in, where it is not the same for everybody."""
        text = fill(self.values[name], {one: _CALLED.get(one, attribute_of(one)) for one in names_in(self.values[name])})
        other = self.otherwise.get(name, "").strip()
        return f"{text} of the contact" + (f", else “{other}”" if other else "")

    def filled(self, given: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
        """What was given, and where that is nothing, what is filled in."""
        return {**given, **{name: self.value(name, known) for name in self.values if not str(given.get(name) or "").strip()}}


@lru_cache(512)
def _spoken(text: str) -> tuple[str, ...]:
    """Asked for each of many people."""
    return names_in(text)


def is_of_contact(name: str) -> bool:
    """Whether a value may speak of this variable: before a conversation only the contact is known."""
    return is_attribute(name) or (name in BUILT_IN and name != EXIT_WORD)
