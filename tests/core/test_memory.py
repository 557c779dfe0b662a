from __future__ import annotations

from flowbuilder.core.flow import Flow
from flowbuilder.core.memory import Beside, Memory


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


def test_what_becomes_of_a_piece_does_not_reach_what_is_remembered():
    memory = Memory(lambda piece: piece, most=10, owns=True)
    piece = {"a": [1]}
    kept = memory(piece)
    piece["a"].append(2)
    assert kept == memory({"a": [1]}) == {"a": [1]}


def test_beside_a_value_stands_what_was_found_out_about_it_first():
    beside, one, other = Beside(most=2), ["same"], ["same"]
    assert [beside.get(value, str.upper, piece) for value, piece in ((one, "a"), (one, "b"), (other, "c"))] == ["A", "A", "C"]
    beside.get([], str.upper, "d")
    assert beside.get(one, str.upper, "e") == "E"


def test_a_step_of_the_same_content_is_the_same_in_every_flow():
    document = {"name": "F", "nodes": [{"id": "n1", "kind": "finish", "data": {"text": "Bye", "later": [1]}}], "edges": []}
    step = Flow.from_json(document).nodes["n1"]
    document["nodes"][0]["data"]["later"].append(2)
    assert Flow.from_json(document).nodes["n1"].data["later"] == [1, 2]
    assert step.data["later"] == [1]
    document["nodes"][0]["data"]["later"].pop()
    assert Flow.from_json(document).nodes["n1"] is step
