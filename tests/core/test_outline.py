from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import commands
from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange, height
from flowbuilder.core.nodes import name_of
from flowbuilder.core.outline import DEEPEST, after, fixed, moved, names, outline
from tests import worlds
from tests.core.strategies import flows


@given(flows())
def test_every_step_is_listed_once_numbered_from_one(flow: Flow) -> None:
    rows = outline(flow)

    assert sorted(row.node.id for row in rows) == sorted(flow.nodes)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@given(flows())
def test_a_step_comes_below_the_answer_that_opens_it_and_no_deeper_than_one_level(flow: Flow) -> None:
    rows = {row.node.id: row for row in outline(flow)}
    opened = {(row.node.id, way.port.id): way.target for row in rows.values() for way in row.ways if way.opens}

    assert opened == {row.via: id for id, row in rows.items() if row.via}
    for row in rows.values():
        if row.via:
            before = rows[row.via[0]]
            assert before.number < row.number and row.depth - before.depth in (0, 1) and row.depth <= DEEPEST


@given(flows(), st.data())
def test_a_step_added_at_an_answer_leads_on_to_what_the_answer_alone_led_to_and_covers_no_card(flow: Flow, data: st.DataObject) -> None:
    flow = flow.with_(layout=arrange(flow))
    places = [(row.node.id, way.port.id) for row in outline(flow) for way in row.ways]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    new = commands.apply(flow, after(flow, place, {"id": "new", "kind": "message", "data": {"text": "Hi"}})).flow

    assert new.target(*place) == "new"
    led = flow.target(*place)
    assert new.target("new", "next") == (led if [*flow.edges.values()].count(led) == 1 else None)
    x, y = new.layout["new"]
    tall = {id: height(node) for id, node in new.nodes.items()}
    over = [id for id, (left, top) in flow.layout.items() if abs(left - x) < 260 and top < y + tall["new"] and y < top + tall[id]]
    assert over == []


def test_a_new_finish_counts_by_the_answer_that_leads_to_it_also_through_steps_that_only_go_on() -> None:
    steps = [(id, "message", {"text": id}) for id in ("a", "b", "c")]
    ways = (("n1", "no_reply", "a"), ("a", "next", "b"), ("n1", "continue", "if"), ("if", "otherwise", "c"))
    document = worlds.flow(("n1", "you_send_it", {}), *steps, ("if", "condition", {"branches": []}), edges=ways)

    def counts(source: str, port: str) -> str:
        finish = {"id": "new", "kind": "finish", "data": {"outcome": "success"}}
        return after(Flow.from_json(document), (source, port), finish)["commands"][0]["node"]["data"]["outcome"]

    assert [counts(*place) for place in (("b", "next"), ("n1", "no_reply"), ("c", "next"), ("if", "otherwise"))] == [
        "failure", "failure", "success", "success",
    ]  # fmt: skip
    document["edges"][0]["source"] = "b"  # in a circle
    assert counts("b", "next") == "success"


@given(flows(), st.data())
def test_moving_up_puts_the_step_before_its_neighbour_and_never_closes_a_circle(flow: Flow, data: st.DataObject) -> None:
    id = data.draw(st.sampled_from(sorted(flow.nodes)))
    up = moved(flow, id, up=True)
    if up is None:
        return
    before = next(source for (source, _), target in flow.edges.items() if target == id)
    new = commands.apply(flow, up).flow

    assert before in {target for (source, _), target in new.edges.items() if source == id}
    assert new.nodes == flow.nodes


def test_a_step_changes_places_with_its_neighbour() -> None:
    nodes = [{"id": "n1", "kind": "you_send_it", "data": {}}]
    nodes += [{"id": id, "kind": "message", "data": {"text": id}} for id in ("a", "b", "c")]
    edges = [
        {"source": "n1", "port": "continue", "target": "a"},
        {"source": "a", "port": "next", "target": "b"},
        {"source": "b", "port": "next", "target": "c"},
    ]
    flow = Flow.from_json({"name": "Row", "nodes": nodes, "edges": edges})
    down = moved(flow, "a", up=False)
    up = moved(flow, "b", up=True)

    assert down is not None and up is not None and down["commands"] == up["commands"]
    assert (down["words"], up["words"]) == ("Moved Message “a” down", "Moved Message “b” up")
    new = commands.apply(flow, up).flow
    assert dict(new.edges) == {("n1", "continue"): "b", ("b", "next"): "a", ("a", "next"): "c"}
    assert moved(flow, "a", up=True) is None and moved(flow, "c", up=False) is None
    assert fixed(flow) == {"a": ("the step before it opens the flow", ""), "b": ("", ""), "c": ("", "nothing follows it")}


@given(flows())
def test_no_two_steps_of_the_list_read_alike(flow: Flow) -> None:
    rows = outline(flow)
    made = sorted(rows, key=lambda row: row.node.id)
    alike = {row.node.id: Counter(name_of(one.node) for one in made[: at + 1])[name_of(row.node)] for at, row in enumerate(made)}

    assert names(rows) == {row.node.id: name_of(row.node) + ("" if alike[row.node.id] == 1 else f" ({alike[row.node.id]})") for row in rows}
