from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.answers import read_moment, read_number
from flowbuilder.core.expressions import DATE, NUMBER, evaluate, problem

NOW = datetime.fromisoformat("2026-11-25T14:30")
MOMENTS = st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-01-01"))
VALUES = {"price": "1.234,50", "people": "3", "name": "Ann", "day": "31/01/2026", "hour": "2026-02-28T23:15", "empty": ""}


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("12 / 3 / 2", "2"),
        ("-{{people}} + 1", "-2"),
        ("2 * -3", "-6"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 3", "0.3333333333"),
        ("{{price}} × 2", "2469"),
        ("round({{price}} / {{people}}, 2)", "411.5"),
        ("round(2.5)", "3"),
        ("0 * -1", "0"),
        ("1.001 + 0", "1.0010"),
        ("days({{day}}, 2026-03-01)", "29"),
        ("days(today, today + 2 weeks)", "14"),
    ],
)
def test_a_number_is_calculated(formula, result):
    assert evaluate(NUMBER, formula, VALUES, NOW).value == result


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("today", "2026-11-25"),
        ("now", "2026-11-25T14:30"),
        ("today + 2 days", "2026-11-27"),
        ("today - 1 week + {{people}} days", "2026-11-21"),
        ("now - 90 minutes", "2026-11-25T13:00"),
        ("today + 36 hours", "2026-11-26T12:00"),
        ("{{day}} + 1 month", "2026-02-28"),
        ("2024-02-29 + 1 year", "2025-02-28"),
        ("{{hour}} + 1 hour", "2026-03-01T00:15"),
        ("25/12/2026 9:05", "2026-12-25T09:05"),
        ("today + (1 + 1) * 2 days", ""),
        ("today + (1 + 2) days", "2026-11-28"),
    ],
)
def test_a_date_is_calculated(formula, result):
    assert evaluate(DATE, formula, VALUES, NOW).value == result


@pytest.mark.parametrize(
    ("type", "formula", "words"),
    [
        (NUMBER, "1 +", "a number or a variable is missing at the end"),
        (NUMBER, "", "a number or a variable is missing at the end"),
        (NUMBER, "price * 2", "“price” is not known; a variable is written {{price}}"),
        (NUMBER, "(1 + 2", "a bracket is not closed"),
        (NUMBER, "1 2", "an operator is missing before “2”"),
        (NUMBER, "2 ** 3", "a number or a variable is missing before “*”"),
        (NUMBER, "2026-11-25", "“2026-11-25” is a date; put spaces around - to subtract"),
        (NUMBER, "{{price}} % 2", "“% 2” cannot be read"),
        (NUMBER, "1,5 + 1", "“,” cannot stand here; decimals are written with a point, as in 1.5"),
        (NUMBER, "{{ }} + 1", "a variable has no name between its braces"),
        (NUMBER, "__import__(1)", "“__import__” is not known; a variable is written {{__import__}}"),
        (NUMBER, "-" * 30 + "1", "brackets and signs are nested more than 20 deep"),
        (NUMBER, "round(1, 99)", "“round” needs how many decimals, 0 to 10: round(…, 2)"),
        (DATE, "tomorrow", "“tomorrow” is not known; a variable is written {{tomorrow}}"),
        (DATE, "2026-02-30", "“2026-02-30” is no day of the calendar"),
        (DATE, "today + 2", "after an amount comes minutes, hours, days, weeks, months or years, as in + 2 days"),
        (DATE, "", "today, now, a date such as 2026-11-25, or a variable is missing at the end"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(type, formula, words):
    assert problem(type, formula) == words


@pytest.mark.parametrize(
    ("type", "formula", "why"),
    [
        (NUMBER, "1 / (2 - 2)", "Division by zero."),
        (NUMBER, "{{name}} + 1", "name is not a number: “Ann”."),
        (NUMBER, "{{empty}} + 1", "empty is empty."),
        (NUMBER, "99999999999999999999 * 10", "The result is larger than can be kept."),
        (DATE, "{{name}} + 1 day", "name is not a date: “Ann”."),
        (DATE, "today + 9999 years", "The result is larger than can be kept."),
        (DATE, "today + 99999999999999999999 days", "The result is larger than can be kept."),
    ],
)
def test_what_cannot_be_calculated_is_empty_with_the_reason(type, formula, why):
    assert problem(type, formula) == ""
    found = evaluate(type, formula, VALUES, NOW)
    assert (found.value, found.why) == ("", why)


NUMBERS = st.decimals(-(10**6), 10**6, places=3).map(lambda number: format(number.copy_abs(), "f"))


def _formulas(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join)
    return joined | inner.map("({})".format) | inner.map("-({})".format) | inner.map("round({}, 2)".format)


FORMULAS = st.recursive(NUMBERS | st.just("{{n}}"), _formulas, max_leaves=12)


@given(FORMULAS, NUMBERS)
def test_every_formula_has_a_result_that_is_read_as_the_same_number(formula, n):
    assert problem(NUMBER, formula) in ("", "brackets and signs are nested more than 20 deep")
    found = evaluate(NUMBER, formula, {"n": n}, NOW)
    if found.value:
        assert evaluate(NUMBER, "{{x}}", {"x": found.value}, NOW) == found
        assert read_number(found.value) is not None
    else:
        assert found.why


@given(st.lists(st.tuples(st.sampled_from("+-"), NUMBERS), min_size=1, max_size=30))
def test_sums_are_exact(parts):
    formula = "0 " + " ".join(f"{sign} {number}" for sign, number in parts)
    expected = sum((Decimal(sign + number) for sign, number in parts), Decimal())
    assert Decimal(evaluate(NUMBER, formula, {}, NOW).value) == expected


@given(st.text(max_size=60), st.sampled_from((NUMBER, DATE)), st.text(max_size=30))
def test_no_text_at_all_raises(formula, type, value):
    words = problem(type, formula)
    found = evaluate(type, formula, {"x": value}, NOW)
    assert found.value == "" if words else True
    assert found.value or found.why


@given(st.text(alphabet="0123456789+-*/(){}nx., todayws", max_size=40), st.sampled_from((NUMBER, DATE)))
def test_nothing_near_a_formula_raises(formula, type):
    found = evaluate(type, formula, {"x": "5", "n": "2026-01-01"}, NOW)
    assert found.value or found.why


@given(MOMENTS, st.integers(0, 999), st.sampled_from(("minutes", "hours", "days", "weeks")))
def test_a_date_moved_there_and_back_is_itself(moment, amount, unit):
    text = moment.isoformat(timespec="minutes")
    assert evaluate(DATE, f"{{{{d}}}} + {amount} {unit} - {amount} {unit}", {"d": text}, NOW).value == text
    assert read_moment(text) == moment.replace(second=0, microsecond=0)
