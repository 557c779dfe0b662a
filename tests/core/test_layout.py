from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import data, sampled_from, sets

from flowbuilder.core import card
from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import GAP, arrange, arrange_missing, arrange_some, height
from tests.bench.large_flow import document
from tests.core.strategies import flows


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
