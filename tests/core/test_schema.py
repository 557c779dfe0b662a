from __future__ import annotations

import copy
import json
import math
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flowbuilder.core import schema
from flowbuilder.core.json_file import read
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.schema import node_problems, problems
from flowbuilder.core.shape import compile_shape
from tests.core.strategies import flows

FILES = {
    path.relative_to(schema.FOLDER).as_posix(): json.loads(path.read_text())
    for path in Path(schema.FOLDER).rglob("*.json")
    if not {"examples", "api"} & set(path.relative_to(schema.FOLDER).parts)
}
WHOLE = Draft202012Validator(schema.complete())
EMPTY = {"schema": 1, "name": "A", "nodes": [], "edges": []}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just(10**4000) | st.just("\ud800") | st.just("a\0"),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=4), one, max_size=4),
    max_leaves=6,
)


def spoil(document, seed: int, junk):
    """The document with one value, found by ``seed``, replaced by junk, removed, or joined by junk."""
    chance = random.Random(seed)
    part = document = copy.deepcopy(document)
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            part["strange"] = junk if isinstance(part, dict) else None
            return document
        key = chance.choice(keys)
        if isinstance(part[key], dict | list) and part[key] and chance.random() < 0.75:
            part = part[key]
            continue
        match chance.randrange(3):
            case 0:
                part[key] = junk
            case 1:
                del part[key]
            case 2 if isinstance(part, dict):
                part["strange"] = junk
        return document


@pytest.mark.parametrize("name", FILES)
def test_every_schema_is_one(name):
    Draft202012Validator.check_schema(FILES[name])


@given(flows(is_forward=False))
def test_what_we_write_is_in_order(flow):
    document = json.loads(flow.canonical())
    assert problems(document) == ()
    assert WHOLE.is_valid(document)


@given(flows(), st.integers(), JUNK)
@settings(deadline=None)
def test_spoiled_documents_are_told_in_sentences_and_nothing_crashes(flow, seed, junk):
    document = spoil(json.loads(flow.canonical()), seed, junk)
    found = problems(document)
    for finding in found:
        assert re.fullmatch(r"\S.*\.", finding.text, re.DOTALL)
        assert len(finding.text) < 500
    if not found:
        assert WHOLE.is_valid(document)


@given(
    flows(),
    st.integers(),
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
)
@settings(deadline=None)
def test_the_compiled_shape_says_what_jsonschema_says(flow, seed, junk):
    document = spoil(json.loads(flow.canonical()), seed, junk)
    shell = {**document, "nodes": []}
    assert schema._is_shell(shell) == Draft202012Validator(schema._SHELL).is_valid(shell)
    for node in document["nodes"] if isinstance(document.get("nodes"), list) else ():
        is_frame = Draft202012Validator(schema._FRAME).is_valid(node)
        assert schema._is_frame(node) == is_frame
        if is_frame:
            assert schema._is_data[node["kind"]](node["data"]) == Draft202012Validator(schema._NODES[node["kind"]]).is_valid(node["data"])


def test_a_keyword_that_is_not_compiled_is_refused():
    with pytest.raises(ValueError, match="oneOf"):
        compile_shape({"oneOf": []})


@given(JUNK)
def test_anything_at_all_can_be_asked_about(junk):
    assert problems(junk) != ()
    assert node_problems(junk) != ()


