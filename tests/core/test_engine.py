from __future__ import annotations

import json
from datetime import timedelta

import pytest

from flowbuilder.core import message
from flowbuilder.core.engine import STEPS_MAX, EventKind, Input, InputKind, Run, RunStatus, begin, resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes.you_send_it import TRIES
from tests.core.conversations import CONTINUE, NOW, choice, flow_of, kinds, started, tap, text


def test_a_run_begins_waiting_at_the_start():
    run = begin(choice(), {"name": "Ann"}, NOW)
    assert (run.status, run.node, run.turn) == (RunStatus.IN_PROGRESS, "n1", 0)
    assert run.expires_at == NOW + timedelta(hours=24)


def test_a_flow_without_a_start_cannot_be_run():
    run = begin(Flow("Empty"), {}, NOW)
    assert run.status is RunStatus.FAILED
    assert resume(Flow("Empty"), run, CONTINUE, NOW).run is run


def test_continuing_goes_to_the_first_question():
    flow = choice()
    sprint = resume(flow, begin(flow, {"name": "Ann"}, NOW), CONTINUE, NOW)
    assert kinds(sprint) == ["heard", "started", "left", "entered", "said"]
    assert sprint.said[0] == {
        "kind": "buttons",
        "body": "Which, Ann?",
        "buttons": [{"id": "n2:red", "title": "Rojo"}, {"id": "n2:blue", "title": "Azul marino"}],
    }
    assert (sprint.run.node, sprint.run.turn) == ("n2", 1)


@pytest.mark.parametrize("answer", [text("sí,  CLARO"), text("Si claro!"), tap("Sí, claro"), tap("n1:continue"), tap("continue")])
def test_the_option_for_continuing_is_understood_however_it_comes(answer):
    flow = choice()
    run = begin(flow, {}, NOW, continue_option="Sí claro" if answer.text.startswith("Si") else "Sí, claro", finish_option="Ahora no")
    assert resume(flow, run, answer, NOW).run.node == "n2"


@pytest.mark.parametrize("answer", [text("cancel"), tap("finish"), tap("n1:finish"), tap("CANCEL")])
def test_the_option_for_finishing_counts_as_cancelled(answer):
    flow = choice()
    sprint = resume(flow, begin(flow, {}, NOW), answer, NOW)
    assert sprint.run.status is RunStatus.CANCELLED
    assert kinds(sprint) == ["heard", "cancelled"]


def test_a_connected_option_for_finishing_says_what_follows_and_still_counts_as_cancelled_with_that_outcome():
    flow = choice()
    flow = flow.with_(edges=flow.edges | {("n1", "finish"): "red_end"})
    sprint = resume(flow, begin(flow, {}, NOW), tap("finish"), NOW)
    assert [content["body"] for content in sprint.said] == [" red"]
    assert (sprint.run.status, sprint.run.outcome) == (RunStatus.CANCELLED, "success")


def test_a_question_on_the_way_out_keeps_the_run_cancelled_in_the_end():
    flow = choice()
    flow = flow.with_(edges=flow.edges | {("n1", "finish"): "n2"})
    run = resume(flow, begin(flow, {}, NOW), tap("finish"), NOW).run
    assert run.is_waiting
    assert resume(flow, run, text("Rojo"), NOW).run.status is RunStatus.CANCELLED


def test_other_words_at_the_opening_are_answered_with_the_two_options():
    flow = choice()
    run = begin(flow, {}, NOW, continue_option="A label of 25 characters.", finish_option="No")
    sprint = resume(flow, run, text("Who is this?"), NOW)
    assert sprint.said[0]["body"] == "Please choose one of the options, or send EXIT to leave."
    assert sprint.said[0]["buttons"] == [{"id": "n1:continue", "title": "A label of 25 chara…"}, {"id": "n1:finish", "title": "No"}]
    for _ in range(TRIES - 1):
        sprint = resume(flow, sprint.run, text("Who is this?"), NOW)
    assert sprint.run.status is RunStatus.CANCELLED
    assert sprint.events[-1].data == {"reason": "tries"}


