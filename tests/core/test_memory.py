from __future__ import annotations

from flowbuilder.core.memory import Memory


def counting(most: int = 10):
    asked = []
    return asked, Memory(lambda piece: asked.append(piece) or len(asked), most=most)


def test_equal_content_is_asked_about_once():
    asked, memory = counting()
    assert memory({"a": [1, 2]}) == memory({"a": [1, 2]}) == 1
    assert len(asked) == 1


def test_content_that_only_looks_equal_is_asked_about_again():
    asked, memory = counting()
    for piece in (1, 1.0, True, "1"):
        memory(piece)
    assert len(asked) == 4


def test_a_full_memory_starts_anew():
    asked, memory = counting(most=2)
    for piece in (1, 2, 3, 1):
        memory(piece)
    assert asked == [1, 2, 3, 1]


def test_what_cannot_be_written_down_is_asked_about_each_time():
    asked, memory = counting()
    strange = {"a": object()}
    memory(strange)
    memory(strange)
    assert len(asked) == 2
