"""Whatever is answered: every run ends, and stays on the ways of its flow."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core import message
from flowbuilder.core.engine import Event, EventKind, Input, InputKind, Run, RunStatus, begin, resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes.you_send_it import TRIES
from tests.core.conversations import NOW, text
from tests.core.strategies import flows, inputs


def most_inputs(flow: Flow) -> int:
    """No run takes more: each step is passed once at most and forgives so many wrong answers."""
    return TRIES + sum(node.data.get("tries", 0) for node in flow.nodes.values()) + 1


@given(flows(is_whole=True), st.data())
@settings(deadline=None)
def test_every_run_ends_whatever_is_answered(flow, data):
    run, taken = begin(flow, {"a": "1"}, NOW), 0
    answers = inputs(flow)
    while run.is_waiting:
        before = run
        sprint = resume(flow, run, data.draw(answers), NOW)
        run = sprint.run
        if sprint.events[-1].kind is EventKind.IGNORED:
            assert run == before
            run = resume(flow, run, text("nothing that fits"), NOW).run
        taken += 1
        assert taken <= most_inputs(flow)
    assert run.status in (RunStatus.FINISHED, RunStatus.CANCELLED)
    assert run.ended_at == NOW


@given(flows(), st.data())
@settings(deadline=None)
def test_unfinished_flows_end_too_and_never_crash(flow, data):
    run = begin(flow, {}, NOW)
    for answer in [*data.draw(st.lists(inputs(flow), max_size=6)), *[text("nothing")] * most_inputs(flow)]:
        sprint = resume(flow, run, answer, NOW)
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
    run, at = begin(flow, {}, NOW), "n0"
    while run.is_waiting:
        sprint = resume(flow, run, data.draw(inputs(flow) | st.just(text("no"))), NOW)
        for event in sprint.events:
            if event.kind is EventKind.LEFT:
                assert event.node == at
                assert flow.edges[at, event.data["port"]] == event.data["target"]
                at = event.data["target"]
            elif event.kind is EventKind.ENTERED:
                assert event.node == at
        run = sprint.run
        if sprint.events[-1].kind is EventKind.IGNORED:
            run = resume(flow, run, Input(InputKind.EXPIRE), NOW).run
