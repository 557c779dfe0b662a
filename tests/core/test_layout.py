from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis.strategies import data, lists, sampled_from, sets, tuples

from flowbuilder.core import card
from flowbuilder.core.flow import Flow, Node, Point
from flowbuilder.core.layout import GAP, arrange, arrange_missing, arrange_some, height
from flowbuilder.core.nodes import KINDS, ports
from flowbuilder.core.schema import FOLDER
from tests.bench.large_flow import document
from tests.core.strategies import POINTS, flows


@given(flows())
def test_every_connection_leads_to_the_right(flow):
    places = arrange(flow)
    assert places.keys() == flow.nodes.keys()
    assert all(places[source][0] < places[target][0] for (source, _), target in flow.edges.items())


@given(flows(is_forward=False))
def test_cards_keep_apart_however_long_their_texts_are_even_in_flows_with_circles(flow):
    places = arrange(flow)
    for column in {x for x, _ in places.values()}:
        cards = sorted((y, id) for id, (x, y) in places.items() if x == column)
        for (y, id), (below, _) in zip(cards, cards[1:], strict=False):
            assert below - y >= height(flow.nodes[id]) + GAP


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", 1), ("Hello", 1), ("Hello\n\nAnn", 3), ("word " * 12, 2), ("x" * 70, 3), ("字" * 17, 2), ("long " * 400, 5)],
)
def test_the_lines_of_a_text_are_known_without_a_browser(text, lines):
    assert card.words(text) == round(lines * 20.3) + 9


def test_the_same_flow_is_always_arranged_alike():
    assert arrange(Flow.from_json(document(200, 300))) == arrange(Flow.from_json(document(200, 300)))


@given(flows())
def test_places_that_people_chose_are_kept(flow):
    whole = flow.with_(layout=dict.fromkeys(flow.nodes, (7, 7)))
    assert arrange_missing(whole) is whole
    assert arrange_missing(flow).layout.keys() >= flow.nodes.keys()


@given(flows(), data())
def test_tidying_some_steps_places_those_alone_and_keeps_their_corner(flow, draw):
    whole = arrange_missing(flow)
    some = draw.draw(sets(sampled_from(sorted(whole.nodes)), min_size=1)) if whole.nodes else set()
    places = arrange_some(whole, some)
    assert places.keys() == some
    if some:
        assert min(x for x, _ in places.values()) == min(whole.layout[id][0] for id in some)
        assert min(y for _, y in places.values()) == min(whole.layout[id][1] for id in some)


@given(flows(is_forward=False), lists(tuples(POINTS, sampled_from(("small", "large"))), max_size=3))
def test_nothing_lies_on_a_note_and_tidying_twice_changes_nothing(flow, notes):
    some = {f"z{at}": Node(f"z{at}", "note", {"text": "x", "colour": "blue", "size": size}) for at, (_, size) in enumerate(notes)}
    places = {f"z{at}": place for at, (place, _) in enumerate(notes) if at}
    flow = flow.with_(nodes={**flow.nodes, **some}, layout={**flow.layout, **places})
    tidy = arrange(flow)
    boxes = [(x, y, x + KINDS[flow.nodes[id].kind].width(flow.nodes[id]), y + height(flow.nodes[id])) for id, (x, y) in tidy.items()]
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert arrange(flow.with_(layout=tidy)) == tidy


def test_a_note_stays_beside_its_step():
    flow = _flow({"a": "message", "b": "message", "n": "note"}, {("a", "next"): "b"})
    places = arrange(flow.with_(layout={"a": (0, 0), "b": (900, 900), "n": (910, 700)}))
    assert (places["n"][0] - places["b"][0], places["n"][1] - places["b"][1]) == (10, -200)


def test_cards_follow_the_answers_that_lead_to_them():
    ways = {("a", "continue"): "z", ("a", "finish"): "y", ("a", "no_reply"): "x"}
    places = arrange(_flow({"a": "you_send_it", "x": "finish", "y": "finish", "z": "finish"}, ways))
    assert places["z"][1] < places["y"][1] < places["x"][1]


def test_what_the_start_does_not_reach_lies_below_it():
    flow = _flow(
        {"z": "you_send_it", "b": "finish", "a": "message", "c": "message", "d": "finish"}, {("z", "continue"): "b", ("c", "next"): "d"}
    )
    places = arrange(flow)
    assert max(places["z"][1], places["b"][1]) < min(places[id][1] for id in "acd")


def test_steps_that_follow_one_another_lie_on_one_line():
    chain = {"n0": "you_send_it", **{f"n{at}": "message" for at in range(1, 6)}}
    ways = {("n0", "continue"): "n1", **{(f"n{at}", "next"): f"n{at + 1}" for at in range(1, 5)}}
    assert len({y for _, y in arrange(_flow(chain, ways)).values()}) == 1


def test_few_lines_of_the_examples_cross():
    """As many as 172 did when only the cards before a card counted, and not the answers that lead to it."""
    files = [path for path in (FOLDER / "examples").glob("*.json") if "." not in path.stem]
    drawn = [Flow.from_json(json.loads(path.read_text())["flow"]) for path in files]
    assert sum(_crossings(flow, arrange(flow)) for flow in drawn) <= 90


def _flow(kinds: dict[str, str], edges: dict[tuple[str, str], str]) -> Flow:
    return Flow("Flow", {id: Node(id, kind, KINDS[kind].blank()) for id, kind in kinds.items()}, edges)


def _crossings(flow: Flow, places: dict[str, Point]) -> int:
    """How many straight lines from answers to other cards cross."""
    lines = []
    for (source, port), target in flow.edges.items():
        node, (x, y), (to_x, to_y) = flow.nodes[source], places[source], places[target]
        below = [one.id for one in ports(node)][::-1].index(port) + 0.5
        lines.append(((x + card.WHOLE, y + height(node) - card.ways(1) * below), (to_x, to_y + card.HEAD / 2), target))
    return sum(_cross(one, other) for one, other in combinations(lines, 2) if one[2] != other[2] and one[0] != other[0])


def _cross(one, other) -> bool:
    def side(line, point) -> bool:
        (x1, y1), (x2, y2), _ = line
        return (x2 - x1) * (point[1] - y1) > (y2 - y1) * (point[0] - x1)

    return side(one, other[0]) != side(one, other[1]) and side(other, one[0]) != side(other, one[1])
