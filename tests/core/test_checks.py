from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from flowbuilder.core.checks import Facts, TemplateFacts, check, closing_cycle, verdict
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node, Settings
from flowbuilder.core.nodes import KINDS, assigns, ports
from flowbuilder.core.variables import BUILT_IN
from tests.core.strategies import flows

TEMPLATE = TemplateFacts("t1", "approved", ("a",), "Continue", "Cancel")
FACTS = Facts(TEMPLATE)


def errors(flow: Flow, facts: Facts | None = FACTS) -> tuple[Finding, ...]:
    return tuple(finding for finding in check(flow, facts) if finding.is_error)


def codes(flow: Flow, facts: Facts | None = FACTS) -> dict[str, set[str | None]]:
    found: dict[str, set[str | None]] = {}
    for finding in errors(flow, facts):
        found.setdefault(finding.code, set()).add(finding.node)
    return found


def walks(flow: Flow, start: str = "n0") -> list[tuple[list[str], list[str], bool]]:
    """By brute force: every way from the start, as steps, the ports taken, and whether it runs into itself."""
    found, open_ways = [], [([start], [])]
    while open_ways:
        steps, taken = open_ways.pop()
        found.append((steps, taken, len(set(steps)) < len(steps)))
        if len(set(steps)) == len(steps):
            for (source, port), target in flow.edges.items():
                if source == steps[-1]:
                    open_ways.append(([*steps, target], [*taken, port]))
    return found


@given(flows(most=6, is_forward=False))
@settings(deadline=None)
def test_reachable_steps_are_those_on_some_way(flow):
    on_some_way = {step for steps, _, _ in walks(flow) for step in steps}
    assert codes(flow).get("unreachable", set()) == flow.nodes.keys() - on_some_way


@given(flows(most=6, is_forward=False))
@settings(deadline=None)
def test_circles_are_found_exactly_where_a_way_runs_into_itself(flow):
    circular = any(runs_into_itself for start in flow.nodes for _, _, runs_into_itself in walks(flow, start))
    assert ("cycle" in codes(flow)) == circular


@given(flows(most=6))
@settings(deadline=None)
def test_no_way_stops_exactly_when_every_longest_way_ends_in_a_finish(flow):
    stopping = {"no_end", "not_connected"} & codes(flow).keys()
    reached = {step for steps, _, _ in walks(flow) for step in steps}
    stops = {id for id, node in flow.nodes.items() for port in ports(node) if port.must_lead and (id, port.id) not in flow.edges}
    found = codes(flow).get("no_end", set()) | codes(flow).get("not_connected", set())
    assert found == stops
    if not stopping:
        assert all(not ports(flow.nodes[steps[-1]]) or any(edge[0] == steps[-1] for edge in flow.edges) for steps, _, _ in walks(flow))
        assert any(not ports(flow.nodes[id]) for id in reached)


@given(flows(most=6, is_forward=False))
@settings(deadline=None)
def test_what_is_said_to_who_leaves_misses_a_variable_exactly_when_some_way_to_where_they_may_gives_it_no_value(flow):
    edges = {(id, "next" if id == "n0" else port): to for (id, port), to in flow.edges.items() if (id, port) not in NOT_OPENING}
    opening = Node("n0", "user_sends_it", KINDS["user_sends_it"].blank())
    flow = flow.with_(nodes=flow.nodes | {"n0": opening}, edges=edges, settings=Settings(exit_text="Bye {{b}}"))
    is_missed = False
    for steps, taken, _ in walks(flow):
        assigned = {name for step, port in zip(steps, taken, strict=False) for name in assigns(flow.nodes[step]).get(port, ())}
        is_missed |= len(steps) > 1 and KINDS[flow.nodes[steps[-1]].kind].waits and "b" not in assigned
    told = {(finding.node, finding.field) for finding in errors(flow) if finding.code == "not_assigned"}
    assert ((None, "exit_text") in told) == is_missed


NOT_OPENING = (("n0", "finish"), ("n0", "no_reply"))


@given(flows(most=6, is_forward=False))
@settings(deadline=None)
def test_a_variable_is_missed_exactly_where_some_way_gives_it_no_value(flow):
    missed = set()
    for steps, taken, _ in walks(flow):
        assigned = {"a"} | {name for step, port in zip(steps, taken, strict=False) for name in assigns(flow.nodes[step]).get(port, ())}
        last = flow.nodes[steps[-1]]
        missed |= {last.id for name in KINDS[last.kind].reads(last) if name not in assigned and name not in BUILT_IN}
    assert codes(flow).get("not_assigned", set()) == missed


