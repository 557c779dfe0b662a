"""The page of the number: what is told from it arrives by webhook in Meta's shape, and the product understands it."""

from __future__ import annotations

import pytest
import requests

from flowbuilder.simulator.network.announcements import KINDS
from flowbuilder.whatsapp.webhooks import AccountNews, parse
from tests.simulator.running import Business, Running, until

FIELDS = ("phone_number_quality_update", "business_capability_update", "account_alerts", "account_update", "account_review_update")


@pytest.mark.parametrize("kind", KINDS)
def test_each_news_arrives_in_a_shape_that_the_product_reads(sim: Running, business: Business, kind: str) -> None:
    sim.control("news", kind=kind)
    until(lambda: any(business.changes(field) for field in FIELDS))
    (item,) = (item for body, _signature in business.posts for item in parse(body))
    assert isinstance(item, AccountNews)
    assert item.event and item.at


def test_a_news_that_there_is_not_is_refused_in_a_sentence(sim: Running) -> None:
    answer = requests.post(f"{sim.url}/_sim/news", json={"kind": "NONSENSE"}, timeout=5)
    assert answer.status_code == 400
    assert "There is no news" in answer.json()["error"]


def test_the_page_changes_speed_and_reach_and_tells_of_it(sim: Running, business: Business) -> None:
    page = requests.get(f"{sim.url}/number", timeout=5).text
    assert "1,000 messages a second" in page
    requests.post(f"{sim.url}/number/standing", data={"throughput": "HIGH", "tier": "TIER_2K"}, timeout=5)
    until(lambda: business.changes("phone_number_quality_update") and business.changes("business_capability_update"))
    assert business.changes("business_capability_update")[0]["max_daily_conversations_per_business"] == 2000
    requests.post(f"{sim.url}/number/news", data={"kind": "ALERT"}, timeout=5)
    until(lambda: business.changes("account_alerts"))
    assert requests.post(f"{sim.url}/number/news", data={"kind": "x"}, timeout=5).status_code == 422
