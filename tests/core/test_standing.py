"""What Meta tells of a number or account, as sentences and consequences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.standing import LIMITS, limit_words, news


@pytest.mark.parametrize(
    ("told", "tone", "words", "facts"),
    [
        ({"field": "number", "event": "THROUGHPUT_UPGRADE"}, "good", "1,000 messages a second", {"throughput": "HIGH"}),
        ({"field": "number", "event": "FLAGGED", "limit": "TIER_1K"}, "bad", "1,000 people", {"quality": "RED", "limit": "TIER_1K"}),
        ({"field": "limit", "event": "LIMIT", "limit": "TIER_UNLIMITED"}, "info", "no limit", {"limit": "TIER_UNLIMITED"}),
        ({"field": "alert", "event": "SOME_ALERT", "level": "WARNING"}, "warn", "Some alert.", {}),
        ({"field": "review", "event": "REJECTED"}, "bad", "rejected", {}),
        ({"field": "account", "event": "ACCOUNT_VIOLATION", "text": "ADULT"}, "bad", "adult", {}),
        ({"field": "account", "event": "SOMETHING_NEW"}, "info", "something new", {}),
    ],
)
def test_news_become_a_sentence_and_facts(told: dict, tone: str, words: str, facts: dict) -> None:
    found = news(**told)
    assert (found.tone, found.facts) == (tone, facts)
    assert words in found.text
    assert not found.stops


def test_a_closed_account_and_a_ban_on_beginning_conversations_stop_sending() -> None:
    assert news("account", "DISABLED_UPDATE", status="DISABLE").stops
    assert news("account", "DISABLED_UPDATE", status="REINSTATE").goes_on
    restricted = news("account", "ACCOUNT_RESTRICTION", status="RESTRICTED_BIZ_INITIATED_MESSAGING", until=1751300000)
    assert restricted.stops and "until 30 Jun 2025" in restricted.text


@pytest.mark.parametrize("limit", [*LIMITS, "TIER_UNLIMITED", "", "TIER_5M"])
def test_every_limit_has_words(limit: str) -> None:
    assert limit_words(limit)


@given(st.sampled_from(["number", "limit", "alert", "account", "review", "else"]), st.text(), st.text(), st.text())
def test_whatever_comes_is_told_in_a_sentence(field: str, event: str, limit: str, text: str) -> None:
    assert news(field, event, limit=limit, text=text).text
