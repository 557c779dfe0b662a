"""Prices by market: what a batch costs, and what is told of a list that cannot be used."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import ratecard
from flowbuilder.core.ratecard import CATEGORIES, Market, RateCard, files

CARD = RateCard(
    currency="EUR", date="2026-01-01",
    markets=(
        Market("Germany", frozenset({"DE"}), {"MARKETING": Decimal("0.1")}),
        Market("All others", frozenset(), {"MARKETING": Decimal("0.02")}),
    ),
)  # fmt: skip


def test_the_example_says_that_it_is_one_with_date_and_source() -> None:
    card = ratecard.example()
    assert card.is_example
    assert (card.date, card.currency) == ("2025-07-01", "USD")
    assert card.source.startswith("Example")
    assert {market.name for market in card.markets} >= {"Brazil", "Mexico", "Argentina", "Other"}


def test_every_country_has_a_price_in_every_category() -> None:
    card = ratecard.example()
    for region in ratecard.country_names():
        assert card.market_of(region).prices.keys() == set(CATEGORIES)


def test_people_cost_what_their_market_costs_the_dearest_first() -> None:
    found = ratecard.estimate(CARD, {"DE": 10, "FR": 100}, "MARKETING")
    assert [(cost.country, cost.people, cost.total) for cost in found.costs] == [
        ("France", 100, Decimal("2.00")),
        ("Germany", 10, Decimal("1.0")),
    ]
    assert (found.total, found.currency, found.unpriced) == (Decimal("3.00"), "EUR", 0)


def test_a_category_without_a_price_is_told_so() -> None:
    found = ratecard.estimate(CARD, {"DE": 10}, "UTILITY")
    assert (found.total, found.unpriced) == (Decimal("0.00"), 10)


@pytest.mark.parametrize(
    ("digits", "region"),
    [
        ("4915", "DE"),
        ("1416", "CA"),
        ("1212", "US"),
        ("1876", "JM"),
        ("7705", "KZ"),
        ("7916", "RU"),
        ("5411", "AR"),
        ("5215", "MX"),
        ("9999", "ZZ"),
    ],
)
def test_the_first_digits_tell_the_country(digits: str, region: str) -> None:
    assert ratecard.region_of(digits) == region


def test_counts_by_digits_add_up_by_country() -> None:
    assert ratecard.by_region([("4915", 3), ("4917", 4), ("5511", 1)]) == {"DE": 7, "BR": 1}


def test_a_downloaded_list_comes_back_the_same() -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(files.table(ratecard.example()))
    found = files.read(out.getvalue(), currency="usd", day="2026-01-01", source="mine")
    assert isinstance(found, RateCard)
    assert found.markets == ratecard.example().markets
    assert (found.currency, found.is_example, found.source) == ("USD", False, "mine")
    again = files.read(ratecard.to_text(found))
    assert again == found


def test_what_is_wrong_is_told_row_by_row() -> None:
    text = "Market,Countries,Marketing,Utility,Authentication\nA,DE XX,0.1,x,1\nB,de,1,1,1\n,,1,1,-1\nC,,1,1,1"
    found = files.read(text, currency="us", day="")
    assert isinstance(found, list)
    texts = [finding.text for finding in found]
    assert [text.partition(":")[0] for text in texts[2:]] == [
        "Row 2, Countries", "Row 2, Utility", "Row 3, Countries", "Row 4", "Row 4, Authentication", "Row 5, Countries",
    ]  # fmt: skip
    assert {finding.field for finding in found[:2]} == {"currency", "date"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"markets": 3}', "Market;Marketing\nA;1", '{"markets": [{"prices": 3, "countries": "DE"}]}', '"']
)
def test_no_file_is_too_odd_for_a_sentence(text: str) -> None:
    found = files.read(text, currency="USD", day="2026-01-01")
    assert isinstance(found, list)
    assert found[0].text.endswith(".")


@given(st.text(max_size=200))
def test_any_text_is_a_card_or_findings(text: str) -> None:
    header = "Market,Countries,Marketing,Utility,Authentication\n"
    assert isinstance(files.read(header + text, currency="USD", day="2026-01-01"), list | RateCard)
