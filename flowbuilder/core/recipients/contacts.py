"""A file of contacts with their consent, read like one of recipients, by ``python -m`` this module ``FILE NAME NOW KEPT``.

A column is taken as an attribute if its header says so, as in "attribute: City", or if it is among ``KEPT``, a list of headers as JSON.
Runs in a process of its own with the same limits. What it found goes out as one line of JSON per slice of rows.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flowbuilder.core import attributes, phone
from flowbuilder.core.consent import Consent
from flowbuilder.core.countries import fold
from flowbuilder.core.recipients import Columns, Unreadable, Wanted, find_columns, open_table
from flowbuilder.core.recipients.child import confine, say
from flowbuilder.core.recipients.columns import COUNTRY, PHONE

NAME, CONSENT, SOURCE, DATE = "Name", "Consent", "Source", "Date"
_HEADERS = {
    NAME: ("name", "nombre", "nome", "full name", "nombre completo", "nome completo"),
    CONSENT: ("consent", "consentimiento", "consentimento", "opt in", "optin", "opted in", "estado", "status"),
    SOURCE: ("source", "fuente", "origen", "fonte", "origem", "how", "proof"),
    DATE: ("date", "fecha", "data", "since", "desde", "when", "consent date"),
}
_CONSENTS = {
    Consent.OPTED_IN: "opted in, opt in, optin, in, yes, y, true, 1, si, s, sim, subscribed, alta",
    Consent.OPTED_OUT: "opted out, opt out, optout, out, no, n, false, 0, nao, unsubscribed, stop, baja, opted out of promotions",
    Consent.STOPPED: "stopped, stop all, wants no messages, none, ninguno, nenhum",
    Consent.UNKNOWN: "unknown, desconocido, desconhecido, ",
}
_WORDS = {word: consent for consent, words in _CONSENTS.items() for word in words.split(", ")}
ROWS_AT_ONCE = 500
ROWS_AT_MOST = 1_000_000


@dataclass(slots=True)
class Slice:
    """``good`` rows are row, phone, name, consent, source, moment (ISO, or empty) and attributes; ``faults`` row, column, value and
    reason."""

    rows: int = 0
    good: list[tuple[int, str, str, str, str, str, dict[str, str]]] = field(default_factory=list)
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Places:
    """Where is what we take besides the number, by our names and by attribute; the headers of which nothing is taken."""

    ours: Mapping[str, int]
    attributes: Mapping[str, int]
    others: tuple[str, ...]


def read(path: Path, name: str, now: datetime, kept: Collection[str] = ()) -> Iterator[tuple[dict[str, str], tuple[str, ...], Slice]]:
    """The file in slices, each with the columns that were found and the others; raises Unreadable. ``kept`` become attributes."""
    table = open_table(path, name, Wanted())
    columns = find_columns(table.headers, Wanted())
    places = _places(table.headers, columns, kept)
    known = {**places.ours, **{attributes.header_of(name): at for name, at in places.attributes.items()}}
    chosen = columns.chosen() | {ours: table.headers[at] for ours, at in known.items()}
    seen: dict[str, int] = {}
    found, total = Slice(), 0
    for row, cells in table.rows:
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        _judge(row, [*cells, *[""] * (len(table.headers) - len(cells))], columns, places, seen, found, now)
        found.rows += 1
        if found.rows == ROWS_AT_ONCE:
            total += found.rows
            yield chosen, places.others, found
            found = Slice()
            if total >= ROWS_AT_MOST:
                raise Unreadable("too_many_rows", f"The file has more than {ROWS_AT_MOST:,} rows: split it into several.")
    if total + found.rows == 0:
        raise Unreadable("no_rows", "The file has a header and no rows beneath it: add one row per person.")
    if found.rows:
        yield chosen, places.others, found


def _places(headers: Sequence[str], columns: Columns, kept: Collection[str]) -> Places:
    folded, taken = [fold(header) for header in headers], {columns.country, columns.phone}
    places: dict[str, int] = {}
    for ours, names in _HEADERS.items():
        at = next((at for name in names for at, header in enumerate(folded) if header == name and at not in taken), None)
        if at is not None:
            places[ours] = at
            taken.add(at)
    named: dict[str, int] = {}
    for at, header in enumerate(headers):
        name = attributes.of_header(header) or (attributes.name_for(header) if header in kept else "")
        if at not in taken and name and name not in named and len(named) < attributes.MOST:
            named[name] = at
            taken.add(at)
    others = (header for at, header in enumerate(headers) if at not in taken and attributes.name_for(header))
    return Places(places, named, tuple(dict.fromkeys(others))[: attributes.MOST])


def _judge(row: int, cells: Sequence[str], columns: Columns, places: Places, seen: dict[str, int], found: Slice, now: datetime) -> None:
    values = {ours: _clean(cells[at]) for ours, at in places.ours.items()}
    named = {name: value for name, at in places.attributes.items() if (value := _clean(cells[at]))}
    country = cells[columns.country].strip() if columns.country is not None else ""
    number = phone.read(_clean(country), _clean(cells[columns.phone]))
    faults: list[tuple[str, str, str]] = []
    if isinstance(number, phone.PhoneFault):
        faults.append((PHONE, cells[columns.phone], number.text))
    else:
        first = seen.setdefault(min(phone.variants(number.wa_id)), row)
        if first != row:
            faults.append((PHONE, cells[columns.phone], f"The same number is already in row {first}."))
    consent = _WORDS.get(fold(values.get(CONSENT, "").replace("_", " ")))
    if consent is None:
        faults.append((CONSENT, values[CONSENT], "Write “opted in”, “opted out”, “stopped”, or leave it empty."))
    at = _moment(values.get(DATE, ""))
    if at is None or (at and at > now):
        faults.append((DATE, values[DATE], "Write the day as 2026-05-31, not after today."))
    faults += [(attributes.header_of(one.field or ""), named[one.field or ""], one.text) for one in attributes.problems({}, named)]
    if faults or isinstance(number, phone.PhoneFault) or consent is None:
        found.faults += [(row, column, value[:200], text) for column, value, text in faults]
        return
    moment = at.isoformat() if at else ""
    found.good.append((row, number.e164, values.get(NAME, "")[:200], consent.value, values.get(SOURCE, "")[:300], moment, named))


def _clean(cell: str) -> str:
    """Without the apostrophe by which a spreadsheet keeps a text, ours in exports too."""
    return cell.strip(" \u00a0\t").removeprefix("'").strip()


def _moment(text: str) -> datetime | str | None:
    """The moment in UTC; "" for none; None for what is no date."""
    if not text:
        return ""
    if dotted := re.fullmatch(r"(\d\d?)\.(\d\d?)\.(\d{4})", text):
        day, month, year = dotted.groups()
        text = f"{year}-{month:0>2}-{day:0>2}"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def main(path: str, name: str, now: str, kept: str = "[]") -> None:
    confine()
    try:
        for columns, others, found in read(Path(path), name, datetime.fromisoformat(now), json.loads(kept)):
            say({"columns": columns, "others": others, "rows": found.rows, "good": found.good, "faults": found.faults})
        say({"done": True})
    except Unreadable as fault:
        say({"unreadable": fault.code, "text": fault.text})
    except MemoryError:
        say({"unreadable": "too_big", "text": "The file needs more memory than is allowed: split it into several."})


__all__ = ["COUNTRY", "Slice", "main", "read"]

if __name__ == "__main__":
    main(*sys.argv[1:5])
