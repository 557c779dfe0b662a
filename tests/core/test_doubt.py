"""Rules for messages in doubt: the defaults, and what a workspace stores over them."""

from __future__ import annotations

import pytest

from flowbuilder.core import doubt
from flowbuilder.core.doubt import DEFAULTS, Policy, Then


def test_by_itself_only_what_somebody_waits_for_is_sent_again() -> None:
    assert {category: (rule.minutes, rule.then) for category, rule in DEFAULTS.items()} == {
        "MARKETING": (15, "list"), "UTILITY": (15, "resend"), "AUTHENTICATION": (10, "list"), "SERVICE": (2, "resend"),
    }  # fmt: skip


def test_what_is_stored_comes_back_and_defaults_are_not_stored() -> None:
    rules = {**DEFAULTS, "MARKETING": Policy(30, Then.RESEND)}
    assert doubt.to_json(rules) == {"MARKETING": {"minutes": 30, "then": "resend"}}
    assert doubt.policies(doubt.to_json(rules)) == rules
    assert doubt.to_json(DEFAULTS) == {}


@pytest.mark.parametrize(("category", "same_as"), [("UTILITY", "UTILITY"), (None, "SERVICE"), ("A_NEW_ONE", "MARKETING")])
def test_an_unknown_category_has_the_strictest_rule(category: str | None, same_as: str) -> None:
    assert doubt.of(DEFAULTS, category) == DEFAULTS[same_as]
