from __future__ import annotations

import json

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.commands import Refused, apply, fresh_id, words
from flowbuilder.core.flow import Flow
from flowbuilder.core.graph import FlowGraph
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.schema import problems
from tests.core.strategies import commands, flows


@given(flows(), st.data())
def test_every_change_can_be_taken_back_exactly_and_done_again(flow, data):
    now, done = flow, []
    for _ in range(data.draw(st.integers(1, 6))):
        command = data.draw(commands(now))
        try:
            applied = apply(now, command)
        except Refused:
            continue
        stored = json.loads(json.dumps(applied.inverse))
        back = apply(applied.flow, stored)
        assert back.flow == now
        assert apply(back.flow, json.loads(json.dumps(back.inverse))).flow == applied.flow
        done.append(stored)
        now = applied.flow
    for inverse in reversed(done):
        now = apply(now, inverse).flow
    assert now == flow


@given(flows(), st.data())
def test_a_changed_flow_is_in_order_by_its_schema_and_has_no_circle(flow, data):
    for _ in range(4):
        command = data.draw(commands(flow))
        before = flow
        try:
            flow = apply(flow, command).flow
            assert 0 < len(words(command, before, flow)) <= 300
        except Refused as refused:
            assert refused.text.endswith(".")
            assert refused.findings
        assert problems(json.loads(flow.canonical())) == ()
        assert networkx.is_directed_acyclic_graph(FlowGraph.of(flow))


@given(flows(), st.data())
def test_what_is_touched_is_all_that_changed(flow, data):
    try:
        applied = apply(flow, data.draw(commands(flow)))
    except Refused:
        return
    nodes, edges, removed = (set(map(tuple, part)) if name == "edges" else set(part) for name, part in applied.touched.items())
    assert removed == flow.nodes.keys() - applied.flow.nodes.keys()
    changed = {
        id for id, node in applied.flow.nodes.items() if flow.nodes.get(id) != node or flow.layout.get(id) != applied.flow.layout.get(id)
    }
    assert changed <= nodes <= applied.flow.nodes.keys()
    assert {
        place for place in flow.edges.keys() | applied.flow.edges.keys() if flow.edges.get(place) != applied.flow.edges.get(place)
    } <= edges


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda one: st.lists(one) | st.dictionaries(st.text(max_size=8), one),
        max_leaves=8,
    )
)
def test_nonsense_is_refused_in_a_sentence(nonsense):
    flow = small_flow()
    for kind in ("add_node", "remove", "move", "change", "connect", "disconnect", "rename", "settings", "all", "restore", "zzz"):
        extra = (
            nonsense
            if isinstance(nonsense, dict)
            else dict.fromkeys(("node", "at", "nodes", "positions", "data", "name", "patch", "commands"), nonsense)
        )
        after = flow
        try:
            after = apply(flow, extra | {"kind": kind}).flow
        except Refused as refused:
            assert refused.text
        else:
            assert problems(json.loads(after.canonical())) == ()
        assert words(extra | {"kind": kind}, flow, after)


def small_flow() -> Flow:
    flow = Flow("Small")
    for id, kind in (("n1", "you_send_it"), ("n2", "answer_options"), ("n3", "message"), ("n4", "finish")):
        flow = apply(flow, {"kind": "add_node", "node": {"id": id, "kind": kind}, "at": [0, 0]}).flow
    for source, port, target in (("n1", "continue", "n2"), ("n2", "o1", "n3"), ("n2", "o2", "n4"), ("n3", "next", "n4")):
        flow = apply(flow, {"kind": "connect", "source": source, "port": port, "target": target}).flow
    return flow


def test_a_connection_that_closes_a_circle_is_refused_and_the_circle_named():
    with pytest.raises(Refused) as refused:
        apply(small_flow(), {"kind": "connect", "source": "n3", "port": "next", "target": "n2"})
    assert refused.value.code == "cycle"
    assert refused.value.path == ("n3", "n2", "n3")
    assert "Message → Answer options → Message" in refused.value.text


def test_a_connection_back_to_the_start_names_the_circle_too():
    with pytest.raises(Refused) as refused:
        apply(small_flow(), {"kind": "connect", "source": "n3", "port": "next", "target": "n1"})
    assert refused.value.path == ("n3", "n1", "n2", "n3")


def test_nothing_leads_to_the_start():
    flow = apply(small_flow(), {"kind": "disconnect", "source": "n2", "port": "o1"}).flow
    with pytest.raises(Refused) as refused:
        apply(flow, {"kind": "connect", "source": "n3", "port": "next", "target": "n1"})
    assert refused.value.code == "into_start"


def test_an_answer_leads_to_one_step():
    applied = apply(small_flow(), {"kind": "connect", "source": "n2", "port": "o1", "target": "n4"})
    assert applied.flow.edges["n2", "o1"] == "n4"
    assert apply(applied.flow, applied.inverse).flow.edges["n2", "o1"] == "n3"