def test_every_step_counts_its_own_wrong_answers():
    flow = choice(tries=2)
    run = resume(flow, begin(flow, {}, NOW), text("Who is this?"), NOW).run
    run = resume(flow, run, CONTINUE, NOW).run
    assert resume(flow, run, text("neither"), NOW).run.tries == 1
    assert resume(flow, run, text("neither"), NOW).run.is_waiting


@pytest.mark.parametrize("answer", ["exit", " EXIT. ", "Éxit"])
def test_the_exit_word_ends_a_run_anywhere(answer):
    flow = choice()
    for run in (begin(flow, {}, NOW), started(flow)):
        sprint = resume(flow, run, text(answer), NOW)
        assert sprint.run.status is RunStatus.CANCELLED
        assert sprint.said[0]["body"] == "You have left this conversation."
        assert sprint.events[-1].data == {"reason": "exit"}


def test_without_an_exit_word_no_word_ends_a_run_and_none_is_named():
    flow = choice()
    flow = flow.with_(settings=flow.settings.from_json({"exit_word": ""}))
    assert resume(flow, started(flow), text(""), NOW).run.is_waiting
    assert resume(flow, begin(flow, {}, NOW), text("?"), NOW).said[0]["body"] == "Please choose one of the options."


@pytest.mark.parametrize("answer", [tap("n2:blue"), text("2"), text("2."), text(" azul  MARINO "), text("Azul márino!")])
def test_an_answer_is_understood_by_tap_number_and_title(answer):
    flow = choice()
    sprint = resume(flow, started(flow), answer, NOW)
    assert sprint.run.status is RunStatus.FINISHED
    assert sprint.run.outcome == "failure"
    assert sprint.run.variables["colour"] == "Azul marino"
    assert sprint.said[0]["body"] == "Azul marino blue"


def test_wrong_answers_are_asked_again_and_then_go_on_through_otherwise():
    flow = choice()
    sprint = resume(flow, started(flow), text("3"), NOW)
    assert [content["body"] for content in sprint.said] == ["Please tap.", "Which, Ann?"]
    assert sprint.run.tries == 1
    sprint = resume(flow, sprint.run, Input(InputKind.MEDIA, media={"type": "image"}), NOW)
    assert sprint.run.outcome == "neutral"
    assert "colour" not in sprint.run.variables


def test_a_tap_on_a_button_of_an_earlier_step_is_ignored_with_its_reason():
    flow = choice()
    run = started(flow)
    for stale in (tap("n1:continue"), tap("continue"), tap("n7:red"), tap("red"), tap("n2:green"), tap("")):
        sprint = resume(flow, run, stale, NOW)
        assert sprint.run is run
        assert [event.data["reason"] for event in sprint.events] == ["stale"]


def test_a_tap_does_not_answer_an_open_question():
    question = {"text": "Name?", "answer": "text", "variable": "name", "tries": 1, "retry_text": ""}
    ends = ("n3", "finish", {"outcome": "success"})
    flow = flow_of(("n2", "open_question", question), ends, edges={("n2", "answered"): "n3", ("n2", "otherwise"): "n3"})
    run = started(flow)
    assert resume(flow, run, tap("n9:o1"), NOW).run is run


def test_an_ended_run_takes_nothing_more():
    flow = choice()
    run = resume(flow, started(flow), text("1"), NOW).run
    sprint = resume(flow, run, text("1"), NOW)
    assert sprint.run is run
    assert sprint.events[0].data["reason"] == "ended"


def test_silence_expires_a_run():
    flow = choice()
    sprint = resume(flow, started(flow), Input(InputKind.EXPIRE), NOW + timedelta(hours=24))
    assert sprint.run.status is RunStatus.EXPIRED
    assert kinds(sprint) == ["expired"]
    assert sprint.said == ()


def test_an_answer_after_the_time_expires_the_run_and_is_not_taken():
    flow = choice()
    sprint = resume(flow, started(flow), text("1"), NOW + timedelta(hours=24))
    assert sprint.run.status is RunStatus.EXPIRED
    assert kinds(sprint) == ["expired", "ignored"]


