"""What to do about a message of which nobody knows whether it went out: how long to wait for word, and what then.

A rule per category of the message; ``SERVICE`` is what a flow says in a conversation. Each workspace may have its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

LONGEST_MINUTES = 7 * 24 * 60
"""As long as Meta repeats webhooks."""
STRICTEST = "MARKETING"
"""Whose rule serves for categories that we don't know."""


class Then(StrEnum):
    """What follows when the wait is over. A second doubt about the same message always ends in a list."""

    LIST = "list"
    RESEND = "resend"


@dataclass(frozen=True, slots=True)
class Policy:
    """``needs_witnesses``: the wait only ends on a line whose webhooks demonstrably come in."""

    minutes: int
    then: Then
    needs_witnesses: bool = True

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)


DEFAULTS: Mapping[str, Policy] = {
    "MARKETING": Policy(15, Then.LIST),
    "UTILITY": Policy(15, Then.RESEND),
    "AUTHENTICATION": Policy(10, Then.LIST),
    "SERVICE": Policy(2, Then.RESEND, needs_witnesses=False),
}
"""A lost question would leave a person waiting in a conversation; a second code would end the first one's life."""


def policies(stored: Mapping[str, Any]) -> Mapping[str, Policy]:
    """The rules of a workspace: what it has stored over the defaults."""
    return {
        category: Policy(int(stored[category]["minutes"]), Then(stored[category]["then"]), default.needs_witnesses)
        if category in stored
        else default
        for category, default in DEFAULTS.items()
    }


def to_json(rules: Mapping[str, Policy]) -> dict[str, Any]:
    """Only what differs from the defaults."""
    return {category: {"minutes": rule.minutes, "then": rule.then} for category, rule in rules.items() if rule != DEFAULTS[category]}


def of(rules: Mapping[str, Policy], category: str | None) -> Policy:
    """The rule for a message with this category of template; None is what a flow says."""
    return rules.get(category or "SERVICE", rules[STRICTEST])