@given(flows(most=6, is_forward=False))
@settings(deadline=None)
def test_every_path_shown_is_a_way_through_the_flow_from_its_start(flow):
    joined = {(source, target) for (source, _), target in flow.edges.items()}
    for finding in check(flow, FACTS):
        assert all(step in joined for step in pairwise(finding.path))
        assert finding.path[:1] in ((), ("n0",)) or len(finding.path) == 1 or finding.code == "cycle"
        assert finding.node is None or finding.node in finding.path


@given(flows(most=8, is_forward=False))
@settings(deadline=None)
def test_findings_are_sentences_without_ids(flow):
    for finding in check(flow, FACTS):
        assert finding.text.endswith(".")
        assert not {word.strip("“”.,:") for word in finding.text.split()} & flow.nodes.keys()


@given(flows(is_forward=False))
@settings(deadline=None)
def test_findings_are_the_same_however_the_file_is_ordered(flow):
    document = flow.to_json()
    shuffled = document | {"nodes": document["nodes"][::-1], "edges": document["edges"][::-1]}
    assert verdict(document, FACTS) == verdict(shuffled, FACTS)


def test_findings_go_from_the_start_to_the_end():
    steps = [(id, "message", {"text": ""}) for id in ("n10", "n3", "n2")]
    flow = build(START, *steps, END, edges="n1.continue>n10 n10.next>n3 n3.next>n2 n2.next>n9")
    assert [finding.node for finding in errors(flow, FACTS)] == ["n10", "n3", "n2"]


def build(*nodes: tuple[str, str, dict], edges: str = "") -> Flow:
    """``edges`` as "n1.continue>n2 n2.next>n3"."""
    joined = {}
    for one in edges.split():
        place, target = one.split(">")
        source, port = place.split(".")
        joined[source, port] = target
    return Flow("Flow", {id: Node(id, kind, data) for id, kind, data in nodes}, joined)


START = ("n1", "you_send_it", {"template": "t1"})
END = ("n9", "finish", {"outcome": "success"})


def question(id: str, text: str = "Name?", variable: str = "name") -> tuple[str, str, dict]:
    return id, "open_question", {"text": text, "answer": "text", "variable": variable, "tries": 2, "retry_text": ""}


def test_a_flow_in_order_has_no_findings():
    flow = build(START, ("n2", "message", {"text": "Hi {{a}} and {{contact.name}}"}), END, edges="n1.continue>n2 n2.next>n9")
    assert errors(flow, FACTS) == ()


def test_a_flow_without_a_start_says_so():
    assert codes(build(END)) == {"no_start": {None}}


def test_a_second_start_is_found():
    flow = build(START, ("n2", "you_send_it", {"template": "t1"}), END, edges="n1.continue>n9 n2.continue>n9")
    assert codes(flow) == {"two_starts": {"n2"}}


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (None, "no longer exists"),
        (TemplateFacts("other", "approved", (), "Go", "Stop"), "no longer exists"),
        (TemplateFacts("t1", "pending", (), "Go", "Stop"), "still in review"),
        (TemplateFacts("t1", "draft", (), "Go", "Stop"), "has not been sent to review"),
        (TemplateFacts("t1", "rejected", (), "Go", "Stop"), "rejected by Meta"),
        (TemplateFacts("t1", "disabled", (), "Go", "Stop"), "not approved"),
        (TemplateFacts("t1", "approved", (), "", ""), "no options for continuing"),
    ],
)
def test_an_initial_message_that_cannot_be_sent_is_told_with_its_cure(template, says):
    (finding,) = errors(build(START, END, edges="n1.continue>n9"), Facts(template))
    assert says in finding.text
    assert (finding.node, finding.field) == ("n1", "template")


def test_a_start_without_initial_message_asks_for_one():
    (finding,) = errors(build(("n1", "you_send_it", {}), END, edges="n1.continue>n9"), Facts())
    assert finding.code == "no_initial_message"
    assert "Create one" in finding.text


def test_without_facts_nothing_is_said_of_the_initial_message_or_its_variables():
    flow = build(START, ("n2", "message", {"text": "Hi {{first_name}}"}), END, edges="n1.continue>n2 n2.next>n9")
    assert errors(flow, None) == ()


def test_the_shortest_way_on_which_a_variable_has_no_value_is_shown():
    asked = "n1.continue>n2 n2.answered>n3 n2.otherwise>n4 n3.next>n4 n4.next>n9"
    flow = build(START, question("n2"), ("n3", "message", {"text": "Hi"}), ("n4", "message", {"text": "Bye {{name}}"}), END, edges=asked)
    (finding,) = errors(flow, FACTS)
    assert finding.code == "not_assigned"
    assert finding.path == ("n1", "n2", "n4")
    assert finding.text.startswith("Message “Bye {{name}}” uses “name”, which has no value yet")


