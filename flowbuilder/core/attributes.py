"""Attributes of a contact: what a workspace knows of a person beyond name and number, by names of its own.

They are named like variables, and texts speak of them as ``{{contact.<name>}}``. An empty one is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flowbuilder.core.countries import fold
from flowbuilder.core.finding import Finding
from flowbuilder.core.variables import as_variable, is_attribute

MOST = 50
"""So many a contact has at most."""
LONGEST = 1000
_HEADER = re.compile(r"\s*(?:attribute\s*:|contact\.)\s*(.*)", re.IGNORECASE | re.DOTALL)


def changed(known: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """The attributes after ``changes``; what would be one too many is not kept."""
    found = {**known}
    for name, value in changes.items():
        if not value.strip():
            found.pop(name, None)
        elif name in found or len(found) < MOST:
            found[name] = value[:LONGEST]
    return found


def problems(known: Mapping[str, str], changes: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with what a person or program wants to change, each with the name as its field."""
    for name, value in changes.items():
        if not is_attribute(as_variable(name)):
            yield Finding("malformed", named_wrong(name), field=name)
        elif len(value) > LONGEST:
            yield Finding("too_long", f"Shorten this to {LONGEST:,} characters; it has {len(value):,}.", field=name)
    if len({**known, **{name: value for name, value in changes.items() if value.strip()}}) > MOST:
        yield Finding("too_many", f"A contact has at most {MOST} attributes. Empty one first.", field=[*changes][-1])


def named_wrong(name: str) -> str:
    if is_attribute(as_variable(f"{name}_")) and not is_attribute(as_variable(name)):
        return f"“{name}” is known of every contact by itself. Choose another name."
    return "Name it in small letters, digits and _, beginning with a letter, at most 32 characters, such as customer_number."


def of_header(header: str) -> str:
    """The attribute that the column of a file says it is, as in "attribute: City"; empty where it says nothing."""
    found = _HEADER.fullmatch(header)
    return name_for(found[1]) if found else ""


def name_for(words: str) -> str:
    """A name made from words, as in "Customer number"; empty where none can be."""
    name = re.sub(r"[^a-z0-9]+", "_", fold(words)).strip("_")
    name = (f"a_{name}" if name[:1].isdigit() else name)[:32].rstrip("_")
    return name if is_attribute(as_variable(name)) else ""


def header_of(name: str) -> str:
    return f"attribute: {name}"
