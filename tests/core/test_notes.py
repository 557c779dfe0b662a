"""Notes on the canvas have the measures that they were drawn to."""

from __future__ import annotations

import pytest

from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.schema import node_problems

NOTE = KINDS["note"]


def note(**data):
    return Node("n1", "note", NOTE.blank() | data)


def test_a_note_is_as_high_as_it_was_drawn_and_as_its_words_need():
    words = "What the auditors asked for. " * 20
    assert NOTE.height(note(text="Short", height=300)) == 300
    assert NOTE.height(note(text=words, width=200)) > NOTE.height(note(text=words, width=800))


@pytest.mark.parametrize("data", [{"width": 159}, {"height": 1001}, {"width": "wide"}])
def test_measures_beyond_what_can_be_drawn_are_no_note(data):
    assert node_problems(note(width=160, height=1000).to_json()) == ()
    assert node_problems(note(**data).to_json())
