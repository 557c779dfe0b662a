"""Moving people to another version, tried on copies of their runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.commands import Refused, apply
from flowbuilder.core.engine import RunStatus, begin, resume
from flowbuilder.core.events import EventKind
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.journey import Happened, retrace
from flowbuilder.core.moving import Fate, Plan, Verdict, needs, suggest
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.run import Input, Run
from tests.core.conversations import CONTINUE, NOW, choice, kinds, started, tap, text
from tests.core.strategies import commands, flows, inputs

LATER = NOW + timedelta(minutes=5)


def judged(new: Flow, run: Run | None = None, mapping: dict | None = None, old: Flow | None = None, heard_at=NOW) -> Verdict:
    old = old or choice()
    run = run or started(old)
    return Plan.of(old, new, mapping or suggest(old, new, [run.node]), 2).judge(run, LATER, heard_at)


def test_somebody_at_the_same_step_is_moved_without_a_word():
    verdict = judged(choice(retry_text="Please tap one of them."))

    assert verdict.fate is Fate.STAYS
    assert verdict.sprint.said == () and kinds(verdict.sprint) == ["moved"]
    assert resume(choice(), verdict.sprint.run, tap("n2:red"), LATER).run.status is RunStatus.FINISHED


def test_somebody_who_might_tap_an_answer_that_is_gone_is_asked_again():
    verdict = judged(choice(options=[{"id": "blue", "title": "Azul"}]))

    assert verdict.fate is Fate.IS_ASKED
    assert [button["title"] for button in verdict.sprint.said[0]["buttons"]] == ["Azul"]


RED, BLUE = choice().nodes["n2"].data["options"]
ASKED = {"text": "How much?", "answer": "number", "variable": "v", "tries": 2, "retry_text": "Again?"}
CODE = KINDS["phone_code"].blank() | {"message": "m"}


@pytest.mark.parametrize(
    ("kind", "before", "after", "fate"),
    [
        ("answer_options", {}, {"options": [BLUE, RED]}, Fate.IS_ASKED),
        ("answer_options", {}, {"options": [RED | {"title": "Roja"}, BLUE]}, Fate.IS_ASKED),
        ("answer_options", {}, {"options": [RED, BLUE, {"id": "green", "title": "Verde"}], "style": "list"}, Fate.STAYS),
        ("answer_options", {}, {"text": "Which one not, {{name}}?"}, Fate.IS_ASKED),
        ("open_question", ASKED, {"answer": "date"}, Fate.IS_ASKED),
        ("open_question", ASKED, {"most": "10"}, Fate.IS_ASKED),
        ("open_question", ASKED, {"tries": 3, "variable": "w", "silence": {"after": 600}}, Fate.STAYS),
        ("phone_code", CODE, {"digits": 4}, Fate.IS_ASKED),
        ("phone_code", CODE, {"again": "Another one"}, Fate.IS_ASKED),
        ("phone_code", CODE, {"resends": 3, "lifetime": 60, "message": "other"}, Fate.STAYS),
        ("validation", KINDS["validation"].blank(), {"check": "face"}, Fate.IS_ASKED),
        ("validation", KINDS["validation"].blank(), {"label": "Go"}, Fate.STAYS),
    ],
)
def test_nobody_is_moved_without_a_word_whose_phone_shows_what_means_something_else(kind, before, after, fate):
    old = choice()
    old = old.with_(nodes={**old.nodes, "n2": Node("n2", kind, {**(old.nodes["n2"].data if kind == "answer_options" else {}), **before})})
    new = old.with_(nodes={**old.nodes, "n2": Node("n2", kind, {**old.nodes["n2"].data, **after})})

    assert judged(new, started(old), old=old).fate is fate


OPTIONS = st.permutations([RED, BLUE, {"id": "blue2", "title": "Azul"}, RED | {"title": "✅ Rojo"}]).flatmap(
    lambda options: st.integers(1, 4).map(lambda most: list({one["id"]: one for one in options[:most]}.values()))
)


@given(OPTIONS, OPTIONS)
def test_who_is_moved_without_a_word_means_by_an_answer_what_they_meant(before, after):
    old, new = choice(options=before), choice(options=after)
    verdict = judged(new, old=old)
    if verdict.fate is Fate.STAYS:
        for at, option in enumerate(before, 1):
            for answer in (text(str(at)), text(option["title"]), tap(f"n2:{option['id']}")):
                assert way_out(new, verdict.sprint.run, answer) == way_out(old, started(old), answer) == option["id"]


def way_out(flow: Flow, run: Run, answer: Input) -> str:
    return next(event.data["port"] for event in resume(flow, run, answer, LATER).events if event.kind is EventKind.LEFT)


def test_somebody_may_be_sent_to_another_step_and_is_asked_there():
    run = started(choice())
    verdict = judged(choice(), run, {"n2": "red_end"}, old=choice())

    assert verdict.fate is Fate.CANNOT and "“colour”" in verdict.reason
    assert judged(choice(), run._replace(variables={**run.variables, "colour": "red"}), {"n2": "red_end"}).fate is Fate.IS_ASKED


def test_nobody_is_asked_again_outside_the_24_hours_in_which_we_may_write():
    new = choice(options=[{"id": "blue", "title": "Azul"}])

    assert "24 hours" in judged(new, heard_at=LATER - timedelta(hours=24)).reason
    assert "24 hours" in judged(new, heard_at=None).reason
    assert judged(choice(), heard_at=None).fate is Fate.STAYS


def test_nobody_is_moved_to_where_a_variable_that_they_never_gave_is_used():
    new = choice(text="Which one, {{nick}}?")

    assert judged(new).reason == ("From Answer options “Which one, {{nick}}?” on the flow uses “nick”, which nobody asked them.")


def test_a_step_that_is_gone_is_not_suggested_and_its_people_stay_behind():
    new = apply(choice(), {"kind": "remove", "nodes": ["n2"]}).flow

    assert suggest(choice(), new, ["n2", "n1"]) == {"n2": None, "n1": "n1"}
    assert judged(new).fate is Fate.CANNOT
    assert "not in the new version" in judged(new, mapping={"n2": "n2"}).reason


def test_who_has_not_answered_the_initial_message_just_goes_through_the_new_version():
    waiting = begin(choice(), {"name": "Ann"}, NOW)
    verdict = judged(choice(text="Hello {{name}}"), waiting, heard_at=None)

    assert verdict.fate is Fate.STAYS
    assert resume(choice(text="Hello {{name}}"), verdict.sprint.run, CONTINUE, LATER).said[0]["body"] == "Hello Ann"


def test_nobody_is_moved_to_the_opening_once_they_are_past_it():
    assert "opening" in judged(choice(), mapping={"n2": "n1"}).reason


def test_nobody_is_moved_to_where_another_flow_follows_at_once():
    flow = choice()
    new = flow.with_(nodes={**flow.nodes, "over": Node("over", "go_to_flow", {"flow": "flw_other", "values": []})})

    assert "another flow" in judged(new, mapping={"n2": "over"}).reason


def test_who_is_with_a_person_is_moved_only_in_silence():
    run = started(choice())._replace(status=RunStatus.WITH_PERSON)

    assert judged(choice(), run).fate is Fate.STAYS
    assert "with a person" in judged(choice(options=[]), run).reason


def test_a_conversation_that_has_ended_is_left_alone():
    ended = resume(choice(), started(choice()), tap("n2:red"), NOW).run

    assert judged(choice(), ended).reason == "Their conversation has ended."


def test_the_word_that_ends_the_conversation_is_that_of_the_new_version():
    new = choice()
    new = new.with_(settings=replace(new.settings, exit_word="STOP"))
    moved = judged(new).sprint.run

    assert moved.variables["exit_word"] == "STOP"
    assert resume(new, moved, text("stop"), LATER).run.status is RunStatus.CANCELLED


def test_what_is_needed_from_a_step_on_is_what_no_step_after_it_sets_first():
    assert needs(choice())["n2"] == {"name"}
    assert needs(choice())["red_end"] == {"colour"}


def test_the_way_of_a_moved_conversation_says_so():
    sprint = judged(choice()).sprint
    events = [Happened(event.kind, event.node, event.data, LATER) for event in sprint.events]

    assert retrace(choice(), events, "n1", NOW).visits[-1].notes == ["The conversation was moved to version 2."]


@given(flows(is_whole=True), st.data())
def test_whoever_can_be_moved_goes_on_without_failing_and_lacks_no_variable(flow, data):
    new = flow
    for _ in range(data.draw(st.integers(0, 4))):
        try:
            new = apply(new, data.draw(commands(new))).flow
        except Refused:
            continue
    run = resume(flow, begin(flow, {"a": "1", "contact.name": "Ann", "contact.phone": ""}, NOW), CONTINUE, NOW).run
    target = data.draw(st.sampled_from([run.node, *new.nodes]))
    verdict = Plan.of(flow, new, {run.node: target}, 2).judge(run, LATER, NOW)
    if verdict.sprint is None:
        assert verdict.reason.endswith(".")
        return
    moved = verdict.sprint.run
    assert verdict.sprint.events[0].kind is EventKind.MOVED
    assert needs(new)[target] <= moved.variables.keys() | {"contact.name", "contact.phone", "exit_word"}
    assert (verdict.fate is Fate.STAYS) == (not verdict.sprint.said and len(verdict.sprint.events) == 1)
    if moved.is_waiting:
        sprint = resume(new, moved, data.draw(inputs(new)), LATER)
        assert all(event.data.get("reason") != "no_such_step" for event in sprint.events)
