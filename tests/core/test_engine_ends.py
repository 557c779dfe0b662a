"""Whatever is answered: every run ends, and stays on the ways of its flow."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core import message
from flowbuilder.core.engine import Event, EventKind, Run, RunStatus, begin, resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes.base import PIECES_MAX
from flowbuilder.core.nodes.you_send_it import TRIES
from tests.core.conversations import NOW, text, what_comes
from tests.core.strategies import flows, inputs


def most_inputs(flow: Flow) -> int:
    """No run takes more: each step is passed once at most and forgives so many wrong answers. For each, and each code that is sent, one
    that sends codes hears of a request, and perhaps an answer meanwhile; an answer may come in pieces."""
    codes = sum(2 * node.data["tries"] + 3 * (1 + node.data["resends"]) for node in flow.nodes.values() if "resends" in node.data)
    pieces = sum((1 + PIECES_MAX) * node.data["tries"] for node in flow.nodes.values() if node.data.get("joins"))
    return TRIES + codes + pieces + sum(1 + node.data.get("tries", 0) for node in flow.nodes.values())


@given(flows(is_whole=True), st.data())
@settings(deadline=None)
def test_every_run_ends_whatever_is_answered(flow, data):
    run, now, taken = begin(flow, {"a": "1"}, NOW), NOW, 0
    answers = inputs(flow)
    while run.is_waiting:
        before = run
        sprint = resume(flow, run, data.draw(answers), now)
        run = sprint.run
        if sprint.events[-1].kind is EventKind.IGNORED or run == before:
            assert run == before
            answer, now = what_comes(flow, run, now)
            run = resume(flow, run, answer, now).run
        taken += 1
        assert taken <= most_inputs(flow)
    assert run.status in (RunStatus.FINISHED, RunStatus.CANCELLED)
    assert run.ended_at == now


@given(flows(), st.data())
@settings(deadline=None)
def test_unfinished_flows_end_too_and_never_crash(flow, data):
    run, now = begin(flow, {}, NOW), NOW
    for answer in [*data.draw(st.lists(inputs(flow), max_size=6)), *[None] * most_inputs(flow)]:
        if answer is None and run.is_waiting:
            answer, now = what_comes(flow, run, now)
        sprint = resume(flow, run, answer or text("nothing"), now)
        run = Run.from_json(json.loads(json.dumps(sprint.run.to_json())))
        assert run == sprint.run
        for event in sprint.events:
            assert Event.from_json(json.loads(json.dumps(event.to_json()))) == event
        for content in sprint.said:
            assert message.fitted(message.from_json(content)) == message.from_json(content)
    assert not run.is_waiting


@given(flows(is_whole=True), st.data())
@settings(deadline=None)
def test_the_way_of_a_run_is_a_way_through_the_flow(flow, data):
    run, now, at = begin(flow, {}, NOW), NOW, "n0"
    while run.is_waiting:
        answer, now = data.draw(st.tuples(inputs(flow) | st.just(text("no")), st.just(now)) | st.just(what_comes(flow, run, now)))
        sprint = resume(flow, run, answer, now)
        for event in sprint.events:
            if event.kind is EventKind.LEFT:
                assert event.node == at
                assert flow.edges[at, event.data["port"]] == event.data["target"]
                at = event.data["target"]
            elif event.kind is EventKind.ENTERED:
                assert event.node == at
        run = sprint.run
        if sprint.events[-1].kind in (EventKind.IGNORED, EventKind.HEARD):
            break
