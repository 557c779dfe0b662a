from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.variables import fill, is_name, names_in, shortest

SIGNS = st.text(alphabet="{}ab. \n", max_size=20)


def test_variables_are_found_once_and_in_order():
    assert names_in("{{b}} {{ a }}", "{{b}} {{contact.name}} {c} {{}}") == ("b", "a", "contact.name")


def test_values_are_put_in_as_they_are():
    assert fill("Hi {{ name }}, {{gone}}!", {"name": "{{other}} \\1 {0}", "other": "x"}) == "Hi {{other}} \\1 {0}, !"


@pytest.mark.parametrize("name", ["a", "order_2", "x" * 32])
def test_names_are_small_letters_digits_and_underscores(name):
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "A", "2nd", "_a", "first name", "ñ", "x" * 33, "contact.name", "exit_word", "a\n"])
def test_other_names_are_none(name):
    assert not is_name(name)


@given(SIGNS)
def test_a_text_is_as_long_as_its_shortest_filling(text):
    assert shortest(text) == len(fill(text, dict.fromkeys(names_in(text), "x")))


@given(SIGNS)
def test_a_text_without_variables_stays_as_it_is(text):
    if not names_in(text):
        assert fill(text, {}) == text