def test_asking_whether_a_variable_is_empty_needs_no_value():
    test = {"variable": "name", "operator": "is_empty"}
    branches = [{"id": "b1", "label": "New", "match": "all", "tests": [test]}]
    flow = build(START, ("n2", "condition", {"branches": branches}), END, edges="n1.continue>n2 n2.b1>n9 n2.otherwise>n9")
    assert errors(flow, FACTS) == ()


def test_every_open_answer_is_named():
    data = {
        "style": "buttons",
        "text": "Which?",
        "options": [{"id": "o1", "title": "Red"}, {"id": "o2", "title": "Blue"}],
        "tries": 1,
        "retry_text": "",
    }
    flow = build(START, ("n2", "answer_options", data), END, edges="n1.continue>n2 n2.o1>n9")
    assert [finding.text for finding in errors(flow, FACTS)] == [
        "“Blue” of Answer options “Which?” leads nowhere. Connect it to a step.",
        "“Otherwise” of Answer options “Which?” leads nowhere. Connect it to a step.",
    ]


def test_the_option_for_finishing_may_lead_nowhere():
    assert errors(build(START, END, edges="n1.continue>n9"), FACTS) == ()


def test_a_circle_is_named_once_and_drawn_from_the_start():
    steps = [(f"n{at}", "message", {"text": f"M{at}"}) for at in (2, 3)]
    flow = build(START, *steps, question("n4"), END, edges="n1.continue>n2 n2.next>n3 n3.next>n4 n4.answered>n2 n4.otherwise>n9")
    (finding,) = errors(flow, FACTS)
    assert finding.path == ("n1", "n2", "n3", "n4", "n2")
    assert "Message “M2” → Message “M3” → Open question “Name?” → Message “M2”" in finding.text


def test_the_shortest_of_several_circles_is_drawn():
    way = "n1.continue>n2 n2.answered>n3 n2.otherwise>n4 n3.next>n5 n5.next>n2 n4.next>n2"
    flow = build(START, question("n2"), *[(id, "message", {"text": id.upper()}) for id in ("n3", "n4", "n5")], edges=way)
    assert [finding.path for finding in errors(flow, FACTS) if finding.code == "cycle"] == [("n1", "n2", "n4", "n2")]


def test_a_step_that_leads_to_itself_is_a_circle():
    flow = build(START, ("n2", "message", {"text": "Hi"}), edges="n1.continue>n2 n2.next>n2")
    assert [finding.path for finding in errors(flow, FACTS) if finding.code == "cycle"] == [("n1", "n2", "n2")]


def test_a_hundred_steps_in_a_row_pass_and_one_more_does_not():
    assert "too_many_steps" not in codes(_row(99))
    found = [finding for finding in check(_row(100), FACTS) if finding.code == "too_many_steps"]
    assert len(found) == 1
    assert found[0].path[0] == "n1"


def test_a_question_in_between_ends_the_row():
    row = _row(99)
    asked = {"m50": Node(*question("m50"))}
    edges = {place: target for place, target in row.edges.items() if place[0] != "m50"}
    longer = {("m98", "next"): "x", ("x", "next"): "n9", ("m50", "answered"): "m51", ("m50", "otherwise"): "m51"}
    flow = Flow("Flow", row.nodes | asked | {"x": Node("x", "message", {"text": "Hi"})}, edges | longer)
    assert "too_many_steps" not in codes(flow)


def _row(messages: int) -> Flow:
    steps = [(f"m{at}", "message", {"text": "Hi"}) for at in range(messages)]
    edges = [f"m{at}.next>m{at + 1}" for at in range(messages - 1)]
    return build(START, *steps, END, edges=" ".join(["n1.continue>m0", *edges, f"m{messages - 1}.next>n9"]))


def test_closing_cycle_gives_the_shortest_circle_or_nothing():
    flow = build(
        START, ("n2", "message", {"text": "A"}), ("n3", "message", {"text": "B"}), END, edges="n1.continue>n2 n2.next>n3 n3.next>n9"
    )
    assert closing_cycle(flow, "n3", "n1") == ("n3", "n1", "n2", "n3")
    assert closing_cycle(flow, "n2", "n2") == ("n2", "n2")
    assert closing_cycle(flow, "n1", "n9") is None
    assert closing_cycle(flow, "n1", "gone") is None


def test_the_verdict_on_what_is_no_flow_comes_from_the_schema():
    assert verdict({"schema": 1, "name": "A", "nodes": 3, "edges": []}, None).findings[0].code == "shape"
    assert verdict(build(START, END, edges="n1.continue>n9").to_json(), FACTS).errors == ()


def test_an_outbound_message_on_the_way_is_to_be_chosen_wherever_the_flow_is():
    flow = build(START, ("n2", "outbound_message", KINDS["outbound_message"].blank()), END, edges="n1.continue>n2 n2.otherwise>n9")
    assert "no_outbound" in codes(flow) and "no_outbound" in codes(flow, None)
