"""What becomes of exports of Typebot, and what is told of them."""

from __future__ import annotations

from tests.core.imported import SHOP, TYPEBOT, only, told


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
    assert "“at” was filled with “statusCode” of the answer" in told(imported)


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
