from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowbuilder.core import schema
from flowbuilder.core.conditions import Operator, holds, number_spoken, plain_text, same_answer

TEXTS = st.text(max_size=12) | st.sampled_from(("1", "01", "1.0", "2026-11-25", "25/11/2026", "", " "))


@pytest.mark.parametrize(
    ("value", "operator", "other", "expected"),
    [
        ("Sí", "equals", "si", True),
        ("  Buenos   días! ", "equals", "buenos dias", True),
        ("10", "equals", "10.0", True),
        ("1,000", "equals", "1000", True),
        ("25/11/2026", "equals", "2026-11-25", True),
        ("yes", "equals", "yes please", False),
        ("yes", "not_equals", "no", True),
        ("Straße", "equals", "STRASSE", True),
        ("I live in Málaga", "contains", "malaga", True),
        ("I live in Málaga", "not_contains", "madrid", True),
        ("Málaga", "starts_with", "mal", True),
        ("Málaga", "ends_with", "AGA", True),
        ("10", "greater", "9", True),
        ("9", "greater", "10", False),
        ("9", "at_least", "9", True),
        ("8.9", "less", "9", True),
        ("9", "at_most", "9", True),
        ("2026-12-01", "greater", "25/11/2026", True),
        ("many", "greater", "9", False),
        ("many", "at_most", "9", False),
        ("", "less", "9", False),
        ("", "is_empty", "", True),
        ("  ", "is_empty", "", True),
        ("x", "is_filled", "", True),
        ("", "is_filled", "", False),
    ],
)
def test_a_test_holds_as_people_would_say(value, operator, other, expected):
    assert holds(operator, value, other) is expected


@pytest.mark.parametrize(
    ("answer", "words"),
    [("yes", "✅ Yes"), ("Yes!", "Yes. ✅"), ("no", "❌\N{VARIATION SELECTOR-16} No"), ("👍🏽", "👍"), ("❤️", "❤"), ("👨‍👩‍👧", "👨‍👩‍👧")],
)
def test_an_answer_is_what_would_be_heard_of_it(answer, words):
    assert same_answer(answer, words)


def test_a_picture_that_stands_alone_is_an_answer_of_its_own():
    assert not same_answer("👍", "👎") and not same_answer("✅", "Yes") and not same_answer("", "👍")


@pytest.mark.parametrize(("answer", "number"), [("1️⃣", 1), ("2)", 2), ("#3", 3), ("٤", 4), ("1 or 2", None), ("", None)])
def test_an_answer_may_be_a_number(answer, number):
    assert number_spoken(answer) == number


@given(TEXTS, TEXTS)
def test_opposites_never_agree(value, other):
    for one, opposite in (("equals", "not_equals"), ("contains", "not_contains"), ("is_empty", "is_filled")):
        assert holds(one, value, other) is not holds(opposite, value, other)
    assert not (holds("greater", value, other) and holds("at_most", value, other))


@given(TEXTS)
@example("𝙰")
def test_plain_text_is_plain_already(text):
    assert plain_text(plain_text(text)) == plain_text(text)


def test_the_schema_knows_exactly_these_operators():
    tests = schema._NODES["condition"]["properties"]["branches"]["items"]["properties"]["tests"]
    assert tests["items"]["properties"]["operator"]["enum"] == [operator.value for operator in Operator]
    assert all(operator.label for operator in Operator)
