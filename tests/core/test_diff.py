"""Two flows compared, as data and in words."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from flowbuilder.core.commands import Refused, apply, words
from flowbuilder.core.diff import as_command, compare
from flowbuilder.core.diff_words import in_words
from flowbuilder.core.flow import Flow, Node
from tests.core.conversations import choice
from tests.core.strategies import commands, flows


def told(old: Flow, new: Flow) -> list[str]:
    return [change.text for change in in_words(compare(old, new))]


def with_data(flow: Flow, id: str, **data: object) -> Flow:
    node = flow.nodes[id]
    return flow.with_(nodes={**flow.nodes, id: Node(id, node.kind, {**node.data, **data})})


def changed(flow: Flow, *some: dict) -> Flow:
    for command in some:
        flow = apply(flow, command).flow
    return flow


@given(flows(), st.data())
def test_two_flows_differ_exactly_when_their_documents_do(flow, data):
    now = flow
    for _ in range(data.draw(st.integers(0, 5))):
        try:
            now = apply(now, data.draw(commands(now))).flow
        except Refused:
            continue
        difference = compare(flow, now)
        assert bool(difference) == (flow.canonical() != now.canonical()) == bool(in_words(difference))
        back = compare(now, flow)
        assert (back.added, back.removed, back.connections) == (difference.removed, difference.added, difference.connections)


@given(flows(), st.data())
def test_every_command_shows_up_as_what_it_was(flow, data):
    command = data.draw(commands(flow))
    try:
        now = apply(flow, command).flow
    except Refused:
        return
    difference = compare(flow, now)
    match command["kind"]:
        case "add_node":
            assert difference.added == (command["node"]["id"],)
        case "remove":
            assert set(difference.removed) == set(command["nodes"])
        case "move":
            moved = {id for id, at in command["positions"].items() if flow.layout.get(id) != tuple(at)}
            assert set(difference.moved) == moved and not difference.means_something
        case "change":
            before = flow.nodes[command["node"]].data
            keys = {key for key, value in command["data"].items() if before.get(key) != value}
            assert set(difference.changed.get(command["node"], ())) == keys
        case "connect":
            is_new = flow.target(command["source"], command["port"]) != command["target"]
            assert difference.connections == (((command["source"], command["port"]),) if is_new else ())
        case "disconnect":
            assert difference.connections == ((command["source"], command["port"]),)
        case "rename":
            assert difference.is_renamed == (flow.name != now.name)
        case "settings":
            assert set(difference.settings) <= command["settings"].keys()


@given(flows(), flows())
def test_any_flow_can_be_made_into_another_by_one_change_that_can_be_taken_back(old, new):
    assume(old.canonical() != new.canonical())
    applied = apply(old, json.loads(json.dumps(as_command(compare(old, new), "Restored version 1"))))

    assert applied.flow == new
    assert apply(applied.flow, applied.inverse).flow == old


@given(flows(), flows())
def test_any_two_flows_can_be_told_apart_in_words(old, new):
    assert all(change.text[-1] == "." for change in in_words(compare(old, new)))


def test_the_places_of_cards_mean_nothing():
    flow = choice()
    moved = flow.with_(layout={"n2": (40, 40)})

    assert compare(flow, moved) and not compare(flow, moved).means_something
    assert told(flow, moved) == ["Moved Answer options “Which, {{name}}?” on the canvas."]


def test_a_text_is_shown_before_and_after():
    assert told(choice(), choice(text="What?")) == ["Answer options “What?”: the text is “What?”, was “Which, {{name}}?”."]


def test_a_long_text_is_shown_from_where_it_differs():
    long = "word " * 60
    (sentence,) = told(choice(retry_text=long + "tap now"), choice(retry_text=long + "write now"))

    assert "tap now" in sentence and "write now" in sentence and len(sentence) < 260
    before = "word " * 20 + "{{exit_word}} to leave "
    (sentence,) = told(choice(retry_text=before + "then"), choice(retry_text=before + "now"))
    assert "“…{{exit_word}} to leave now”" in sentence, "no variable is cut through"


def test_a_field_that_came_or_went_is_called_empty_before_or_after():
    plain, full = choice(), choice(footer="Tap one")

    assert "the footer is “Tap one”, was empty" in told(plain, full)[0]
    assert "the footer is empty, was “Tap one”" in told(full, plain)[0]


def test_another_initial_message_is_told_without_its_id():
    none, one, other = ({"template": name} if name else {} for name in (None, "out_1", "out_2"))
    flow = choice()
    flows_ = [flow.with_(nodes={**flow.nodes, "n1": Node("n1", "you_send_it", data)}) for data in (none, one, other)]

    assert told(flows_[0], flows_[1]) == ["You send it: the initial message is chosen."]
    assert told(flows_[1], flows_[2]) == ["You send it: the initial message is another one."]
    assert told(flows_[2], flows_[0]) == ["You send it: the initial message is taken away."]


def test_answers_are_told_apart_by_their_ids():
    answers = [{"id": "blue", "title": "Azul"}, {"id": "green", "title": "Verde"}]
    sentence = told(choice(), with_data(choice(), "n2", options=answers))[0]

    assert "“Azul marino” is now “Azul”, added “Verde”, removed “Rojo”" in sentence


def test_another_order_of_answers_is_a_change():
    flow = choice()

    assert "in another order" in told(flow, with_data(flow, "n2", options=flow.nodes["n2"].data["options"][::-1]))[0]


def test_a_connection_is_told_with_where_it_led_before():
    flow = choice()
    now = changed(flow, {"kind": "connect", "source": "n2", "port": "red", "target": "other"})

    assert told(flow, now) == [
        "“Rojo” of Answer options “Which, {{name}}?” leads to Finish “Neutral”; it led to Finish “{{colour}} red”.",
    ]
    assert "leads nowhere" in told(flow, changed(flow, {"kind": "disconnect", "source": "n2", "port": "red"}))[0]


def test_an_answer_of_the_initial_message_is_called_by_what_its_button_says():
    old = choice()
    new = old.with_(edges={**old.edges, ("n1", "finish"): "n2"})

    tapped = {"continue": "Yes", "finish": "Not now"}
    (change,) = in_words(compare(old, new), tapped)
    assert change.text.startswith("“Not now” of You send it leads to")
    command = {"kind": "connect", "source": "n1", "port": "finish", "target": "n2"}
    assert words(command, old, new, tapped).startswith("Connected “Not now” of You send it")


def test_a_removed_step_takes_its_connections_with_it_without_more_words():
    flow = choice()
    now = changed(flow, {"kind": "remove", "nodes": ["n2"]})

    assert told(flow, now)[0] == "Removed Answer options “Which, {{name}}?”."
    assert all("Rojo" not in sentence for sentence in told(flow, now))


def test_a_step_of_another_kind_under_the_same_id_is_replaced():
    flow = choice()
    now = flow.with_(nodes={**flow.nodes, "other": Node("other", "message", {"text": "Bye"})})

    assert compare(flow, now).replaced == ("other",)
    assert told(flow, now) == ["Finish “Neutral” became Message “Bye”."]


def test_one_and_true_are_not_the_same_in_a_file():
    assert compare(choice(tries=1), choice(tries=True)).changed == {"n2": ("tries",)}


def test_settings_and_the_name_are_told():
    flow = choice()
    now = replace(flow, name="Colours", settings=replace(flow.settings, exit_word="STOP", expires_after=7200))

    assert told(flow, now) == [
        "The flow is called “Colours”; it was “Flow”.",
        "Settings: the word that ends the conversation is “STOP”, was “EXIT”.",
        "Settings: the silence after which it ends is 2 hours, was 1 day.",
    ]
