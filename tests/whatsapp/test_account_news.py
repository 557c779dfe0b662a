"""Webhooks about a number or an account, in the shapes of Meta's reference and in broken ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.whatsapp.accounts import FIELDS, tier
from flowbuilder.whatsapp.webhooks import AccountNews, parse


def _news(field: str, value: Any) -> AccountNews:
    entry = {"id": "102290129340398", "time": 1751247548, "changes": [{"field": field, "value": value}]}
    (item,) = parse(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode())
    assert isinstance(item, AccountNews)
    return item


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (
            "phone_number_quality_update",
            {"display_phone_number": "15550783881", "event": "THROUGHPUT_UPGRADE", "current_limit": "TIER_UNLIMITED"},
            {"field": "number", "event": "THROUGHPUT_UPGRADE", "number": "15550783881", "limit": "TIER_UNLIMITED"},
        ),
        ("business_capability_update", {"max_daily_conversations_per_business": 2000}, {"field": "limit", "limit": "TIER_2K"}),
        (
            "account_alerts",
            {"alert_info": {"alert_severity": "WARNING", "alert_status": "ACTIVE", "alert_type": "X", "alert_description": "Why"}},
            {"field": "alert", "level": "WARNING", "status": "ACTIVE", "event": "X", "text": "Why"},
        ),
        ("account_review_update", {"decision": "APPROVED"}, {"field": "review", "event": "APPROVED"}),
        ("account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}}, {"text": "ADULT"}),
        ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, {"status": "REINSTATE"}),
        (
            "account_update",
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1751300000}],
            },
            {"status": "RESTRICTED_BIZ_INITIATED_MESSAGING", "until": 1751300000},
        ),
    ],
)
def test_each_shape_of_metas_reference_is_read(field: str, value: dict[str, Any], expected: dict[str, Any]) -> None:
    item = _news(field, value)
    assert {name: getattr(item, name) for name in expected} == expected
    assert (item.waba_id, item.at) == ("102290129340398", 1751247548)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (250, "TIER_250"), ("2000", "TIER_2K"), (-1, "TIER_UNLIMITED"), ("-1", "TIER_UNLIMITED"), (10**6, "TIER_UNLIMITED"),
        ("TIER_10K", "TIER_10K"), ("tier_1k", "TIER_1K"), ("UNLIMITED", "TIER_UNLIMITED"), ("TIER_NOT_SET", ""), (None, ""), (True, ""),
        ([], ""), (777, ""),
    ],
)  # fmt: skip
def test_a_limit_comes_as_a_name_or_as_a_number(value: Any, name: str) -> None:
    assert tier(value) == name


_plain = st.none() | st.booleans() | st.integers() | st.text()
_json = st.recursive(_plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
_names = st.sampled_from(["event", "alert_info", "ban_info", "restriction_info", "decision", "current_limit", "display_phone_number",
                          "max_daily_conversations_per_business", "violation_info"])  # fmt: skip


@given(st.sampled_from(sorted(FIELDS)), st.dictionaries(_names, _json))
def test_no_value_of_theirs_trips_the_reader(field: str, value: dict[str, Any]) -> None:
    _news(field, value)