def nested(depth: int):
    document: object = {}
    for _ in range(depth):
        document = {"a": [document]}
    return document


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "not_a_flow"),
        (None, "not_a_flow"),
        ({}, "not_a_flow"),
        ({**EMPTY, "schema": 2}, "unknown_version"),
        ({**EMPTY, "schema": True}, "unknown_version"),
        ({**EMPTY, "schema": "1"}, "unknown_version"),
        ({**EMPTY, "layout": {"n1": [math.nan, 0]}}, "not_json"),
        ({**EMPTY, "layout": {"n1": [math.inf, 0]}}, "not_json"),
        ({**EMPTY, "settings": {"expires_after": 10**5000}}, "not_json"),
        ({**EMPTY, "settings": {"expires_after": 10**4000}}, "shape"),
        ({**EMPTY, "name": "a\0"}, "not_json"),
        ({**EMPTY, "name": "\ud83d"}, "not_json"),
        ({**EMPTY, "name": nested(20)}, "too_deep"),
        ({**EMPTY, "name": nested(100_000)}, "too_deep"),
        ({**EMPTY, "name": {1, 2}}, "not_json"),
        ({**EMPTY, "strange": 1}, "not_known"),
        ({**EMPTY, "name": ""}, "shape"),
        ({**EMPTY, "name": "x" * 9_000_000}, "too_large"),
        ({**EMPTY, "nodes": [{}] * 1001}, "shape"),
        ({**EMPTY, "nodes": [{"id": "n1\n", "kind": "message", "data": {"text": ""}}]}, "shape"),
    ],
)
def test_what_is_no_flow_is_told(document, code):
    assert problems(document)[0].code == code


def node(id: str, **data) -> dict:
    return {"id": id, "kind": "message", "data": {"text": "Hi"} | data}


@pytest.mark.parametrize(
    ("nodes", "edges", "says"),
    [
        ([node("n1"), node("n1")], [], "Step 2 has the same id “n1” as a step before it."),
        ([node("n1")], [("n1", "next", "n2")], "Connection 1 speaks of a step “n2” that is not in the flow."),
        ([node("n1")], [("n1", "prev", "n1")], "Connection 1 starts at an answer “prev” that step “n1” does not have."),
        ([node("n1"), node("n2")], [("n1", "next", "n2")] * 2, "Connection 2 is the second one from the answer “next”"),
        ([node("n1", text=3)], [], "Step 1 (Message), “text” must be a text."),
        ([node("n1", colour="red")], [], "Step 1 (Message) has something that is not known: “colour”."),
        ([{"id": "n1", "kind": "teleport", "data": {}}], [], "Step 1, “kind” must be one of: you_send_it, user_sends_it, message"),
        ([{"id": "n1", "kind": "message", "data": {}}], [], "Step 1 (Message) lacks “text”."),
    ],
)
def test_what_does_not_belong_together_is_told_in_place(nodes, edges, says):
    joined = [dict(zip(("source", "port", "target"), edge, strict=True)) for edge in edges]
    (finding,) = problems({**EMPTY, "nodes": nodes, "edges": joined})
    assert finding.text.startswith(says)


def test_answers_with_the_same_id_are_told():
    data = KINDS["answer_options"].blank() | {"options": [{"id": "o1", "title": "A"}, {"id": "o1", "title": "B"}]}
    assert node_problems({"id": "n1", "kind": "answer_options", "data": data})[0].code == "duplicate_id"
    data["options"][1]["id"] = "otherwise"
    assert node_problems({"id": "n1", "kind": "answer_options", "data": data})[0].code == "duplicate_id"


def test_a_document_that_was_sound_is_still_read_whole_after_it_changed():
    document = {**EMPTY, "nodes": [node("n1")], "edges": []}
    assert problems(document) == ()
    document["nodes"][0]["data"]["text"] = 4
    assert problems(document)[0].code == "shape"
    document["nodes"][0]["data"]["text"] = "Hi"
    document["edges"].append({"source": "n1", "port": "next", "target": "n1", "x": 1})
    assert problems(document)[0].code == "not_known"


def test_at_most_a_hundred_problems_are_told():
    assert len(problems({**EMPTY, "nodes": [node(f"n{at}", text=1) for at in range(500)]})) == 100


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"", b"{", b"[" * 200_000, b"1" * 5000, b'{"a": }', "x" * 9_000_000])
def test_a_file_that_cannot_be_read_is_told(raw):
    document, findings = read(raw)
    assert document is None
    assert findings[0].text.endswith(".")


def test_a_file_with_a_byte_order_mark_is_read():
    assert read("\ufeff{}".encode()) == ({}, ())
