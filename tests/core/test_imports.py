"""Exports of other builders become flows of ours, and what has no counterpart is told."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core.checks import verdict
from flowbuilder.core.flow_file import write
from flowbuilder.core.imports import Foreign, convert, source_of
from flowbuilder.core.schema import problems
from tests.core.imported import CONNECTED, RAPIDPRO, SHOP, TYPEBOT, only, told

STILL_TO_CHOOSE = {"no_initial_message", "empty", "no_medium", "not_connected"}


@pytest.mark.parametrize(("document", "name"), [(TYPEBOT, "Typebot"), (RAPIDPRO, "RapidPro")])
def test_a_file_is_known_by_its_shape_and_becomes_a_flow_in_order(document, name):
    imported = only(document)

    assert source_of(document) == name == imported.source
    assert problems(imported.flow.to_json()) == ()
    assert {finding.code for finding in verdict(imported.flow.to_json(), None).errors} <= STILL_TO_CHOOSE
    assert imported.notes[0].kind == "to do"


@pytest.mark.parametrize("document", [TYPEBOT, RAPIDPRO])
def test_the_same_file_always_becomes_the_same_flow(document):
    assert write(only(document).flow) == write(only(copy.deepcopy(document)).flow)


@pytest.mark.parametrize("document", [None, [], {}, {"schema": 1, "nodes": [], "edges": [], "name": "Ours"}, {"flows": 1}, {"groups": []}])
def test_other_files_are_no_export_of_another_builder(document):
    assert source_of(document) is None
    with pytest.raises(Foreign):
        convert(document)


def test_variables_that_are_set_stay_set_and_formulas_are_told():
    nodes, words = only(TYPEBOT).flow.nodes, told(only(TYPEBOT))

    assert nodes["b-kind"].data == {"variable": "kind_of_client", "type": "text", "value": "Promoter"}
    assert nodes["b-lower"].kind == "set_variable" and words.count("from a formula") == 1
    season = next(node for node in only(RAPIDPRO).flow.nodes.values() if node.kind == "set_variable")
    assert season.data == {"variable": "season", "type": "text", "value": "Spring of {{crop}}"}


def test_people_divided_by_chance_are_divided_here_too():
    typebot = only(TYPEBOT).flow
    rapidpro = next(node for node in only(RAPIDPRO).flow.nodes.values() if node.kind == "split")

    assert [(one["label"], one["share"]) for one in typebot.nodes["b-ab"].data["shares"]] == [("A", 70), ("B", 30)]
    assert typebot.edges["b-ab", "ab-a"] == "b-pic"
    assert [(one["label"], one["share"]) for one in rapidpro.data["shares"]] == [("A", 50), ("B", 50)]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"version": 10, "flows": [{"action_sets": [], "rule_sets": []}]}, "older than version 13"),
        ({"name": "My typebot", "blocks": [{"id": "b1", "steps": []}], "edges": []}, "older than version 3"),
    ],
)
def test_an_old_export_is_refused_with_what_to_do(document, told):
    with pytest.raises(Foreign, match=f"{told}. Import it into a current"):
        convert(document)


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_export_is_refused_in_one_sentence_or_becomes_a_flow_in_order(data):
    document = copy.deepcopy(data.draw(st.sampled_from([TYPEBOT, SHOP, RAPIDPRO, CONNECTED])))
    for _ in range(data.draw(st.integers(1, 4))):
        place = document
        for _ in range(data.draw(st.integers(1, 7))):
            keys = list(place) if isinstance(place, dict) else range(len(place))
            if not keys:
                break
            key = data.draw(st.sampled_from(list(keys)))
            if not isinstance(place[key], dict | list):
                break
            place, parent, at = place[key], place, key
            if data.draw(st.integers(0, 6)) == 0:
                parent[at] = data.draw(st.sampled_from([None, [], {}, "text", 7]))
                break
        else:
            continue
        if isinstance(place, dict) and place and data.draw(st.booleans()):
            del place[data.draw(st.sampled_from(list(place)))]
    try:
        flows = convert(document)
    except Foreign as refused:
        assert refused.text.endswith(".")
        return
    assert all(problems(imported.flow.to_json()) == () for imported in flows)
