from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from flowbuilder.core.bounds import Bounds, bound_problems
from flowbuilder.core.flow import Settings


@dataclass
class Now:
    variables: dict[str, str] = field(default_factory=lambda: {"most": "10", "none": ""})
    settings: Settings = field(default_factory=lambda: Settings(zone="Asia/Tokyo"))
    now: datetime = datetime(2026, 11, 25, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type", "least", "most", "value", "why"),
    [
        ("text", "3", "", "ab", "The answer is shorter than 3 characters."),
        ("text", "3", "5", "abc", ""),
        ("text", "", "2", "abc", "The answer is longer than 2 characters."),
        ("number", "0", "", "-0.5", "The answer is less than 0."),
        ("number", "", "{{most}} / 2", "5.1", "The answer is more than 5."),
        ("number", "", "{{none}} / 2", "999", ""),
        ("date", "today", "", "2026-11-25", "The answer is before 2026-11-26."),
        ("date", "today", "today + 1 week", "2026-12-03", ""),
        ("date", "", "2026-12-01", "2026-12-02", "The answer is after 2026-12-01."),
        ("email", "3", "5", "ann@example.com", ""),
    ],
)
def test_an_answer_is_within_its_limits_or_told_why_not(type, least, most, value, why):
    assert Bounds.of({"answer": type, "least": least, "most": most}).broken_by(value, Now()) == why


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"answer": "text", "least": "three"}, ["least"]),
        ({"answer": "text", "least": "5", "most": "3"}, ["most"]),
        ({"answer": "number", "least": "price"}, ["least"]),
        ({"answer": "number", "least": "{{price}}", "most": "0"}, []),
        ({"answer": "date", "least": "2026-12-01", "most": "2026-11-01"}, ["most"]),
        ({"answer": "date", "least": "today", "most": "today + 2 days"}, []),
        ({"answer": "phone", "least": "nonsense"}, []),
    ],
)
def test_limits_that_cannot_be_are_found_at_their_field(data, fields):
    assert [field for field, _ in bound_problems(data)] == fields


def test_limits_stand_in_few_words_beside_the_type():
    told = [
        ("text", "5", "12"),
        ("text", "5", ""),
        ("number", "18", ""),
        ("date", "today", "today + 1 week"),
        ("email", "1", "2"),
    ]
    bounds = [Bounds.of({"answer": type, "least": least, "most": most}) for type, least, most in told]
    words = [one.words for one in bounds]
    assert words == ["5–12 characters", "from 5 characters", "number, from 18", "date, today to today + 1 week", ""]
    wanted = ("5 to 12 characters", "at least 5 characters", "a number of at least 18")
    assert [one.wanted for one in bounds] == [*(f"Please answer with {words}" for words in wanted), "", ""], "a formula says nothing"
