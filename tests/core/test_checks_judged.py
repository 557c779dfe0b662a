"""The checks against brute force: what they say of a random flow is what walking every way through it shows."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import inf
from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowbuilder.core.checks import Facts, FlowFacts, TemplateFacts, check, pace
from flowbuilder.core.checks.branches import never_taken
from flowbuilder.core.checks.window import WINDOW
from flowbuilder.core.conditions import UNARY, holds
from flowbuilder.core.nodes import KINDS, assigns, ports
from flowbuilder.core.nodes.base import Stay
from flowbuilder.core.nodes.hand_over import FINISHED, NOBODY
from tests.core.proved_flows import MESSAGES, PROVIDERS, proved_flows, silent
from tests.core.strategies import NAMES, flows
from tests.core.test_checks import END, START, build, codes, question, walks

FACTS = Facts(TemplateFacts("t1", "approved", NAMES, "Go", "Stop"))
HOURS = st.sampled_from([3600 * hours for hours in (1, 8, 12, 16, 23, 24, 48)])


def passed(silence: float, stay: Stay, expires_after: int) -> float:
    """How long the person has been silent at most, once a run has left."""
    if stay.within is not None:
        return stay.within
    if stay.hears:
        return max(stay.after, silence + stay.unheard) if stay.unheard is not None else stay.after
    return silence + (min(expires_after, 23 * 3600) if stay.most is None else stay.most)


@given(flows(most=6, is_whole=True).flatmap(silent), HOURS)
@settings(deadline=None)
def test_a_step_is_outside_the_window_exactly_when_some_way_to_it_takes_so_long(flow, expires_after):
    flow = replace(flow, settings=replace(flow.settings, expires_after=expires_after))
    late = set()
    for steps, taken, _ in walks(flow):
        silence = inf
        for id, port in zip(steps, taken, strict=False):
            stay = KINDS[flow.nodes[id].kind].lasts(flow.nodes[id], port)
            silence = passed(silence, stay, expires_after)
        node = flow.nodes[steps[-1]]
        if any(silence + at >= WINDOW for at in KINDS[node.kind].speaks(node)):
            late.add(node.id)
    assert codes(flow, FACTS).get("outside_window", set()) == late


@given(flows(most=6, is_whole=True).flatmap(silent))
@settings(deadline=None)
def test_the_way_shown_for_a_late_message_is_one_on_which_it_is_late(flow):
    for finding in check(flow, FACTS):
        if finding.code != "outside_window":
            continue
        silence = inf
        for id, port, target in zip(finding.path, finding.through, finding.path[1:], strict=False):
            assert flow.edges[id, port] == target
            stay = KINDS[flow.nodes[id].kind].lasts(flow.nodes[id], port)
            silence = passed(silence, stay, flow.settings.expires_after)
        node = flow.nodes[finding.path[-1]]
        assert any(silence + at >= WINDOW for at in KINDS[node.kind].speaks(node))


MAY_END = (FINISHED, NOBODY)
"""Ways out of which the step itself knows what becomes of a conversation that is led nowhere."""
ORDERS = ("equals", "not_equals", "greater", "at_least", "less", "at_most", "is_empty", "is_filled")
VALUES = ("1", "2", "2.5")


def comparing(operator: str) -> st.SearchStrategy[dict[str, str]]:
    values = (*VALUES, "x") if operator in ("equals", "not_equals") else VALUES
    return st.fixed_dictionaries({"variable": st.sampled_from(("a", "b")), "operator": st.just(operator), "value": st.sampled_from(values)})


BRANCH = st.fixed_dictionaries(
    {"match": st.sampled_from(("all", "any")), "tests": st.lists(st.sampled_from(ORDERS).flatmap(comparing), min_size=1, max_size=3)}
)
BRANCHES = st.lists(BRANCH, min_size=1, max_size=3).map(lambda all: [one | {"id": f"b{at}"} for at, one in enumerate(all)])
NUMBERS = ("0", "1", "1.5", "2", "2.25", "2.5", "3")
ANYTHING = (*NUMBERS, "", "x", "“1”", "“2”", "“2.5”", "hello")


def taken(branches: list[dict], values: dict[str, str]) -> str:
    for one in branches:
        outcomes = [holds(test["operator"], values[test["variable"]], test["value"]) for test in one["tests"]]
        if (all if one["match"] == "all" else any)(outcomes):
            return one["id"]
    return "otherwise"


@given(
    BRANCHES,
    st.sampled_from((("number", NUMBERS), ("", ANYTHING), (("1", "x"), ("1", "x")))),
    st.sampled_from((("number", NUMBERS), ("", ANYTHING))),
)
@settings(deadline=None)
def test_a_branch_is_called_impossible_exactly_when_no_value_takes_it(branches, of_a, of_b):
    used = {test["variable"] for one in branches for test in one["tests"]}
    known = {name: values for name, values in (("a", of_a), ("b", of_b)) if name in used}
    unary = {name for name in used if all(test["operator"] in UNARY for test in asked(branches) if test["variable"] == name)}
    every_of = [[*many, ""] if name in unary else many for name, (_, many) in known.items()]
    every = [dict(zip(known, values, strict=True)) for values in product(*every_of)]
    seen = {taken(branches, values) for values in every}
    never = set(never_taken((branches, {name: kept for name, (kept, _) in known.items()})))
    assert never == {*(one["id"] for one in branches), "otherwise"} - seen


def asked(branches: list[dict]) -> list[dict]:
    return [test for one in branches for test in one["tests"]]


@given(BRANCHES)
@settings(deadline=None)
def test_what_another_variable_decides_is_never_called_impossible(branches):
    foreign = [one | {"tests": [test | {"value": "{{c}}"} for test in one["tests"]]} for one in branches]
    assume(not any(test["operator"] in UNARY for test in asked(branches)))
    assert never_taken((foreign, {"a": "", "b": ""})) == ()


PROVED = replace(FACTS, templates=MESSAGES, providers=PROVIDERS)


@given(proved_flows())
@settings(deadline=None, max_examples=60)
def test_taking_away_any_one_connection_of_a_proved_flow_makes_a_check_fail(flow):
    assert codes(flow, PROVED) == {}
    told = {(finding.code, finding.node) for finding in check(flow, PROVED)}
    for source, port in flow.edges:
        if next(one for one in ports(flow.nodes[source]) if one.id == port) in MAY_END:
            continue
        less = {place: target for place, target in flow.edges.items() if place != (source, port)}
        assert {(finding.code, finding.node) for finding in check(replace(flow, edges=less), PROVED)} - told


@given(proved_flows())
@settings(deadline=None, max_examples=60)
def test_taking_away_any_one_assignment_that_is_used_makes_a_check_fail(flow):
    read = {name for node in flow.nodes.values() for name in KINDS[node.kind].reads(node)}
    for id, node in flow.nodes.items():
        for name in {name for names in assigns(node).values() for name in names} & read:
            other = replace(node, data=otherwise(node.data, name))
            assert "not_assigned" in codes(replace(flow, nodes={**flow.nodes, id: other}), PROVED)


def otherwise(data: dict, name: str) -> dict:
    """The same step, which keeps under another name what it kept under this one."""
    outputs = [one | {"variable": "another"} if one["variable"] == name else one for one in data.get("outputs", [])]
    return {**data, "outputs": outputs} if outputs else {**data, "variable": "another"}


@given(flows(most=6, is_whole=True))
@settings(deadline=None, max_examples=60)
def test_too_many_steps_come_in_one_breath_exactly_when_some_way_has_so_many_without_an_answer(flow):
    longest = 0
    for steps, _, _ in walks(flow):
        waiting = [at for at, id in enumerate(steps[:-1]) if KINDS[flow.nodes[id].kind].waits]
        longest = max(longest, len(steps) - 1 - (waiting[-1] if waiting else 0))
    with patch.object(pace, "STEPS_MAX", 2):
        assert ("too_many_steps" in codes(flow, FACTS)) == (longest > 2)


FLOWS = ("f1", "f2", "f3", "f4")


@given(st.dictionaries(st.sampled_from(FLOWS), st.tuples(st.booleans(), st.sets(st.sampled_from(FLOWS), max_size=2)), max_size=4))
@settings(deadline=None)
def test_flows_that_follow_are_found_fault_with_exactly_when_walking_them_shows_it(others):
    flow = build(START, ("n2", "go_to_flow", {"flow": "f2", "values": []}), edges="n1.continue>n2")
    calls = {id: set(goes_to) if is_published else set() for id, (is_published, goes_to) in others.items()} | {"f1": {"f2"}}
    expected = "no_subflow" if "f2" not in others else "subflow_unpublished" if not others["f2"][0] else None
    if expected is None and runs_into_itself("f2", calls):
        expected = "subflow_circle"
    facts = {id: FlowFacts(id, id, is_published, tuple(calls[id])) for id, (is_published, _) in others.items()}
    found = codes(flow, replace(FACTS, flows=facts, id="f1")).keys()
    assert found == ({expected} if expected else set())


def runs_into_itself(flow: str, calls: dict[str, set[str]], before: tuple[str, ...] = ()) -> bool:
    return flow in before or any(runs_into_itself(one, calls, (*before, flow)) for one in calls.get(flow, ()))


@given(flows(most=6, is_whole=True), st.data())
@settings(deadline=None)
def test_a_question_replaces_an_answer_exactly_when_another_one_kept_it_on_some_way_there(flow, data):
    asking = [id for id, node in flow.nodes.items() if node.kind == "open_question"]
    for id in asking:
        more = {"variable": data.draw(st.sampled_from(("a", "b"))), "text": data.draw(st.sampled_from(("Who?", "who? ", "Where?")))}
        flow.nodes[id].data.update(more)

    def kept(id: str) -> set[str]:
        return {name for names in assigns(flow.nodes[id]).values() for name in names}

    def question(id: str) -> tuple[str, ...]:
        node = flow.nodes[id]
        return node.kind, node.data.get("answer", ""), " ".join(KINDS[node.kind].shows(node).casefold().split())

    def asks(id: str) -> bool:
        kind = KINDS[flow.nodes[id].kind]
        return kind.hears and not kind.is_start

    replacing: dict[str, set[str]] = {}
    for steps, taken, _ in walks(flow):
        before = [(id, name) for id, port in zip(steps, taken, strict=False) if asks(id) for name in assigns(flow.nodes[id]).get(port, ())]
        if asks(steps[-1]) and any(name in kept(steps[-1]) and question(id) != question(steps[-1]) for id, name in before):
            replacing.setdefault(flow.nodes[steps[-1]].data["variable"], set()).add(steps[-1])
    expected = {next(id for id in flow.nodes if id in ids): len(ids) - 1 for ids in replacing.values()}
    found = {finding.node: finding.text for finding in check(flow, FACTS) if finding.code == "replaced"}
    assert found.keys() == expected.keys()
    assert all((f" {more} more question" in found[id]) == (more > 0) for id, more in expected.items())


def test_a_diamond_is_no_circle():
    flow = build(
        START, question("n2"), ("n3", "message", {"text": "Left"}), ("n4", "message", {"text": "Right"}), END,
        edges="n1.continue>n2 n2.answered>n3 n2.otherwise>n4 n3.next>n9 n4.next>n9",
    )  # fmt: skip
    assert codes(flow, FACTS) == {}
