"""What single steps must hold to fit WhatsApp."""

from __future__ import annotations

import pytest

from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import KINDS


def options(count: int, **data) -> Node:
    answers = [{"id": f"o{at}", "title": f"Answer {at}"} for at in range(1, count + 1)]
    return Node("n2", "answer_options", {"style": "buttons", "text": "Which?", "options": answers, "tries": 3, "retry_text": ""} | data)


def texts(node: Node) -> list[str]:
    return [finding.text for finding in KINDS[node.kind].limits(node)]


@pytest.mark.parametrize(
    "node",
    [
        Node("n2", "message", {"text": "x" * 4096}),
        options(3),
        options(10, style="list"),
        options(1, text="x" * 1024, header="h" * 60, footer="f" * 60),
        options(1, options=[{"id": "o1", "title": "t" * 20}]),
        options(1, style="list", options=[{"id": "o1", "title": "t" * 24, "description": "d" * 72}], list_button="b" * 20),
        Node("n2", "finish", {"outcome": "success"}),
    ],
)
def test_what_just_fits_is_fine(node):
    assert texts(node) == []


@pytest.mark.parametrize(
    ("node", "says"),
    [
        (Node("n2", "message", {"text": " "}), "enter the text"),
        (Node("n2", "message", {"text": "x" * 4097}), "4,097 characters, 1 more than the 4,096"),
        (Node("n2", "finish", {"outcome": "success", "text": "x" * 4097}), "closing text"),
        (options(4), "4 answers are more than the 3 that WhatsApp shows as buttons. Remove some, or show them as a list."),
        (options(11, style="list"), "11 answers are more than the 10"),
        (options(0), "add at least one answer"),
        (options(1, text="x" * 1025), "1,025 characters"),
        (options(1, header="h" * 61), "the header has 61 characters"),
        (options(1, footer="f" * 61), "the footer has 61 characters"),
        (options(1, options=[{"id": "o1", "title": "t" * 21}]), "answer 1 has 21 characters, 1 more than the 20"),
        (options(1, options=[{"id": "o1", "title": ""}]), "enter answer 1"),
        (options(1, style="list", options=[{"id": "o1", "title": "t" * 25}]), "1 more than the 24"),
        (options(1, style="list", options=[{"id": "o1", "title": "t", "description": "d" * 73}]), "the description of answer 1"),
        (options(1, style="list", list_button="b" * 21), "the button that opens the list"),
        (options(1, options=[{"id": "o1", "title": "{{name}}"}]), "cannot hold the variable {{name}}"),
        (options(1, options=[{"id": "o1", "title": "Sí"}, {"id": "o2", "title": "si"}]), "two answers read “si”"),
        (options(1, options=[{"id": "o1", "title": "☀ Sí"}, {"id": "o2", "title": "Sí ⭐"}]), "two answers read “si”"),
        (options(1, variable="First name"), "cannot be the name of a variable"),
        (options(1, variable="exit_word"), "cannot be the name of a variable"),
        (Node("n2", "open_question", {"text": "Q", "answer": "text", "variable": "", "tries": 1, "retry_text": ""}), "name the variable"),
        (Node("n2", "condition", {"branches": []}), "add a branch"),
        (Node("n2", "condition", {"branches": [{"id": "b", "label": "", "match": "all", "tests": []}]}), "asks nothing"),
    ],
)
def test_what_does_not_fit_is_told_with_its_cure(node, says):
    (text,) = texts(node)
    assert says in text
    assert text.endswith(".")


def test_a_variable_counts_as_one_character_however_long_its_name():
    assert texts(Node("n2", "message", {"text": "x" * 4095 + "{{a_variable_with_a_long_name}}"})) == []


def test_a_test_without_variable_or_value_is_found():
    tests = [
        {"variable": "", "operator": "equals", "value": "1"},
        {"variable": "a", "operator": "equals"},
        {"variable": "a", "operator": "is_empty"},
    ]
    found = texts(Node("n2", "condition", {"branches": [{"id": "b", "label": "Big", "match": "any", "tests": tests}]}))
    assert len(found) == 2
    assert "choose the variable that the branch “Big” looks at" in found[0]
    assert "enter what the branch “Big” compares a with" in found[1]
