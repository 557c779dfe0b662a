"""One row of a file: a person to write to, or the faults of its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flowbuilder.core import numbering, phone
from flowbuilder.core.phone import PhoneFault
from flowbuilder.core.recipients.columns import COUNTRY, PHONE, Columns

BODY_AT_MOST = 1024
_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_ODD = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]| {5}|^[=#]")
_FORMULA = re.compile(r"=\s*[-+@(]*\s*(?:[A-Za-z_.]+\(|\$?[A-Z]{1,3}\$?\d+)")
_SHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")
_LINK = re.compile(r"https://[^\s/@]+\.[^\s/@.]{2,}(?:/\S*)?")
_QUOTED = re.compile(r'="(.*)"')
_COUNTRY_FAULTS = (PhoneFault.COUNTRY_MISSING, PhoneFault.COUNTRY_UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the message needs from each row.

    ``texts`` are the parts with a limit, each with the most characters it may have when filled. ``mapping`` is what a person
    matched by hand: our name of a column to theirs. ``allowed`` are the only numbers that may be written to, if that is so.
    ``country`` is for numbers that don't tell theirs, in a file without a column for it.
    """

    variables: tuple[str, ...] = ()
    texts: tuple[tuple[str, int], ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    allowed: frozenset[str] | None = None
    longest: Mapping[str, int] = field(default_factory=dict)
    country: str = ""
    links: tuple[str, ...] = ()
    """Variables that must be addresses from which Meta can fetch something."""
    optional: tuple[str, ...] = ()
    """Variables for which a file may have no column, and a row no value."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """What is put in where a row has no value."""


class Recipient(NamedTuple):
    """A tuple, since there are millions of them."""

    row: int
    phone: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class CellFault:
    """One faulty cell; ``field`` is the header of its column.

    ``cells`` are the needed cells of the whole row (country, phone, then each variable), ``place`` the position of the
    faulty one among them: so that it can be mended.
    """

    row: int
    field: str
    code: str
    value: str
    text: str
    cells: tuple[str, ...] = ()
    place: int | None = None


class RowReader:
    """Judges the rows of one file; remembers the numbers seen, so that nobody is written to twice."""

    def __init__(self, wanted: Wanted, columns: Columns, *, width: int) -> None:
        self._wanted = wanted
        self._columns = columns
        self._width = width
        self._needed = (columns.country, columns.phone, *(columns.variables.get(name) for name in wanted.variables))
        self._last = max(at for at in self._needed if at is not None)
        self._lengths = text_lengths(wanted)
        self._room = min([BODY_AT_MOST, *wanted.longest.values(), *(_room(*each, wanted.constants) for each in self._lengths)])
        self._columns_at_sight = [at for at in self._needed[2:] if at is not None]
        self._names = [name for name in wanted.variables if name in columns.variables]
        self._blank = dict.fromkeys(wanted.variables, "") | {name: wanted.constants.get(name, "") for name in wanted.variables}
        self._is_whole = len(self._names) == len(wanted.variables)
        self._seen: dict[int, int] = {}

    def at_sight(self, row: int, cells: Sequence[str]) -> Recipient | None:
        """What nearly all rows are: plainly good. None: ``judge`` has to look closely."""
        if len(cells) != self._width or self._wanted.links:
            return None
        country, number = self._needed[:2]
        found = numbering.recognise("" if country is None else cells[country], cells[number])
        if found is None or not (self._wanted.allowed is None or found in self._wanted.allowed):
            return None
        values = [cells[position] for position in self._columns_at_sight]
        joined = f"|{'|'.join(values)}|" if values else ""
        if len(joined) > self._room or not _is_plain(joined) or self._first_row_of(found, row) != row:
            return None
        given = dict(zip(self._names, values, strict=True))
        return Recipient(row, found, given if self._is_whole else {**self._blank, **given})

    def _first_row_of(self, e164: str, row: int) -> int:
        """Where this number was met first; numbers are kept as numbers, which takes least memory."""
        key = int(e164[1:] if e164[1] != "5" else min(phone.variants(e164[1:])))
        return self._seen.setdefault(key, row)

    def judge(self, row: int, cells: Sequence[str], faults: list[CellFault]) -> Recipient | None:
        if len(cells) > self._width and any(cell.strip() for cell in cells[self._width :]):
            faults.append(self._ragged(row, cells))
            return None
        if len(cells) <= self._last:
            cells = [*cells, *[""] * (self._last + 1 - len(cells))]
        country, *others = self._needed
        needed = (self._wanted.country if country is None else cells[country], *("" if at is None else cells[at] for at in others))
        found = check(self._wanted, needed, self._lengths)
        if isinstance(found, Recipient):
            first = self._first_row_of(found.phone, row)
            if first == row:
                return Recipient(row, found.phone, found.parameters)
            found = [(1, "duplicate", f"The same number is already in row {first}: nobody gets the message twice.")]
        for at, code, text in found:
            faults.append(CellFault(row, self.header(at), code, needed[at][:500], text, needed, at))
        return None

    def header(self, at: int) -> str:
        """The name of the needed cell number ``at``, as the file calls it."""
        return self._columns.header(self._needed[at], (COUNTRY, PHONE, *self._wanted.variables)[at])

    def _ragged(self, row: int, cells: Sequence[str]) -> CellFault:
        text = (
            f"The row has {len(cells)} cells where the header has {self._width}: "
            "a text that contains the delimiter must stand in quotation marks."
        )
        return CellFault(row, "", "ragged", " | ".join(cells)[:500], text, ())


def _is_plain(joined: str) -> bool:
    """Of values between upright lines: none is empty, to be trimmed, a formula, an error, or has signs that nobody sees."""
    return joined.isprintable() and not (
        "||" in joined or "| " in joined or " |" in joined or "|=" in joined or "|#" in joined or "     " in joined
    )


def check(
    wanted: Wanted, needed: Sequence[str], lengths: Sequence[tuple[int, Counter[str], int]]
) -> Recipient | list[tuple[int, str, str]]:
    """The needed cells (country, phone, then each variable) as a recipient, or the faults: position, code, sentence."""
    faults: list[tuple[int, str, str]] = []
    found = phone.read(_unquoted(needed[0]), _unquoted(needed[1]))
    if isinstance(found, PhoneFault):
        faults.append((0 if found in _COUNTRY_FAULTS else 1, found.value, found.text))
    elif wanted.allowed is not None and found.e164 not in wanted.allowed:
        faults.append((1, "not_a_tester", "This number is not on the workspace's list of test phones: add it there, or leave it out."))
    parameters: dict[str, str] = {}
    for at, name in enumerate(wanted.variables, start=2):
        value = needed[at].strip(" \u00a0") or wanted.constants.get(name, "")
        if (not value and name not in wanted.optional) or _ODD.search(value):
            value, fault = _odd_value(value, name)
            if fault:
                faults.append((at, *fault))
        if wanted.links and name in wanted.links and value and not _LINK.fullmatch(value):
            faults.append(
                (at, "link_malformed", "This is not an address that WhatsApp can fetch: write it from https:// on, without blanks.")
            )
        if len(value) > wanted.longest.get(name, BODY_AT_MOST):
            most = wanted.longest.get(name, BODY_AT_MOST)
            faults.append((at, "value_too_long", f"This value has {len(value)} characters; {most} are allowed: shorten it."))
        parameters[name] = value
    if not faults and (fault := _too_long(wanted, parameters, lengths)):
        faults.append(fault)
    return faults or Recipient(0, found.e164, parameters)  # type: ignore[union-attr]


def _odd_value(value: str, name: str) -> tuple[str, tuple[str, str] | None]:
    """The value mended where that is certain, and what is wrong with it."""
    value = _unquoted(value)
    if not value:
        return value, ("value_missing", f"The message needs a value for “{name}”: WhatsApp refuses an empty one.")
    if "\n" in value or "\r" in value or "\t" in value or "\u2028" in value or "\u2029" in value:
        return value, ("value_line_break", "WhatsApp allows no line break or tab inside a value: write it in one line.")
    if "     " in value:
        return value, ("value_spaces", "WhatsApp allows at most four spaces in a row inside a value: remove some.")
    if _SHEET_ERROR.fullmatch(value):
        return value, ("value_sheet_error", "The spreadsheet could not work this cell out: correct its formula or write the value.")
    if _FORMULA.match(value):
        return value, ("value_formula", "This is a formula, not its result: paste the column as values.")
    if any(character < " " or character == "\x7f" for character in value):
        return value, ("value_control", "This value contains an invisible control character: write it again.")
    return value, None


def _too_long(
    wanted: Wanted, parameters: Mapping[str, str], lengths: Sequence[tuple[int, Counter[str], int]]
) -> tuple[int, str, str] | None:
    for fixed, counts, most in lengths:
        total = fixed + sum(count * len(parameters.get(name, "")) for name, count in counts.items())
        if total > most:
            longest = max(counts, key=lambda name: len(parameters.get(name, "")))
            text = f"With these values the message has {total:,} characters; {most:,} are allowed: shorten “{longest}” by {total - most}."
            return wanted.variables.index(longest) + 2, "message_too_long", text
    return None


def text_lengths(wanted: Wanted) -> list[tuple[int, Counter[str], int]]:
    return [_lengths(text, most) for text, most in wanted.texts]


def _room(fixed: int, counts: Counter[str], most: int, constants: Mapping[str, str]) -> int:
    """With values of so many characters together, each of them wherever it is used most, the text surely fits."""
    constant = sum(count * len(constants.get(name, "")) for name, count in counts.items())
    return (most - fixed - constant) // max(counts.values(), default=1)


def _lengths(text: str, most: int) -> tuple[int, Counter[str], int]:
    """Characters of the fixed words, how often each variable stands there, the limit."""
    return len(_VARIABLE.sub("", text)), Counter(_VARIABLE.findall(text)), most


def _unquoted(value: str) -> str:
    """Excel's way to keep leading zeros in a CSV: ="0151"."""
    found = _QUOTED.fullmatch(value.strip()) if value[:1] in ("=", " ") else None
    return found[1].strip() if found else value
