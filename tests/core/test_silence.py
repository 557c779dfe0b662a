"""Time in a conversation: silence, reminders, No reply, and steps that wait for a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.checks import check
from flowbuilder.core.engine import EventKind, Input, InputKind, Run, RunStatus, begin, resume
from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import KINDS, limits
from flowbuilder.core.nodes.wait import DAYS, moment
from tests.core.conversations import NOW, flow_of

ASKED = {"text": "Name?", "answer": "text", "variable": "name", "tries": 2, "retry_text": "Again?"}
REMINDERS = [{"after": 600, "text": "Still there, {{exit_word}}?"}, {"after": 1800, "text": "Last call."}]
TIMER = Input(InputKind.TIMER)
END = ("n3", "finish", {"outcome": "success"})
SILENT = ("n4", "finish", {"outcome": "failure", "text": "Bye then."})
ANSWERED = {("n2", "answered"): "n3", ("n2", "otherwise"): "n3"}


def asked(silence=None, **edges):
    data = ASKED | ({"silence": silence} if silence else {})
    flow = flow_of(("n2", "open_question", data), END, SILENT, edges=ANSWERED | ({("n2", "no_reply"): "n4"} if edges.get("leads") else {}))
    run = resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run
    return flow, run


def said(sprint):
    return [content["body"] for content in sprint.said]


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def test_silence_goes_on_through_no_reply_after_its_own_time():
    flow, run = asked({"after": 3600}, leads=True)
    assert run.wake_at == run.expires_at == later(3600)

    sprint = resume(flow, run, TIMER, later(3600))

    assert said(sprint) == ["Bye then."]
    assert sprint.run.status is RunStatus.FINISHED
    assert sprint.run.wake_at is None


@pytest.mark.parametrize(
    ("expires_after", "leads", "waits"), [(86400, True, 23 * 3600), (86400, False, 86400), (3600, True, 3600), (10**6, False, 10**6)]
)
def test_without_a_time_of_its_own_a_step_waits_as_the_flow_says_but_goes_on_while_its_words_are_taken(expires_after, leads, waits):
    flow, _ = asked(leads=leads)
    flow = flow.with_(settings=replace(flow.settings, expires_after=expires_after))
    run = resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run
    assert run.wake_at == later(waits)
    assert said(resume(flow, run, TIMER, later(waits))) == (["Bye then."] if leads else [])


def test_what_no_reply_says_by_default_is_within_the_24_hours():
    flow, _ = asked(leads=True)
    assert "outside_window" not in {finding.code for finding in check(flow, None)}


def test_an_answer_that_came_whole_goes_before_a_reminder_at_the_same_moment():
    data = ASKED | {"joins": 60, "silence": {"reminders": [{"after": 60, "text": "Still there?"}]}}
    flow = flow_of(("n2", "open_question", data), END, edges=ANSWERED)
    run = resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run
    run = resume(flow, run, Input(InputKind.TEXT, text="An"), later(1)).run
    assert (run.wake_at, run.until) == (later(61), later(61))
    sprint = resume(flow, run, TIMER, later(61))
    assert (said(sprint), sprint.run.variables["name"], sprint.run.node) == ([], "An", "n3")


def test_no_more_than_ten_pieces_are_waited_for():
    flow = flow_of(("n2", "open_question", ASKED | {"joins": 60}), END, edges=ANSWERED)
    run = resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run
    for at in range(9):
        before = run
        run = resume(flow, run, Input(InputKind.TEXT, text=str(at)), later(at)).run
        assert before.scratch == ({"pieces": [str(one) for one in range(at)]} if at else {})
    assert resume(flow, run, Input(InputKind.TEXT, text="9"), later(9)).run.variables["name"] == "\n".join("0123456789")


def test_where_no_reply_leads_nowhere_the_conversation_expires():
    flow, run = asked({"after": 3600})
    assert resume(flow, run, TIMER, later(3600)).run.status is RunStatus.EXPIRED


def test_nothing_happens_to_a_run_that_is_woken_too_early():
    flow, run = asked({"after": 3600, "reminders": REMINDERS}, leads=True)
    sprint = resume(flow, run, TIMER, later(599))
    assert (sprint.run, sprint.events) == (run, ())


def test_reminders_are_said_once_each_and_then_silence_is_over():
    flow, run = asked({"after": 3600, "reminders": REMINDERS}, leads=True)
    told = []
    while run.is_waiting:
        sprint = resume(flow, Run.from_json(run.to_json()), TIMER, run.wake_at)
        told.append((run.wake_at, said(sprint)))
        run = sprint.run
    assert told == [(later(600), ["Still there, EXIT?"]), (later(1800), ["Last call."]), (later(3600), ["Bye then."])]


def test_of_reminders_that_became_due_while_we_were_away_only_the_last_is_said():
    flow, run = asked({"after": 3600, "reminders": REMINDERS}, leads=True)
    sprint = resume(flow, run, TIMER, later(1900))
    assert said(sprint) == ["Last call."]
    assert sprint.run.wake_at == later(3600)


def test_no_reminder_is_said_once_the_silence_is_over():
    flow, run = asked({"after": 3600, "reminders": REMINDERS}, leads=True)
    assert said(resume(flow, run, TIMER, later(9000))) == ["Bye then."]


def test_an_answer_that_cannot_be_taken_begins_the_silence_anew():
    flow, run = asked({"after": 3600, "reminders": REMINDERS}, leads=True)
    run = resume(flow, run, TIMER, later(600)).run
    run = resume(flow, run, Input(InputKind.MEDIA, media={"type": "image"}), later(700)).run
    assert (run.wake_at, run.reminded, run.expires_at) == (later(700 + 600), 0, later(700 + 3600))


def test_an_answer_after_the_silence_is_not_taken_by_the_step_that_came_then():
    flow = flow_of(
        ("n2", "open_question", ASKED | {"silence": {"after": 60}}), ("n3", "open_question", ASKED | {"text": "Really not?"}), SILENT,
        edges={("n2", "answered"): "n4", ("n2", "otherwise"): "n4", ("n2", "no_reply"): "n3", ("n3", "answered"): "n4"},
    )  # fmt: skip
    run = resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run
    sprint = resume(flow, run, Input(InputKind.TEXT, text="Ann"), later(61))
    assert said(sprint) == ["Really not?"]
    assert sprint.run.node == "n3"
    assert sprint.events[-1].kind is EventKind.IGNORED


def test_silence_after_the_initial_message_is_no_start():
    start_edges = {("n1", "no_reply"): "n4"}
    flow = flow_of(SILENT, edges=start_edges)
    sprint = resume(flow, begin(flow, {}, NOW), TIMER, later(24 * 3600))
    assert sprint.run.status is RunStatus.FINISHED
    assert EventKind.STARTED not in [event.kind for event in sprint.events]


def test_a_reminder_after_the_end_of_waiting_is_found():
    node = Node("n2", "open_question", ASKED | {"silence": {"after": 600, "reminders": [{"after": 7200, "text": "Hello?"}]}})
    (finding,) = limits(node)
    assert (finding.field, "comes after 2 hours" in finding.text) == ("silence", True)


def waiting(**data):
    blank = {"mode": "for", "seconds": 90, "time": "09:00", "days": "mon_fri", "zone": "UTC"} | data
    return Node("n2", "wait", blank)


def test_a_wait_goes_on_when_its_time_is_over_and_hears_only_the_exit_word():
    flow = flow_of(("n2", "wait", dict(waiting().data)), SILENT, edges={("n2", "next"): "n4"})
    run = resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run
    assert (run.wake_at, run.expires_at) == (later(90), None)
    ignored = resume(flow, run, Input(InputKind.TEXT, text="Hello?"), later(10))
    assert ignored.run == run
    assert ignored.events[0].data["reason"] == "busy"
    assert resume(flow, run, Input(InputKind.TEXT, text="exit"), later(10)).run.status is RunStatus.CANCELLED
    assert said(resume(flow, run, TIMER, later(90))) == ["Bye then."]


@pytest.mark.parametrize(
    ("now", "data", "expected"),
    [
        ("2026-11-25T08:59", {}, "2026-11-25T09:00"),
        ("2026-11-25T09:00", {}, "2026-11-26T09:00"),
        ("2026-11-27T10:00", {}, "2026-11-30T09:00"),
        ("2026-11-27T10:00", {"days": "mon_sat"}, "2026-11-28T09:00"),
        ("2026-11-27T10:00", {"days": "sun_thu"}, "2026-11-29T09:00"),
        ("2026-03-27T12:00", {"zone": "Europe/Berlin"}, "2026-03-30T07:00"),
        ("2026-03-28T12:00", {"zone": "Europe/Berlin", "days": "every", "time": "02:30"}, "2026-03-29T01:30"),
        ("2026-10-24T12:00", {"zone": "Europe/Berlin", "days": "every", "time": "02:30"}, "2026-10-25T00:30"),
        ("2026-10-25T00:30", {"zone": "Europe/Berlin", "days": "every", "time": "02:30"}, "2026-10-26T01:30"),
        ("2026-11-25T23:30", {"zone": "Pacific/Auckland", "days": "every"}, "2026-11-26T20:00"),
    ],
)  # fmt: skip
def test_the_next_hour_is_told_in_the_zone_summer_time_and_all(now, data, expected):
    at = moment(waiting(mode="until", **data), datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(
    st.timedeltas(timedelta(), timedelta(days=2000)).map(lambda ago: NOW - ago), st.sampled_from(tuple(DAYS)),
    st.times().map(lambda at: f"{at:%H:%M}"), st.sampled_from(("UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe")),
)  # fmt: skip
def test_the_next_hour_is_always_ahead_and_within_days(now, days, at, zone):
    found = moment(waiting(mode="until", days=days, time=at, zone=zone), now)
    assert timedelta() < found - now <= timedelta(days=4, hours=2)


def with_colleagues(after=12 * 3600):
    data = KINDS["hand_over"].blank() | {"after": after}
    edges = {("n2", "given_back"): "n3", ("n2", "nobody"): "n4"}
    flow = flow_of(("n2", "hand_over", data), END, SILENT, edges=edges)
    return flow, resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run


def did(flow, run, deed, hours):
    return resume(flow, run, Input(InputKind.COLLEAGUE, option=deed), later(hours * 3600)).run


def test_what_is_put_back_into_the_inbox_is_taken_by_nobody_as_long_after_the_person_was_there():
    flow, run = with_colleagues()
    run = did(flow, did(flow, run, "taken", 1), "released", 11)
    assert run.wake_at == later(12 * 3600)
    run = resume(flow, did(flow, run, "taken", 11), Input(InputKind.TEXT, text="Hello?"), later(13 * 3600)).run
    run = did(flow, run, "released", 20)
    sprint = resume(flow, run, TIMER, later(25 * 3600))
    assert (run.wake_at, said(sprint)) == (later(25 * 3600), ["Bye then."])


def test_what_is_put_back_too_late_is_left_to_others_for_as_long_and_then_ends_without_a_word():
    flow, run = with_colleagues()
    run = did(flow, did(flow, run, "taken", 11), "released", 20)
    assert run.wake_at == later(32 * 3600)
    sprint = resume(flow, run, TIMER, later(32 * 3600))
    assert (said(sprint), sprint.run.status) == ([], RunStatus.EXPIRED)
    run = resume(flow, run, Input(InputKind.TEXT, text="Hello?"), later(21 * 3600)).run
    assert said(resume(flow, run, TIMER, later(32 * 3600))) == ["Bye then."]


def test_the_result_of_a_request_makes_the_silence_no_shorter():
    code = KINDS["phone_code"].blank() | {
        "message": "t2",
        "silence": {"after": 7200, "reminders": [{"after": 600, "text": "Still there?"}]},
    }
    flow = flow_of(("n2", "phone_code", code), END, edges={("n2", "verified"): "n3", ("n2", "failed"): "n3"})
    run = resume(flow, begin(flow, {}, NOW), Input(InputKind.TAP, option="continue"), NOW).run
    run = resume(flow, run, Input(InputKind.RESULT, request=1, result={"sent": True}), later(60)).run
    assert (run.wake_at, run.expires_at) == (later(600), later(7200))