def test_an_answer_that_is_taken_away_takes_its_connection_along():
    applied = apply(small_flow(), {"kind": "change", "node": "n2", "data": {"options": [{"id": "o2", "title": "Two"}]}})
    assert ("n2", "o1") not in applied.flow.edges
    assert applied.flow.edges["n2", "o2"] == "n4"
    assert applied.touched == {"nodes": ["n2"], "edges": [["n2", "o1"]], "removed": []}


def test_a_step_that_is_removed_takes_its_connections_and_place_along():
    applied = apply(small_flow(), {"kind": "remove", "nodes": ["n2"]})
    assert applied.flow.edges == {("n3", "next"): "n4"}
    assert "n2" not in applied.flow.layout
    assert applied.touched["removed"] == ["n2"]


def test_undoing_one_field_keeps_what_another_designer_wrote_in_another_field():
    flow = small_flow()
    mine = apply(flow, {"kind": "change", "node": "n2", "data": {"text": "Mine"}})
    theirs = apply(mine.flow, {"kind": "change", "node": "n2", "data": {"footer": "Theirs"}})
    undone = apply(theirs.flow, mine.inverse).flow.nodes["n2"].data
    assert (undone["text"], undone["footer"]) == ("", "Theirs")


def test_undoing_what_another_designer_has_removed_is_refused():
    changed = apply(small_flow(), {"kind": "change", "node": "n3", "data": {"text": "New"}})
    gone = apply(changed.flow, {"kind": "remove", "nodes": ["n3"]})
    with pytest.raises(Refused, match="somebody removed it"):
        apply(gone.flow, changed.inverse)


def test_undoing_never_closes_a_circle():
    cut = apply(small_flow(), {"kind": "disconnect", "source": "n2", "port": "o1"})
    turned = apply(cut.flow, {"kind": "connect", "source": "n3", "port": "next", "target": "n2"})
    with pytest.raises(Refused, match="circle"):
        apply(turned.flow, cut.inverse)


def test_all_or_nothing():
    flow = small_flow()
    many = {"kind": "all", "commands": [{"kind": "rename", "name": "Other"}, {"kind": "remove", "nodes": ["n77"]}]}
    with pytest.raises(Refused):
        apply(flow, many)
    assert flow.name == "Small"


def test_a_flow_has_at_most_a_thousand_steps():
    steps = [{"id": f"n{at}", "kind": "finish", "data": {"outcome": "neutral"}} for at in range(1000)]
    flow = Flow.from_json({"schema": 1, "name": "Large", "nodes": steps, "edges": []})
    with pytest.raises(Refused, match="at most 1,000 steps"):
        apply(flow, {"kind": "add_node", "node": {"id": "one_more", "kind": "message"}, "at": [0, 0]})


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_step_of_every_kind_can_be_added_blank(kind):
    applied = apply(Flow("Empty"), {"kind": "add_node", "node": {"id": "n1", "kind": kind}, "at": [10.4, 20]})
    assert applied.flow.nodes["n1"].data == KINDS[kind].blank()
    assert applied.flow.layout["n1"] == (10, 20)


def test_a_new_question_keeps_its_answer_by_a_name_of_its_own_and_a_copy_by_that_which_it_had():
    blank, flow = KINDS["open_question"].blank(), small_flow()
    for id, data in (("q1", blank), ("q2", None), ("q3", blank), ("q4", {**blank, "text": "Who?"})):
        flow = apply(flow, {"kind": "add_node", "node": {"id": id, "kind": "open_question", "data": data}, "at": [0, 0]}).flow
    assert [flow.nodes[id].data["variable"] for id in ("q1", "q2", "q3", "q4")] == ["answer", "answer_2", "answer_3", "answer"]


def test_the_next_id_is_above_all_that_are_taken():
    assert fresh_id({"n1": 1, "n12": 1, "start": 1, "n": 1}) == "n13"
    assert fresh_id(set(), "o") == "o1"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ({"kind": "add_node", "node": {"id": "n9", "kind": "message", "data": {"text": "Hello"}}}, "Added Message “Hello”"),
        ({"kind": "remove", "nodes": ["n3", "n4"]}, "Deleted 2 steps"),
        ({"kind": "remove", "edges": [["n3", "next"]]}, "Deleted a connection"),
        ({"kind": "move", "positions": {"n3": [1, 1]}}, "Moved Message"),
        ({"kind": "change", "node": "n2", "data": {"text": "x"}}, "Changed the text of Answer options"),
        ({"kind": "change", "node": "n2", "data": {"width": 200, "height": 80}}, "Changed the size of Answer options"),
        ({"kind": "connect", "source": "n2", "port": "o2", "target": "n3"}, "Connected “Answer 2” of Answer options to Message"),
        ({"kind": "disconnect", "source": "n1", "port": "continue"}, "Disconnected “Continue” of You send it"),
        ({"kind": "rename", "name": "Better"}, "Renamed the flow to “Better”"),
        ({"kind": "all", "commands": [{}, {}], "words": "Pasted 2 steps"}, "Pasted 2 steps"),
    ],
)
def test_history_reads_as_words(command, expected):
    assert words(command, small_flow(), small_flow()) == expected
