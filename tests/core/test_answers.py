from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.answers import TYPES, read_answer

OWN = "+34600000000"


@pytest.mark.parametrize(
    ("type", "text", "kept"),
    [
        ("text", "  Hola ", "Hola"),
        ("text", "   ", None),
        ("text", "x" * 4097, None),
        ("number", "42", "42"),
        ("number", " -3,5 ", "-3.5"),
        ("number", "1,000.50", "1000.5"),
        ("number", "1.000,5", "1000.5"),
        ("number", "1.000.000", "1000000"),
        ("number", "1 234", "1234"),
        ("number", "0,500", "0.5"),
        ("number", "0.125", "0.125"),
        ("number", "٣", "3"),
        ("number", "007", "7"),
        ("number", "1e5", None),
        ("number", "nan", None),
        ("number", "1.2.3", None),
        ("number", "five", None),
        ("number", "9" * 5000, None),
        ("date", "2026-11-25", "2026-11-25"),
        ("date", "25/11/2026", "2026-11-25"),
        ("date", "25.11.26", "2026-11-25"),
        ("date", "5 - 4 - 2026", "2026-04-05"),
        ("date", "11/25/2026", "2026-11-25"),
        ("date", "29/02/2028", "2028-02-29"),
        ("date", "29/02/2027", None),
        ("date", "31.04.2026", None),
        ("date", "tomorrow", None),
        ("date", "1/2/3", None),
        ("email", "Ann.Lee@Example.ORG", "Ann.Lee@example.org"),
        ("email", "mailto:a@b.co", "a@b.co"),
        ("email", "ann@correo.españa.es", "ann@correo.españa.es"),
        ("email", "a..b@c.de", None),
        ("email", ".a@c.de", None),
        ("email", "a@b", None),
        ("email", "a b@c.de", None),
        ("email", "a@b.co c@d.co", None),
        ("email", "a@-b.co", None),
        ("phone", "+1 (415) 555-2671", "+14155552671"),
        ("phone", "612 34 56 78", "+34612345678"),
        ("phone", "+34 612 34 56 78", "+34612345678"),
        ("phone", "123", None),
        ("phone", "call me", None),
    ],
)
def test_an_answer_is_read_as_people_write_it(type, text, kept):
    assert read_answer(type, text, OWN) == kept


def test_without_a_country_of_their_own_people_must_name_one():
    assert read_answer("phone", "612 34 56 78") is None
    assert read_answer("phone", "612 34 56 78", "nonsense") is None


@given(st.sampled_from(tuple(TYPES)), st.text(max_size=60) | st.from_regex(r"[-+0-9.,/ @a-z]{0,40}", fullmatch=True))
def test_what_is_kept_is_read_again_as_itself(type, text):
    kept = read_answer(type, text, OWN)
    if kept is not None:
        assert read_answer(type, kept, OWN) == kept