def test_every_answer_sets_the_time_anew():
    flow = choice()
    later = NOW + timedelta(hours=23)
    assert resume(flow, started(flow), text("no"), later).run.expires_at == later + timedelta(hours=24)


def test_an_unconnected_answer_fails_with_its_reason():
    flow = choice()
    flow = flow.with_(edges={place: target for place, target in flow.edges.items() if place != ("n2", "red")})
    sprint = resume(flow, started(flow), text("1"), NOW)
    assert sprint.run.status is RunStatus.FAILED
    assert sprint.events[-1].data["reason"] == "not_connected"


def test_one_input_passes_at_most_a_hundred_steps():
    def row(messages: int) -> Run:
        steps = [(f"n{at}", "message", {"text": "Hi"}) for at in range(2, messages + 2)]
        edges = {(f"n{at}", "next"): f"n{at + 1}" for at in range(2, messages + 2)}
        last = (f"n{messages + 2}", "finish", {"outcome": "success"})
        return started(flow_of(*steps, last, edges=edges))

    assert row(STEPS_MAX - 1).status is RunStatus.FINISHED
    assert row(STEPS_MAX).status is RunStatus.FAILED


def test_what_a_person_writes_is_never_read_as_a_variable():
    question = {"text": "Name?", "answer": "text", "variable": "answer", "tries": 1, "retry_text": ""}
    end = ("n3", "finish", {"outcome": "success", "text": "You said {{answer}}"})
    flow = flow_of(("n2", "open_question", question), end, edges={("n2", "answered"): "n3", ("n2", "otherwise"): "n3"})
    sprint = resume(flow, started(flow), text("{{name}} {0} %s"), NOW)
    assert sprint.said[0]["body"] == "You said {{name}} {0} %s"


def test_long_answers_are_cut_to_what_whatsapp_takes():
    flow = choice()
    run = begin(flow, {"name": "x" * 3000}, NOW)
    (said,) = resume(flow, run, CONTINUE, NOW).said
    assert len(said["body"]) == message.BODY_MAX
    assert said["body"].endswith("…")


def test_an_empty_message_is_not_sent():
    steps = (("n2", "message", {"text": "{{nothing}}"}), ("n3", "finish", {"outcome": "success"}))
    flow = flow_of(*steps, edges={("n2", "next"): "n3"})
    assert resume(flow, begin(flow, {}, NOW), CONTINUE, NOW).said == ()


@pytest.mark.parametrize(
    ("match", "first", "second", "port"),
    [("all", "1", "x", "b1"), ("all", "1", "y", "otherwise"), ("any", "2", "x", "b1"), ("any", "2", "y", "otherwise")],
)
def test_a_condition_combines_its_tests(match, first, second, port):
    tests = [{"variable": "a", "operator": "equals", "value": "1"}, {"variable": "b", "operator": "equals", "value": "x"}]
    branch = {"id": "b1", "label": "", "match": match, "tests": tests}
    ends = [(id, "finish", {"outcome": "neutral"}) for id in ("n3", "n4")]
    flow = flow_of(("n2", "condition", {"branches": [branch]}), *ends, edges={("n2", "b1"): "n3", ("n2", "otherwise"): "n4"})
    sprint = resume(flow, begin(flow, {"a": first, "b": second}, NOW), CONTINUE, NOW)
    assert [event.data["port"] for event in sprint.events if event.kind is EventKind.LEFT] == ["continue", port]


def test_the_engine_reads_every_kind_of_message():
    contents = (message.Text("Hi"), message.Tap("n2:red", "Rojo"), message.Media("image", "1", "Look"), message.Location(1.0, 2.0))
    assert [Input.of(content).kind.value for content in contents] == ["text", "tap", "media", "location"]
    assert Input.of(message.Unsupported()) is None
    for content in contents:
        assert Input.from_json(json.loads(json.dumps(Input.of(content).to_json()))) == Input.of(content)
