"""What Meta charges for a delivered message: prices by market and category, each market being some countries.

``example.json`` is an example with its date and source; a workspace replaces it by a list of its own (``files`` reads one).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import phonenumbers

from flowbuilder.core import countries

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
PREFIX_DIGITS = 4
"""How many digits of a number tell where it is charged: calling code, and the area code of North America."""


@dataclass(frozen=True, slots=True)
class Market:
    """Countries that cost the same. The one without countries is for all that no other market names."""

    name: str
    countries: frozenset[str]
    prices: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCard:
    """``date`` is the day from which the prices hold, as ISO 8601."""

    currency: str
    date: str
    source: str = ""
    is_example: bool = False
    markets: tuple[Market, ...] = ()

    def market_of(self, region: str) -> Market | None:
        own = next((market for market in self.markets if region in market.countries), None)
        return own or next((market for market in self.markets if not market.countries), None)


@dataclass(frozen=True, slots=True)
class Cost:
    """What the people of one country cost; without a price nobody knows."""

    region: str
    country: str
    market: str
    people: int
    price: Decimal | None

    @property
    def total(self) -> Decimal:
        return self.people * (self.price or Decimal())


@dataclass(frozen=True, slots=True)
class Estimate:
    """At most: what is not delivered, and utility messages within an open window, cost nothing."""

    currency: str
    costs: tuple[Cost, ...] = field(default=())

    @property
    def total(self) -> Decimal:
        return sum((cost.total for cost in self.costs), Decimal()).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def unpriced(self) -> int:
        return sum(cost.people for cost in self.costs if cost.price is None)


def estimate(card: RateCard, people: Mapping[str, int], category: str) -> Estimate:
    """The cost of one message of ``category`` to each; ``people`` are counted by region, the dearest countries come first."""
    costs = [_cost(card, region, count, category) for region, count in people.items() if count]
    return Estimate(card.currency, tuple(sorted(costs, key=lambda cost: (-cost.total, -cost.people, cost.country))))


def span(card: RateCard) -> dict[str, tuple[Decimal, Decimal]]:
    """What a message of each category costs at least and at most, wherever it goes."""
    prices = {name: [market.prices[name] for market in card.markets if name in market.prices] for name in CATEGORIES}
    return {name: (min(all), max(all)) for name, all in prices.items() if all}


def _cost(card: RateCard, region: str, people: int, category: str) -> Cost:
    market = card.market_of(region)
    price = market.prices.get(category) if market else None
    return Cost(region, country_names().get(region, region), market.name if market else "", people, price)


def by_region(prefixes: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Counts by the first digits of numbers (without the plus) as counts by region."""
    found: dict[str, int] = {}
    for digits, count in prefixes:
        region = region_of(digits)
        found[region] = found.get(region, 0) + count
    return found


@cache
def region_of(digits: str) -> str:
    """The country to which numbers that begin so belong: by calling code, in North America by area code."""
    for length in (1, 2, 3):
        code = int(digits[:length] or 0)
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return _shared(code, digits[length:]) or phonenumbers.region_code_for_country_code(code)
    return "ZZ"


def _shared(code: int, rest: str) -> str:
    if code == 7:
        return "KZ" if rest[:1] in ("6", "7") else "RU"
    if code == 1:
        return phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{rest[:3]}2345678")) or "US"
    return ""


@cache
def country_names() -> dict[str, str]:
    return {country.region: country.name for country in countries.all_countries()}


@cache
def example() -> RateCard:
    from flowbuilder.core.ratecard import files

    found = files.from_json(Path(__file__).with_name("example.json").read_text())
    assert isinstance(found, RateCard)
    return found


def to_text(card: RateCard) -> str:
    """As JSON, as ``files`` reads it."""
    markets = [
        {"name": market.name, "countries": sorted(market.countries), "prices": {name: str(price) for name, price in market.prices.items()}}
        for market in card.markets
    ]
    said = {"currency": card.currency, "date": card.date, "source": card.source, "is_example": False}
    return json.dumps({**said, "markets": markets}, ensure_ascii=False)
