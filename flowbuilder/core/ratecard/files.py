"""Rate cards as files: JSON as the example has it, or a table with a row per market. What is wrong is told row by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flowbuilder.core.countries import fold
from flowbuilder.core.finding import Finding
from flowbuilder.core.ratecard import CATEGORIES, Market, RateCard, country_names

HEADERS = ("Market", "Countries", "Marketing", "Utility", "Authentication")
_MOST_ROWS, _DEAREST = 400, Decimal(1000)


def read(text: str, *, currency: str = "", day: str = "", source: str = "") -> RateCard | list[Finding]:
    """A file of either kind; what the form says beside it counts where the file says nothing."""
    text = text.removeprefix("\ufeff").strip()
    if not text:
        return [_fault("The file is empty: download the prices shown here and change them.")]
    return from_json(text) if text.startswith("{") else from_csv(text, currency=currency, day=day, source=source)


def from_json(text: str) -> RateCard | list[Finding]:
    try:
        document = json.loads(text)
    except ValueError as error:
        return [_fault(f"The file is not valid JSON: {error}.")]
    rows = document.get("markets") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [_fault("The file has no list “markets”: see the example for its form.")]
    tables = [(at, _row_of(row)) for at, row in enumerate(rows, start=1)]
    said = {name: str(document.get(name) or "") for name in ("currency", "date", "source")}
    return _card(tables, said["currency"], said["date"], said["source"], is_example=document.get("is_example") is True)


def _row_of(row: Mapping[str, Any]) -> dict[str, str]:
    prices = row.get("prices") if isinstance(row.get("prices"), dict) else {}
    countries = row.get("countries") if isinstance(row.get("countries"), list) else []
    given = {category.title(): str(prices.get(category, "")) for category in CATEGORIES}
    return {"Market": str(row.get("name") or ""), "Countries": " ".join(map(str, countries)), **given}


def from_csv(text: str, *, currency: str, day: str, source: str) -> RateCard | list[Finding]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        return [_fault(f"The file cannot be read as a table: {error}.")]
    named = {fold(header): at for at, header in enumerate(rows[0])}
    if missing := [header for header in HEADERS if fold(header) not in named]:
        return [_fault(f"Row 1 names no column {', '.join(f'“{header}”' for header in missing)}; these are needed: {', '.join(HEADERS)}.")]
    tables = [(at, {header: _cell(row, named[fold(header)]) for header in HEADERS}) for at, row in enumerate(rows[1:], start=2) if any(row)]
    return _card(tables, currency, day, source)


def _cell(row: Sequence[str], at: int) -> str:
    return row[at].strip() if at < len(row) else ""


def _card(
    rows: Sequence[tuple[int, Mapping[str, str]]], currency: str, day: str, source: str, *, is_example: bool = False
) -> RateCard | list[Finding]:
    faults: list[Finding] = []
    currency = currency.strip().upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        faults.append(Finding("currency", "Enter the currency as three letters, such as USD.", field="currency"))
    try:
        date.fromisoformat(day)
    except ValueError:
        faults.append(Finding("date", "Enter the day from which these prices hold.", field="date"))
    if not rows or len(rows) > _MOST_ROWS:
        faults.append(_fault(f"The file has {len(rows)} markets; from 1 to {_MOST_ROWS} are expected."))
    seen: dict[str, int] = {}
    markets = [_market(at, row, seen, faults) for at, row in rows[:_MOST_ROWS]]
    return faults or RateCard(currency=currency, date=day, source=source[:200], is_example=is_example, markets=tuple(markets))


def _market(at: int, row: Mapping[str, str], seen: dict[str, int], faults: list[Finding]) -> Market:
    """One row; ``seen`` tells in which row each country was named first, "" being the row for all others."""
    if not row["Market"]:
        faults.append(_fault(f"Row {at}: the market has no name."))
    countries = row["Countries"].replace(",", " ").upper().split()
    if strange := [country for country in countries if country not in country_names()]:
        faults.append(_fault(f"Row {at}, Countries: no country has the code {', '.join(strange[:5])}; write two letters such as DE."))
    for country in countries or [""]:
        if first := seen.get(country):
            text = f"{country} is named in row {first} already" if country else f"only one row may name none; row {first} is that one"
            faults.append(_fault(f"Row {at}, Countries: {text}."))
        seen.setdefault(country, at)
    prices = {category: _price(at, category.title(), row[category.title()], faults) for category in CATEGORIES}
    return Market(row["Market"][:80], frozenset(countries), prices)


def _price(at: int, header: str, text: str, faults: list[Finding]) -> Decimal:
    try:
        price = Decimal(text.replace(",", "."))
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or not 0 <= price <= _DEAREST:
        faults.append(_fault(f"Row {at}, {header}: “{text[:20]}” is no price; write a number such as 0.0618."))
        return Decimal()
    return price


def table(card: RateCard) -> list[list[str]]:
    """For a file that people change and upload again."""
    rows = [
        [market.name, " ".join(sorted(market.countries)), *(str(market.prices.get(category, "")) for category in CATEGORIES)]
        for market in card.markets
    ]
    return [list(HEADERS), *rows]


def _fault(text: str) -> Finding:
    return Finding("ratecard", text, field="file")
