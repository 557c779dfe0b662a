from __future__ import annotations

import json

import pytest

from flowbuilder.core import message
from flowbuilder.core.message import Button, Buttons, List, Location, Media, Row, Tap, Template, Text, Unsupported, fitted, plain

EVERY_KIND = [
    (Text("Hi"), "Hi"),
    (Buttons("Which?", (Button("n1:a", "A"),), header="H"), "Which?"),
    (List("Which?", "Open", (Row("n1:a", "A", "first"), Row("n1:b", "B")), footer="F"), "Which?"),
    (Template("t1", {"name": "Ann"}, "Hi Ann"), "Hi Ann"),
    (Tap("n1:a", "A"), "A"),
    (Media("image", "77", "Look"), "Look"),
    (Location(1.5, -2.0, "Home"), "Home"),
    (Unsupported(), ""),
]


@pytest.mark.parametrize(("content", "words"), EVERY_KIND)
def test_every_content_is_written_read_and_told(content, words):
    assert message.from_json(json.loads(json.dumps(message.to_json(content)))) == content
    assert plain(content) == words


def test_empty_optional_parts_are_not_written():
    assert message.to_json(Buttons("B", (Button("a", "A"),))) == {"kind": "buttons", "body": "B", "buttons": [{"id": "a", "title": "A"}]}


def test_content_of_a_kind_to_come_is_unsupported():
    assert message.from_json({"kind": "hologram", "x": 1}) == Unsupported()
    assert message.from_json({"kind": "text", "body": "Hi", "x": 1}) == Text("Hi")


def test_texts_are_cut_to_what_whatsapp_takes():
    long = "x" * 5000
    assert len(fitted(Text(long)).body) == 4096
    rows = fitted(List(long, long, (Row("a", long, long),), header=long, footer=long))
    assert [len(part) for part in (rows.body, rows.button, rows.header, rows.footer)] == [1024, 20, 60, 60]
    assert [len(part) for part in (rows.rows[0].title, rows.rows[0].description)] == [24, 72]
    assert len(fitted(Buttons(long, (Button("a", long),))).buttons[0].title) == 20


def test_nothing_to_say_is_not_said_but_a_question_always_has_a_body():
    assert fitted(Text("  \n")) is None
    assert fitted(Buttons(" ", (Button("a", "A"),), header="  ")) == Buttons("…", (Button("a", "A"),))
