"""What the checks say beyond the graph: time, settings, and other flows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowbuilder.core.checks import Facts, FlowFacts, TemplateFacts, check
from flowbuilder.core.commands import apply
from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.flow import Flow, Settings
from flowbuilder.core.nodes import KINDS
from tests.core.test_checks import END, START, TEMPLATE, build, question

FACTS = Facts(TEMPLATE, id="f1")


def found(flow: Flow, code: str, facts: Facts = FACTS) -> list[Finding]:
    return [finding for finding in check(flow, facts) if finding.code == code]


def choice(*titles: str, text: str = "Which one?", variable: str = "") -> tuple[str, str, dict]:
    options = [{"id": f"o{at}", "title": title} for at, title in enumerate(titles, 1)]
    kept = {"variable": variable} if variable else {}
    return "n2", "answer_options", {"style": "list", "text": text, "options": options, "tries": 1, "retry_text": "", **kept}


def condition(*branches: tuple[str, str, str]) -> tuple[str, str, dict]:
    """Each as variable, operator, value."""
    all = [
        {"id": f"b{at}", "label": f"B{at}", "match": "all", "tests": [dict(zip(("variable", "operator", "value"), one, strict=True))]}
        for at, one in enumerate(branches, 1)
    ]
    return "n3", "condition", {"branches": all}


def asked(of: tuple[str, str, dict], type: str = "number") -> Flow:
    number = ("n2", "open_question", question("n2", variable="age")[2] | {"answer": type})
    ports = [f"n3.{one['id']}>n9" for one in of[2]["branches"]]
    return build(START, number, of, END, edges=" ".join(["n1.continue>n2 n2.answered>n3 n2.otherwise>n9 n3.otherwise>n9", *ports]))


# Cures


def test_the_cure_of_a_missing_start_adds_it_beside_the_first_card():
    flow = build(END).with_(layout={"n9": (400, 80)})
    (finding,) = found(flow, "no_start")
    cured = apply(flow, finding.fix.command).flow
    assert KINDS[cured.nodes["n10"].kind].is_start
    assert cured.layout["n10"] == (80, 80)


def test_every_cure_is_a_change_that_makes_its_finding_go_away():
    spare = ("n4", "message", {"text": "Spare"})
    flow = build(START, ("n0", "you_send_it", {}), spare, END, edges="n1.continue>n9")
    for finding in check(flow, FACTS):
        if finding.fix:
            cured = apply(flow, finding.fix.command).flow
            assert (finding.code, finding.node) not in [(one.code, one.node) for one in check(cured, FACTS)]


def test_a_variable_that_is_almost_a_known_one_is_renamed_in_one_click():
    test = {"variable": "nmae", "operator": "equals", "value": "{{nmae}}"}
    branch = {"id": "b1", "label": "", "match": "all", "tests": [test]}
    flow = build(
        START, question("n2"), ("n3", "message", {"text": "Hi {{ nmae }} {{a}}"}), ("n4", "condition", {"branches": [branch]}), END,
        edges="n1.continue>n2 n2.answered>n3 n2.otherwise>n9 n3.next>n4 n4.b1>n9 n4.otherwise>n9",
    )  # fmt: skip
    for finding in found(flow, "not_assigned"):
        assert finding.field == ("text" if finding.node == "n3" else "branches")
        assert finding.fix.label == "Use “name”"
        flow = apply(flow, finding.fix.command).flow
    assert flow.nodes["n3"].data["text"] == "Hi {{name}} {{a}}"
    assert flow.nodes["n4"].data["branches"][0]["tests"] == [{**test, "variable": "name", "value": "{{name}}"}]
    assert found(flow, "not_assigned") == []


# Filled in


def test_a_text_that_is_too_long_with_the_example_of_its_variable_is_found():
    facts = Facts(replace(TEMPLATE, examples={"a": "x" * 40}))
    data = choice("Yes", "No")[2] | {"header": "A header of thirty characters {{a}}"}
    flow = build(START, ("n2", "answer_options", data), END, edges="n1.continue>n2 n2.o1>n9 n2.o2>n9 n2.otherwise>n9")
    (finding,) = found(flow, "too_long_filled", facts)
    assert "the header has 70 characters" in finding.text and "for a" in finding.text
    assert found(flow, "too_long_filled", FACTS) == []


def test_the_longest_answer_that_may_be_kept_counts():
    first = choice("Yes", "Twenty characters of", variable="choice")
    data = choice("Yes")[2] | {"footer": "Forty-one characters, and then its value {{choice}}"}
    flow = build(START, first, ("n3", "answer_options", data), END, edges="n1.continue>n2 n2.o1>n3 n2.o2>n3 n2.otherwise>n9 n3.o1>n9")
    (finding,) = found(flow, "too_long_filled")
    assert "“Twenty characters of”" in finding.text


# Branches


@pytest.mark.parametrize(
    "branches",
    [
        [("age", "greater", "17"), ("age", "at_least", "18.5")],
        [("age", "at_least", "18"), ("age", "equals", "20")],
        [("age", "less", "10"), ("age", "at_most", "10"), ("age", "equals", "10.0")],
        [("age", "none_of", "1, 2"), ("age", "one_of", "1; 2"), ("age", "equals", "2")],
    ],
)
def test_a_branch_whose_people_left_before_can_never_be_taken(branches):
    flow = asked(condition(*branches))
    (finding,) = found(flow, "never")
    assert f"“B{len(branches)}”" in finding.text and not finding.is_error
    assert "never" not in [one.code for one in check(apply(flow, finding.fix.command).flow, FACTS)]


def test_branches_that_can_be_taken_are_left_alone():
    assert found(asked(condition(("age", "less", "18"), ("age", "at_most", "65"))), "never") == []


def test_branches_that_leave_nothing_over_are_no_fault():
    flow = asked(condition(("age", "less", "18"), ("age", "at_least", "18")))
    assert not found(flow, "never") and not found(flow, "always")


def test_a_condition_that_always_goes_the_same_way_is_found():
    (finding,) = found(asked(condition(("age", "at_least", "-1000"), ("age", "less", "-1000"))), "never") or [None]
    assert finding is None
    (finding,) = found(asked(condition(("age", "not_equals", "1"), ("age", "equals", "1"), ("age", "equals", "2"))), "never")
    assert "“B3”" in finding.text


def test_a_condition_with_one_way_alone_is_told_as_advice():
    flow = build(
        START, choice("Red", variable="colour"), condition(("colour", "equals", "red")), END,
        edges="n1.continue>n2 n2.o1>n3 n2.otherwise>n9 n3.b1>n9 n3.otherwise>n9",
    )  # fmt: skip
    (finding,) = found(flow, "always")
    assert "“B1”" in finding.text and not finding.is_error and not finding.fix


def test_only_answers_that_can_be_chosen_are_possible():
    flow = build(
        START, choice("Red", "Blue", variable="colour"), condition(("colour", "equals", "red"), ("colour", "equals", "Green")), END,
        edges="n1.continue>n2 n2.o1>n3 n2.o2>n3 n2.otherwise>n9 n3.b1>n9 n3.b2>n9 n3.otherwise>n9",
    )  # fmt: skip
    (finding,) = found(flow, "never")
    assert "“B2”: “colour” is never “Green”, but one of “Red”, “Blue”." in finding.text


def test_a_misspelt_result_of_a_validation_is_told_with_what_it_can_be():
    result = ("n2", "validation", KINDS["validation"].blank())
    tests = condition(
        ("validation", "equals", "Approved"), ("validation", "equals", "regected"), ("validation_reason", "equals", "Blurred")
    )
    ways = "n1.continue>n2 n2.approved>n3 n2.rejected>n3 n2.expired>n3 n3.b1>n9 n3.b2>n9 n3.b3>n9 n3.otherwise>n9"
    (finding,) = found(build(START, result, tests, END, edges=ways), "never")
    assert "“validation” is never “regected”, but one of “approved”, “rejected”, “expired”" in finding.text
    alone = condition(("validation", "equals", "Aproved"))
    (finding,) = found(build(START, result, alone, END, edges=ways.replace("n3.b2>n9 n3.b3>n9 ", "")), "always")
    assert "“Otherwise”: “validation” is never “Aproved”, but one of" in finding.text


# Other flows


@pytest.fixture
def calling(monkeypatch: pytest.MonkeyPatch) -> Flow:
    monkeypatch.setattr(
        type(KINDS["finish"]), "calls", lambda self, node: (node.data["flow"],) if "flow" in node.data else (), raising=False
    )
    end = ("n9", "finish", {"outcome": "success", "flow": "f2"})
    return build(START, end, edges="n1.continue>n9")


@pytest.mark.parametrize(
    ("flows", "code", "says"),
    [
        ([], "no_subflow", "no longer exists"),
        ([FlowFacts("f2", "Two", False)], "subflow_unpublished", "“Two”, which is not published"),
        ([FlowFacts("f2", "Two", True, ("f1",))], "subflow_circle", "Flow → Two → Flow"),
        ([FlowFacts("f2", "Two", True, ("f3",)), FlowFacts("f3", "Three", True, ("f2",))], "subflow_circle", "Two → Three → Two"),
        ([FlowFacts("f2", "Two", True, ("f2",))], "subflow_circle", "Two → Two"),
    ],
)
def test_a_flow_that_follows_must_be_there_and_lead_in_no_circle(calling, flows, code, says):
    facts = replace(FACTS, flows={one.id: one for one in flows})
    assert [says in finding.text for finding in found(calling, code, facts)] == [True]


def test_a_published_flow_that_ends_may_follow(calling):
    facts = replace(FACTS, flows={"f2": FlowFacts("f2", "Two", True, ("f3",)), "f3": FlowFacts("f3", "Three", True)})
    assert [finding for finding in check(calling, facts) if finding.is_error] == []


def test_an_outbound_message_on_the_way_must_be_approved():
    step = ("n2", "message", {"text": "", "template": "t2"})
    flow = build(START, step, END, edges="n1.continue>n2 n2.next>n9")
    waiting = replace(FACTS, templates={"t2": TemplateFacts("t2", "pending")})
    assert [finding.node for finding in found(flow, "not_approved", waiting)] == ["n2"]
    assert [finding.node for finding in found(flow, "no_outbound")] == ["n2"]


def _code(lifetime: int = 300) -> Flow:
    step = ("n2", "phone_code", KINDS["phone_code"].blank() | {"message": "t2", "lifetime": lifetime})
    return build(START, step, END, edges="n1.continue>n2 n2.verified>n9 n2.failed>n9")


def test_a_code_goes_by_a_message_that_carries_one_and_says_how_long_it_holds():
    code = TemplateFacts("t2", "approved", ("code",), category="AUTHENTICATION", minutes=5)
    assert found(_code(), "lifetime", replace(FACTS, templates={"t2": code})) == []
    assert [f.field for f in found(_code(), "no_code", replace(FACTS, templates={"t2": replace(code, category="UTILITY")}))] == ["message"]
    (finding,) = found(_code(600), "lifetime", replace(FACTS, templates={"t2": code}))
    assert "expires in 5 minutes, and the step takes it for 10 minutes" in finding.text
    assert (finding.severity, finding.fix.command["data"]) == (Severity.WARNING, {"lifetime": 300})


# Settings


def test_what_a_flow_says_besides_its_steps_uses_only_what_is_known_there_and_in_a_zone_that_is():
    flow = build(START, question("n2"), END, edges="n1.continue>n2 n2.answered>n9 n2.otherwise>n9")
    flow = replace(flow, settings=Settings(exit_text="Bye {{contact.name}}, {{name}}", reprompt="Hi {{other}}", zone="Mars/Base"))
    told = {one.field: one.text for one in found(flow, "not_assigned")}
    assert told["exit_text"].startswith("What is said when somebody leaves uses “name”, which may have no value yet at You send it")
    assert "“other”, which nothing sets" in told["reprompt"]
    assert [one.field for one in found(flow, "unknown_zone")] == ["zone"]
    assert not found(flow, "unused")


# Messages


@pytest.mark.parametrize(
    ("given", "says"),
    [({"a": "x"}, []), ({}, ["“a” has no value yet"]), ({"a": "x", "b": "y"}, ["no “b” any more"]), ({"b": ""}, ["“a” has no value"])],
)
def test_a_step_fills_in_exactly_the_variables_of_its_message(given, says):
    step = ("n2", "message", {"text": "", "template": "t2", "parameters": given})
    flow = build(START, step, END, edges="n1.continue>n2 n2.next>n9")
    facts = replace(FACTS, templates={"t2": TemplateFacts("t2", "approved", ("a",))})
    assert [text in finding.text for finding, text in zip(found(flow, "parameters", facts), says, strict=True)] == [True] * len(says)


def test_an_initial_message_that_was_changed_under_the_flow_keeps_it_until_somebody_has_seen_it():
    flow, facts = build(START, END, edges="n1.continue>n9"), Facts(replace(TEMPLATE, changed="other words"))
    (finding,) = found(flow, "template_changed", facts)
    assert "changed at Meta" in finding.text and finding.is_error
    seen = apply(flow, finding.fix.command).flow
    assert found(seen, "template_changed", facts) == []
    assert found(seen, "template_changed", Facts(replace(TEMPLATE, changed="other words once more"))) != []


def test_a_variable_that_was_typed_half_is_told_with_its_field_wherever_it_stands():
    body = '{"a": {"b": "{{contact.name}}"}}'
    call = KINDS["http_request"].blank() | {"method": "POST", "url": "https://example.com/{{doc", "body": body}
    reminder = {"after": 3600, "text": "Still there, {{contact.name}?"}
    asked = question("n3")[2] | {"retry_text": "Again}}", "silence": {"reminders": [reminder]}}
    steps = ("n2", "http_request", call), ("n3", "open_question", asked)
    flow = build(START, *steps, END, edges="n1.continue>n2 n2.success>n3 n2.failure>n9 n3.answered>n9 n3.otherwise>n9 n3.no_reply>n9")
    flow = replace(flow, settings=replace(flow.settings, exit_text="Bye {{"))
    told = {(finding.node, finding.field) for finding in check(flow, FACTS) if finding.code == "unmatched_braces"}
    assert told == {("n2", "url"), ("n3", "retry_text"), ("n3", "silence"), (None, "exit_text")}
