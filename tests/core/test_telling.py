from __future__ import annotations

from hypothesis import given, settings

from flowbuilder.core.checks import Facts, TemplateFacts, check
from flowbuilder.core.checks.telling import Turn, Voice, in_line, tell
from flowbuilder.core.nodes import KINDS
from tests.core.strategies import flows
from tests.core.test_checks import END, START, build, question

COLOURS = {
    "style": "buttons",
    "text": "Which colour?",
    "options": [{"id": "o1", "title": "Red"}, {"id": "o2", "title": "Blue"}],
    "tries": 1,
    "retry_text": "",
}


def test_a_way_is_told_as_what_is_seen_and_said_on_it():
    hello = ("n2", "message", {"text": "Hi\n{{a}}"})
    flow = build(START, hello, ("n3", "answer_options", COLOURS), END, edges="n1.continue>n2 n2.next>n3 n3.o2>n9")

    assert tell(flow, ("n1", "n2", "n3", "n9")) == (
        Turn(Voice.US, "The initial message"),
        Turn(Voice.THEM, "Continue"),
        Turn(Voice.US, "Hi {{a}}"),
        Turn(Voice.US, "Which colour?"),
        Turn(Voice.THEM, "Blue"),
    )


def test_what_came_of_a_validation_is_told_as_it_came_on_this_way():
    checked, said = KINDS["validation"].blank() | {"text": "Show it:"}, KINDS["validation_result"].blank()
    edges = "n1.continue>n2 n2.approved>n3 n2.rejected>n3 n2.expired>n3 n3.next>n9"
    flow = build(START, ("n2", "validation", checked), ("n3", "validation_result", said), END, edges=edges)
    for result in ("approved", "rejected", "expired"):
        assert tell(flow, ("n1", "n2", "n3", "n9"), ("continue", result, "next"))[-1].words == said[result]


def test_a_way_that_stops_ends_in_silence():
    flow = build(START, ("n2", "answer_options", COLOURS), END, edges="n1.continue>n2 n2.o1>n9 n2.otherwise>n9")
    (finding,) = (one for one in check(flow, Facts(TemplateFacts("t1", "approved", (), "Go", "Stop"))) if one.is_error)

    told = "The initial message → {} → Which colour? → Blue → silence"
    assert in_line(tell(flow, finding.path, finding.through)) == told.format("Continue")
    assert in_line(tell(flow, finding.path, finding.through, tapped={"continue": "Go"})) == told.format("Go")


def test_the_opening_speaks_of_its_buttons_in_their_own_words():
    findings = check(build(START, END, edges="n1.finish>n9"), Facts(TemplateFacts("t1", "approved", (), "Go", "Stop")))
    assert "“Go” of You send it leads nowhere. Connect it to a step." in [one.text for one in findings]


def test_the_ports_that_matter_are_taken_and_not_the_first_that_lead_on():
    flow = build(START, question("n2"), END, edges="n1.continue>n2 n2.answered>n9 n2.otherwise>n9")

    assert in_line(tell(flow, ("n2", "n9"), ("otherwise",))) == "Name? → something else"
    assert in_line(tell(flow, ("n2", "n9"))) == "Name? → a text"


def test_an_answer_that_is_waited_for_in_pieces_is_told_so():
    asked = ("n2", "open_question", question("n2")[2] | {"joins": 5})
    flow = build(START, asked, END, edges="n1.continue>n2 n2.answered>n9 n2.otherwise>n9")

    assert in_line(tell(flow, ("n2", "n9"))) == "Name? → a text, in pieces"


def test_what_a_condition_decides_is_told_as_the_flow_s_own_word():
    test = {"variable": "a", "operator": "equals", "value": "1"}
    flow = build(START, ("n2", "condition", {"branches": [{"id": "b1", "label": "Many", "match": "all", "tests": [test]}]}), END,
                 edges="n1.continue>n2 n2.b1>n9")  # fmt: skip

    assert tell(flow, ("n2", "n9")) == (Turn(Voice.FLOW, "Many"),)


def test_of_a_long_way_the_middle_is_left_out():
    steps = [(f"m{at}", "message", {"text": f"M{at}"}) for at in range(20)]
    flow = build(START, *steps, edges=" ".join(["n1.continue>m0", *(f"m{at}.next>m{at + 1}" for at in range(19))]))
    told = in_line(tell(flow, ("n1", *(id for id, _, _ in steps)), most=7))

    assert told == "The initial message → Continue → … → M16 → M17 → M18 → M19"


def test_a_very_long_way_is_told_like_a_long_one():
    steps = [(f"m{at}", "message", {"text": f"M{at}"}) for at in range(200)]
    flow = build(START, *steps, edges=" ".join(["n1.continue>m0", *(f"m{at}.next>m{at + 1}" for at in range(199))]))
    told = in_line(tell(flow, ("n1", *(id for id, _, _ in steps)), ("continue", *["next"] * 200), most=7))

    assert told == "The initial message → Continue → … → M197 → M198 → M199 → silence"


@given(flows(most=7, is_forward=False))
@settings(deadline=None)
def test_every_finding_can_be_told(flow):
    for finding in check(flow, Facts()):
        told = tell(flow, finding.path, finding.through)
        assert len(told) <= 9
        assert all(turn.words and "\n" not in turn.words for turn in told)
