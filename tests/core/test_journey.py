"""A conversation retold: what its events say about each step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flowbuilder.core.flow import Flow
from flowbuilder.core.journey import Happened, heard_words, retrace

FLOW = Flow.from_json(
    {
        "schema": 1, "name": "F",
        "nodes": [{"id": "n1", "kind": "you_send_it", "data": {"template": None}}, {"id": "n2", "kind": "message", "data": {"text": "Hi"}}],
        "edges": [{"source": "n1", "port": "continue", "target": "n2"}],
    }
)  # fmt: skip
T0 = datetime(2026, 11, 23, tzinfo=UTC)


def _happened(*events: tuple[str, str | None, dict]) -> list[Happened]:
    return [Happened(kind, node, data, T0 + timedelta(seconds=at)) for at, (kind, node, data) in enumerate(events, start=1)]


def test_a_conversation_that_only_waits_stands_at_its_start():
    journey = retrace(FLOW, [], "n1", T0)
    assert journey.nodes == ("n1",)
    assert journey.edges == ()


def test_steps_have_times_inputs_and_ways_out():
    events = _happened(
        ("heard", "n1", {"input": {"kind": "tap", "option": "continue", "title": "Go"}}),
        ("left", "n1", {"port": "continue", "target": "n2"}),
        ("entered", "n2", {"kind": "message"}),
        ("ignored", "n2", {"text": "Nothing was asked.", "input": {"kind": "text", "text": "How long?"}}),
        ("ignored", "n2", {"text": "Too late.", "input": {"kind": "result"}}),
        ("failed", "n2", {"text": "Not connected."}),
    )
    journey = retrace(FLOW, events, "n1", T0)
    first, second = journey.visits
    assert (first.heard, first.way_out, first.seconds) == (["Go"], "Continue", 2.0)
    assert (second.heard, second.retries, second.notes) == (["How long?"], {0: "Nothing was asked."}, ["Too late.", "Not connected."])
    assert journey.edges == (("n1", "continue"),)
    assert retrace(FLOW, events, "n1", T0, {"continue": "Let us begin"}).visits[0].way_out == "Let us begin"


def test_a_step_that_is_not_in_the_flow_does_no_harm():
    journey = retrace(FLOW, _happened(("entered", "gone", {}), ("left", "gone", {"port": "x"})), "n1", T0)
    assert journey.visits[1].label == "A step that is gone"


def test_what_was_heard_is_one_line():
    assert heard_words({"kind": "text", "text": "hello"}) == "hello"
    assert heard_words({"kind": "media", "text": "my cat"}) == "a file: my cat"
    assert heard_words({}) == "something"
