from __future__ import annotations

import json

from hypothesis import given

from flowbuilder.core.flow import Flow, Node, Settings
from tests.core.strategies import flows


@given(flows(is_forward=False))
def test_a_flow_written_and_read_again_is_the_same(flow):
    assert Flow.from_json(flow.to_json()) == flow
    assert Flow.from_json(json.loads(flow.canonical())) == flow


@given(flows())
def test_equal_flows_have_equal_text_whatever_the_order_of_their_parts(flow):
    shuffled = Flow(
        flow.name, dict(reversed(flow.nodes.items())), dict(reversed(flow.edges.items())), layout=dict(reversed(flow.layout.items()))
    )
    assert shuffled.canonical() == flow.canonical()


def test_a_key_without_a_value_is_left_out():
    assert Node.from_json({"id": "n1", "kind": "you_send_it", "data": {"template": None}}) == Node("n1", "you_send_it", {})


def test_settings_that_are_not_given_have_their_defaults():
    flow = Flow.from_json({"schema": 1, "name": "A", "settings": {"exit_word": "STOP"}, "nodes": [], "edges": []})
    assert flow.settings == Settings(exit_word="STOP")
    assert flow.settings.expires_after == 24 * 60 * 60


def test_places_are_whole_pixels_on_a_canvas_that_ends():
    flow = Flow.from_json({"schema": 1, "name": "A", "nodes": [], "edges": [], "layout": {"n1": [1.6, -9e9]}})
    assert flow.layout == {"n1": (2, -1_000_000)}
