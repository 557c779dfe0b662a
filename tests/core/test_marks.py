"""Texts without WhatsApp's marks, as sentences quote them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.flow import Node
from flowbuilder.core.marks import plain
from flowbuilder.core.nodes import KINDS, name_of
from flowbuilder.web.markup import whatsapp
from tests.core.test_checks import END, START, build
from tests.core.test_checks_more import found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*Yes*", "Yes"),
        ("*_Do_* ~not~ `now`", "Do not now"),
        ("2*3*4 of {{first_name}}, {{last_name}}", "2*3*4 of {{first_name}}, {{last_name}}"),
    ],
)
def test_names_are_quoted_without_marks(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text("ab *_~`", max_size=30))
def test_what_is_quoted_is_what_is_shown(text: str) -> None:
    assert plain(text) == re.sub("<[^>]+>", "", whatsapp(text))


def test_a_step_and_its_answers_are_quoted_without_marks() -> None:
    data = KINDS["answer_options"].blank() | {"text": "*Well?*", "options": [{"id": "a", "title": "*Yes*"}, {"id": "b", "title": "No"}]}
    flow = build(START, ("n2", "answer_options", data), END, edges="n1.continue>n2 n2.b>n9 n2.otherwise>n9")
    (finding,) = found(flow, "not_connected")
    assert finding.text.startswith("“Yes” of Answer options “Well?” leads nowhere.")
    assert name_of(Node("n2", "answer_options", data)) == "Answer options “Well?”"
