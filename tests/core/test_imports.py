"""Exports of other builders become flows of ours, and what has no counterpart is told."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core.checks import verdict
from flowbuilder.core.flow import Flow
from flowbuilder.core.flow_file import write
from flowbuilder.core.imports import Foreign, Imported, convert, source_of
from flowbuilder.core.schema import problems

FILES = Path(__file__).parents[1] / "data" / "imports"
NAMES = ("typebot", "typebot_connected", "rapidpro", "rapidpro_connected")
TYPEBOT, SHOP, RAPIDPRO, CONNECTED = (json.loads((FILES / f"{name}.json").read_text()) for name in NAMES)

STILL_TO_CHOOSE = {"no_initial_message", "empty", "no_medium", "not_connected"}


def only(document: dict) -> Imported:
    (imported,) = convert(document)
    return imported


def told(imported: Imported) -> str:
    return "\n".join(f"{note.kind}: {note.where}: {note.text}" for note in imported.notes)


def step(flow: Flow, words: str) -> str:
    """The id of the step that says so."""
    return next(node.id for node in flow.nodes.values() if words in node.data.get("text", ""))


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


def test_a_text_before_a_question_of_typebot_is_what_it_asks():
    flow = only(TYPEBOT).flow

    assert flow.nodes["b-name"].data["text"] == "What is your name?"
    assert flow.nodes["b-name"].data["variable"] == "client_name"
    assert flow.nodes["b-score"].data["text"].startswith("{{client_name}}, how")
    assert flow.nodes["b-score"].data["answer"] == "number"


def test_marks_and_links_are_written_as_whatsapp_writes_them():
    assert only(TYPEBOT).flow.nodes["b-hi"].data["text"] == "Welcome to the *barber shop*!\nSee our prices https://example.com"


def test_blocks_of_a_group_follow_each_other_and_edges_lead_to_others():
    edges = only(TYPEBOT).flow.edges

    assert edges["start", "continue"] == "b-hi"
    assert edges["b-name", "answered"] == "b-hook"
    assert edges["b-hook", "success"] == edges["b-hook", "failure"] == "b-score"
    assert (edges["b-if", "i-good"], edges["b-if", "otherwise"]) == ("b-kind", "b-pick")
    assert edges["b-pic", "next"] == "b-pick"
    assert (edges["b-pick", "o-cut"], edges["b-pick", "o-beard"]) == ("b-bye", "b-more")


def test_what_typebot_has_and_we_do_not_is_told():
    words = told(only(TYPEBOT))

    assert "no counterpart" not in words
    assert "“Matches regex”, which is not known here" in words
    assert "Several answers could be chosen" in words
    assert "longer than 24 characters were cut" in words
    assert "led back to Open question “What is your name?”" in words


def test_a_call_of_typebot_becomes_an_http_request_with_its_outputs():
    imported = only(SHOP)
    call = imported.flow.nodes["b-call"].data

    assert call["url"] == "https://example.com/orders?flower%20kind={{flower}}%20%26%20more"
    assert (call["headers"], call["body"]) == ([{"name": "X-Shop", "value": "flowers"}], '{"n": {{how_many}}}')
    assert call["outputs"] == [{"variable": "order_id", "path": "orders[0].id"}, {"variable": "names", "path": "[].name"}]
    assert imported.flow.nodes["b-zap"].kind == "http_request"
    assert "at was filled with “statusCode” of the answer" in told(imported)


def test_other_flows_people_pictures_and_limits_of_typebot_have_their_steps():
    imported = only(SHOP)
    flow, words = imported.flow, told(imported)

    assert flow.nodes["b-list"].data["text"] == "We have:\n- roses\n- tulips"
    assert [(one["title"], one.get("description")) for one in flow.nodes["b-pic"].data["options"]] == [
        ("Rose", "Red and lasting"),
        ("Tulip", None),
    ]
    assert flow.nodes["b-many"].data["least"] == "1" and flow.nodes["b-many"].data["most"] == "50"
    assert [flow.nodes[id].data["type"] for id in ("b-double", "b-now", "b-id")] == ["number", "date", "text"]
    assert [flow.nodes[id].kind for id in ("b-chat", "b-link", "b-pause")] == ["hand_over", "go_to_flow", "wait"]
    assert flow.edges["b-cards", "p1"] == flow.edges["b-cards", "p2"] == "b-end"
    assert "The pictures of its answers are left out" in words and "it was the Typebot with the id “tb-other”" in words
    assert "“Code” (a script) has no counterpart" in words and "Event “command”" in words


def test_a_condition_keeps_its_comparisons():
    branch = only(TYPEBOT).flow.nodes["b-if"].data["branches"][0]

    assert branch["match"] == "any"
    assert branch["tests"][:2] == [
        {"variable": "score", "operator": "greater", "value": "8"},
        {"variable": "client_name", "operator": "is_empty"},
    ]


def test_a_wait_of_rapidpro_asks_what_was_sent_before_it_and_again_what_came_back_to_it():
    flow = only(RAPIDPRO).flow
    asked = flow.nodes[step(flow, "Which crop")]

    assert (asked.kind, asked.data["style"], asked.data["variable"]) == ("answer_options", "buttons", "crop")
    assert [option["title"] for option in asked.data["options"]] == ["Maize", "Beans"]
    assert asked.data["retry_text"] == "We do not know that crop. Try again."
    assert flow.edges["start", "continue"] == asked.id


def test_results_and_contact_data_are_called_by_our_names():
    flow = only(RAPIDPRO).flow

    assert flow.nodes[step(flow, "Good,")].data["text"] == "Good, {{contact.name}}: {{crop}} it is. @(upper(results.crop))"
    assert "The expression @(upper(results.crop)) is not known here" in told(only(RAPIDPRO))


def test_numbers_asked_for_are_compared_in_a_step_of_their_own():
    flow = only(RAPIDPRO).flow
    asked = step(flow, "How many bags")
    split = flow.nodes[flow.edges[asked, "answered"]]

    assert flow.nodes[asked].data["answer"] == "number"
    assert [(one["operator"], one["value"]) for one in split.data["branches"][0]["tests"]] == [("greater", "50")]
    assert [(one["operator"], one["value"]) for one in split.data["branches"][1]["tests"]] == [("at_least", "1"), ("at_most", "50")]
    assert {test["variable"] for branch in split.data["branches"] for test in branch["tests"]} == {"bags"}


def test_what_rapidpro_has_and_we_do_not_is_told():
    words = told(only(RAPIDPRO))

    assert "no counterpart for adding to groups" in words
    assert "Choose the picture to show. It was https://example.com/field.jpg" in words


def test_a_call_of_rapidpro_becomes_an_http_request_that_keeps_what_texts_say_of_its_answer():
    flow = convert(CONNECTED)[0].flow
    call = next(node for node in flow.nodes.values() if node.kind == "http_request")

    assert (call.data["method"], call.data["url"]) == ("POST", "https://example.com/orders?number={{order_number}}")
    assert call.data["body"] == '{"number": "{{order_number}}"}'
    assert [one["name"] for one in call.data["headers"]] == ["Authorization", "X-From"]
    assert call.data["outputs"] == [
        {"variable": "webhook_state", "path": "state"},
        {"variable": "order_days_0_name", "path": "days[0].name"},
    ]
    assert flow.edges[call.id, "success"] == step(flow, "It is {{webhook_state}} and comes on {{order_days_0_name}}.")
    assert flow.nodes[flow.edges[flow.edges[call.id, "failure"], "next"]].kind == "hand_over"


def test_other_flows_people_files_and_first_words_of_rapidpro_have_their_steps():
    imported, child = convert(CONNECTED)
    flow, words = imported.flow, told(imported)
    ticket, other, note = (next(node for node in flow.nodes.values() if node.kind == kind) for kind in ("hand_over", "go_to_flow", "note"))

    assert [one["text"] for one in flow.nodes["start"].data["phrases"]] == ["order", "where is it"]
    assert flow.nodes[flow.edges["start", "next"]].data == {"type": "image", "text": ""}
    assert [node.data["type"] for node in flow.nodes.values() if node.kind == "message" and "type" in node.data] == [
        "image",
        "video",
        "document",
    ]
    assert ticket.data["note"] == "Order {{order_number}}" and flow.edges[ticket.id, "given_back"] == other.id
    assert imported.goes_to == {other.id: child.flow.name} and "The conversation came back from the flow “How was it”" in words
    assert note.data == {"text": "Ask the shop\nIs the number on the bill?", "colour": "blue", "size": "small"}
    assert "no counterpart" not in words and "of the kind “audio”" in words and "other languages (spa)" in words


def test_fields_of_rapidpro_are_attributes_of_the_contact():
    flow = convert(CONNECTED)[0].flow
    (kept,) = [node for node in flow.nodes.values() if node.kind == "set_variable"]
    tests = [test for node in only(RAPIDPRO).flow.nodes.values() for branch in node.data.get("branches", ()) for test in branch["tests"]]

    assert kept.data == {"variable": "contact.last_order", "type": "text", "value": "{{order_number}}"}
    assert tests[-1] == {"variable": "contact.district", "operator": "equals", "value": "north"}


def test_quick_replies_of_rapidpro_are_answers_to_tap():
    flow = convert(CONNECTED)[0].flow
    asked = flow.nodes[step(flow, "Was that all?")]

    assert [option["title"] for option in asked.data["options"]] == ["Yes", "No, a person please"]
    assert len({flow.edges[asked.id, port] for port in ("quick0", "quick1", "otherwise")}) == 1


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


@pytest.mark.parametrize(("hint", "answer"), [("image", "image"), ("audio", "audio"), ("location", "location"), ("digits", "text")])
def test_a_wait_of_rapidpro_for_a_file_asks_for_one(hint, answer):
    document = copy.deepcopy(RAPIDPRO)
    wait = next(node["router"] for node in document["flows"][0]["nodes"] if (node.get("router") or {}).get("result_name") == "Phone")
    wait["wait"]["hint"], wait["cases"] = {"type": hint}, []
    flow = only(document).flow

    assert flow.nodes[step(flow, "Who may we call?")].data["answer"] == answer


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


def test_a_flow_that_ends_in_another_one_gets_no_step_that_nothing_leads_to():
    document = copy.deepcopy(CONNECTED)
    document["flows"] = [flow := document["flows"][0]]
    flow["nodes"] = [node for node in flow["nodes"] if any(action["type"] == "enter_flow" for action in node["actions"])]
    flow["_ui"] = {}

    assert {node.kind for node in only(document).flow.nodes.values()} == {"user_sends_it", "go_to_flow"}


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


def test_a_timeout_of_rapidpro_is_how_long_the_step_waits():
    flow = only(RAPIDPRO).flow
    (patient,) = [node for node in flow.nodes.values() if node.data.get("silence")]
    assert patient.data["silence"]["after"] == 600
