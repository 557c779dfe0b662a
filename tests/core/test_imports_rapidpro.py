"""What becomes of exports of RapidPro, and what is told of them."""

from __future__ import annotations

import copy

import pytest

from flowbuilder.core.conditions import holds
from flowbuilder.core.imports import Imported, convert
from tests.core.imported import CONNECTED, RAPIDPRO, only, step, told


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


def answered(*cases: tuple[str, list[str], str]) -> Imported:
    """A question whose answer is compared: by type, arguments and category."""
    names = dict.fromkeys(category for *_, category in cases)
    told = [{"uuid": f"c{at}", "type": type, "arguments": given, "category_uuid": name} for at, (type, given, name) in enumerate(cases)]
    router = {
        "type": "switch", "operand": "@input.text", "wait": {"type": "msg"}, "result_name": "Count", "default_category_uuid": "o",
        "categories": [{"uuid": name, "name": name, "exit_uuid": f"x{name}"} for name in (*names, "o")],
        "cases": told,
    }  # fmt: skip
    nodes = [
        {
            "uuid": "a",
            "actions": [{"uuid": "s1", "type": "send_msg", "text": "How many?"}],
            "exits": [{"uuid": "e", "destination_uuid": "b"}],
        },
        {"uuid": "b", "actions": [], "router": router, "exits": [{"uuid": f"x{name}", "destination_uuid": "d"} for name in (*names, "o")]},
        {"uuid": "d", "actions": [{"uuid": "s2", "type": "send_msg", "text": "Thanks"}], "exits": [{"uuid": "e3"}]},
    ]
    return only({"version": "13", "flows": [{"uuid": "f", "name": "N", "spec_version": "13.1.0", "nodes": nodes}]})


def test_several_ranges_of_one_category_are_branches_that_lead_the_same_way():
    flow = answered(
        ("has_number_between", ["1", "3"], "few"), ("has_number_between", ["7", "9"], "few"), ("has_number_eq", ["5"], "few")
    ).flow
    (split,) = (node for node in flow.nodes.values() if node.kind == "condition")
    assert [(one["label"], one["match"]) for one in split.data["branches"]] == [("few", "all"), ("few 2", "all"), ("few 3", "any")]
    assert {flow.edges[split.id, one["id"]] for one in split.data["branches"]} == {"s2"}


def test_a_number_or_a_word_is_asked_for_as_text_and_all_words_are_looked_for_one_by_one():
    imported = answered(("has_number", [], "some"), ("has_all_words", ["none left"], "none"), ("has_any_word", ["no", "nil"], "none"))
    asked, split = (next(node for node in imported.flow.nodes.values() if node.kind == kind) for kind in ("open_question", "condition"))
    number, all_words, _ = split.data["branches"]
    assert asked.data["answer"] == "text"
    assert [holds(number["tests"][0]["operator"], said, number["tests"][0]["value"]) for said in ("-5", "2,000", "none")] == [1, 1, 0]
    assert (all_words["match"], [one["value"] for one in all_words["tests"]]) == ("all", ["none", "left"])
    assert "Whole words were looked for" in told(imported) and "Here any text is taken" in told(imported)


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
    assert imported.goes_to == {other.id: child.flow.name} and "It goes on in the flow" not in words
    assert "The conversation came back from the flow “How was it”" in words
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


@pytest.mark.parametrize(("hint", "answer"), [("image", "image"), ("audio", "audio"), ("location", "location"), ("digits", "text")])
def test_a_wait_of_rapidpro_for_a_file_asks_for_one(hint, answer):
    document = copy.deepcopy(RAPIDPRO)
    wait = next(node["router"] for node in document["flows"][0]["nodes"] if (node.get("router") or {}).get("result_name") == "Phone")
    wait["wait"]["hint"], wait["cases"] = {"type": hint}, []
    flow = only(document).flow

    assert flow.nodes[step(flow, "Who may we call?")].data["answer"] == answer


def test_a_flow_that_ends_in_another_one_gets_no_step_that_nothing_leads_to():
    document = copy.deepcopy(CONNECTED)
    document["flows"] = [flow := document["flows"][0]]
    flow["nodes"] = [node for node in flow["nodes"] if any(action["type"] == "enter_flow" for action in node["actions"])]
    flow["_ui"] = {}

    assert {node.kind for node in only(document).flow.nodes.values()} == {"user_sends_it", "go_to_flow"}


def test_a_timeout_of_rapidpro_is_how_long_the_step_waits():
    flow = only(RAPIDPRO).flow
    (patient,) = [node for node in flow.nodes.values() if node.data.get("silence")]
    assert patient.data["silence"]["after"] == 600
